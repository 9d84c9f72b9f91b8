"""One run of `exitvoices ingest`: every file to a draft, one after the other, and a report of all of them.

A draft is written when its file is done, so a run that was stopped goes on where it stood: a file whose bytes were read
before is not read again. One bad file never stops the rest; the report says what was wrong with it.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from rag.corpus import Corpus, load_corpus
from rag.corpus.ids import tombstones
from rag.ingest.draft import Draft, DraftError, DraftPassage, Job, Jobs, Tags
from rag.ingest.gather import Found, gather
from rag.ingest.isolated import read_safely
from rag.ingest.limits import DEFAULT, Limits, Unreadable
from rag.ingest.make import Maker
from rag.ingest.twins import Signature, near_twins, signature
from rag.ingest.update import updated, without_removed
from rag.model import Frozen, Passage
from rag.settings import Settings

Progress = Callable[[int, int], None]
Outcome = Literal["drafted", "updated", "unchanged", "failed"]


class FileReport(Frozen):
    """What became of one file."""

    name: str
    outcome: Outcome
    source: str = ""
    error: str = ""
    format: str = ""
    passages: int = 0
    left_out: int = 0
    personal: int = 0
    care: int = 0
    instructions: int = 0
    hidden: int = 0
    language: str = ""
    near_twin: str = ""
    changes: Mapping[str, int] = {}
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


class Report(Frozen):
    """What became of a run. Written as JSON beside the drafts."""

    job: str
    files: tuple[FileReport, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(f.outcome == outcome for f in self.files)


def ingest(
    settings: Settings,
    paths: Sequence[Path],
    *,
    job: str | None = None,
    source: str | None = None,
    rendering: Literal["verbatim", "account"] = "verbatim",
    card: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Reads files, folders and archives into drafts. Raises DraftError for a call that makes no sense, CorpusError.

    `source` names the source where there is one file; `card` holds what the operator states about all of them.
    """
    corpus = load_corpus(settings.corpus_dir)
    here = Jobs(settings).job(job or slug(paths[0].resolve().name))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    done: list[FileReport] = []
    with tempfile.TemporaryDirectory(prefix="ingest-", dir=settings.data_dir) as staging:
        files = list(gather(list(paths), Path(staging), limits))
        if source is not None and len(files) != 1:
            raise DraftError(f"--id names one source, but there are {len(files)} files; leave it out")
        if source is not None and slug(source) != source:
            raise DraftError(f"'{source}' cannot be the id of a source: small letters, digits and hyphens")
        work = _Run(settings, corpus, here, rendering, dict(card or {}), limits)
        for n, file in enumerate(files):
            progress(n, len(files))
            done.append(work.take(file, source))
        progress(len(files), len(files))
    twins = near_twins(work.signatures)
    for name, (other, share) in twins.items():
        said = f"{other} ({share:.0%} alike)"
        with here.alone():
            draft = here.load(name)
            if draft.near_twin != said:
                here.save(draft.model_copy(update={"near_twin": said}))
    done = [f.model_copy(update={"near_twin": twins[f.source][0]}) if f.source in twins else f for f in done]
    report = Report(job=here.name, files=tuple(done))
    here.write_report(report.model_dump_json(indent=1))
    return report


class _Run:
    def __init__(
        self,
        settings: Settings,
        corpus: Corpus,
        job: Job,
        rendering: Literal["verbatim", "account"],
        card: dict[str, str],
        limits: Limits,
    ) -> None:
        self._settings, self._corpus, self._job = settings, corpus, job
        self._rendering, self._card, self._limits = rendering, card, limits
        self._maker = Maker(corpus)
        self._stones = tombstones(settings.corpus_dir)
        self._drafts = {d.name: d for d in map(job.load, job.sources())}
        elsewhere = {
            s for n in Jobs(settings).names() if n != job.name for s in Jobs(settings).job(n).sources()
        }
        self._taken = elsewhere
        self.signatures: dict[str, Signature] = {
            s: signature(job.text(s)) for s in sorted(d.id for d in self._drafts.values())
        }

    def take(self, file: Found, source: str | None) -> FileReport:
        """One file to its draft; whatever is wrong with it is in the report."""
        start = time.perf_counter()
        try:
            if file.path is None:
                raise Unreadable(file.error)
            report = self._draft(file.name, file.path, source)
        except (Unreadable, DraftError) as e:
            report = FileReport(name=file.name, outcome="failed", error=str(e))
        except OSError as e:
            report = FileReport(name=file.name, outcome="failed", error=f"it cannot be read ({e.strerror})")
        return report.model_copy(update={"seconds": round(time.perf_counter() - start, 2)})

    def _draft(self, name: str, path: Path, wanted: str | None) -> FileReport:
        if path.stat().st_size > self._limits.file_bytes:
            size = path.stat().st_size
            raise Unreadable(
                f"the file has {size:,} bytes, the most is {self._limits.file_bytes:,}; split it"
            )
        with path.open("rb") as f:
            digest = hashlib.file_digest(f, "sha256").hexdigest()
        before = self._drafts.get(name)
        if before is not None and before.file_sha256 == digest and (wanted or before.id) == before.id:
            return _told(before, "unchanged")
        source = before.id if before is not None else self._id(name, wanted)
        if source in self._stones:
            raise DraftError(
                f"the source '{source}' was removed on {self._stones[source].removed_on}; it stays out"
            )
        document = read_safely(path, self._limits)
        with self._job.alone():
            if before is not None:
                before = self._job.load(source)  # with what was decided while this run went on
            draft, key = self._maker.draft(
                source,
                name,
                digest,
                document,
                rendering=self._rendering,
                card={**(before.card if before else {}), **self._card},
                key=self._job.key(source) if before is not None else None,
            )
            draft = without_removed(draft, self._stones)
            old = before.passages if before is not None else self._published(source)
            if old:
                draft = updated(draft, old)
            self._job.save(draft, text=document.text, key=key)
        self._drafts[name] = draft
        self.signatures[source] = signature(document.text)
        return _told(draft, "updated" if old else "drafted")

    def _id(self, name: str, wanted: str | None) -> str:
        """A free id: that of the call, or made from the file's name."""
        if wanted is not None:
            other = next((d.name for d in self._drafts.values() if d.id == wanted), None)
            if other or wanted in self._taken:
                raise DraftError(f"'{wanted}' is the draft of another file ({other or 'another job'})")
            return wanted
        stem = re.sub(r"\.\w+$", "", name)
        ids = {d.id for d in self._drafts.values()} | self._taken
        ids |= {s.id for s in self._corpus.sources.values() if s.rendering == "account"}
        base = slug(stem)
        options = (base, f"{base}-{slug(name.rpartition('.')[2])}", *(f"{base}-{n}" for n in range(2, 1000)))
        return next(o for o in options if o not in ids)

    def _published(self, source: str) -> tuple[DraftPassage, ...]:
        """What the corpus holds of a source whose draft is gone."""
        card = self._corpus.sources.get(source)
        if card is None or card.rendering != "verbatim":
            return ()
        return tuple(_from_corpus(p) for p in self._corpus.passages.values() if p.source == source)


def slug(name: str) -> str:
    """A name as an id: small ASCII letters and digits with hyphens, at most sixty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "document"


def _from_corpus(passage: Passage) -> DraftPassage:
    reviewed = passage.reviewed
    return DraftPassage(
        id=passage.id,
        locator=passage.locator,
        block=0,
        original=passage.statements,
        statements=passage.statements,
        tags=Tags(**{f: getattr(passage, f) for f in Tags.model_fields}),
        state="accepted",
        by=reviewed.by if reviewed else "",
        on=reviewed.on if reviewed else "",
    )


def _told(draft: Draft, outcome: Outcome) -> FileReport:
    flags = [f for p in draft.passages for f in p.flags]
    changes: dict[str, int] = {}
    for change in draft.changes if outcome == "updated" else ():
        changes[change.what] = changes.get(change.what, 0) + 1
    return FileReport(
        name=draft.name,
        outcome=outcome,
        source=draft.id,
        format=draft.format,
        passages=len(draft.passages),
        left_out=len(draft.outside),
        personal=sum(f.kind == "personal" for f in flags),
        care=sum(f.kind == "care" for f in flags),
        instructions=sum(f.kind == "instruction" for f in flags)
        + sum(bool(h.instruction) for h in draft.hidden),
        hidden=len(draft.hidden),
        language=draft.guesses.language or "",
        changes=changes,
        warnings=draft.warnings,
    )
