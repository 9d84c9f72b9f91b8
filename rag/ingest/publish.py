"""From a reviewed draft to the corpus: one file, written when everything about it is in order, or not at all.

Nothing goes in that nobody decided on. The file is linted in its place; where lint finds an error in it, the corpus is
put back as it was. Then the index is built beside the current one and swapped (rag.index).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from rag.corpus import Problem, load_corpus
from rag.corpus.ids import TOMBSTONES, bury, locked_ids
from rag.corpus.lint import lint
from rag.embed import Progress
from rag.index import ensure_index, forget_vectors, remove_all
from rag.ingest.draft import Draft, DraftError, DraftPassage, Job
from rag.model import Frozen, SourceFile, digest_of
from rag.settings import Settings

_HEAD = "# yaml-language-server: $schema=../schema/source.json\n"
REQUIRED = {
    "title": "its title",
    "publisher": "who published it, or who holds it",
    "published": "when (2024, 2024-05 or 2024-05-17)",
    "url": "an address where the original, or whoever holds it, is found",
    "kind": "interview, research, journalism, court_record, government, memoir, talk, programme or review",
    "rights": "on what ground its words may be shown",
    "summary": "two sentences on what it is",
    "method": "how the testimony was obtained",
}


class Published(Frozen):
    """What went into the corpus, and the index that now answers from it."""

    source: str
    file: str
    passages: int
    left_out: int
    gone: tuple[str, ...]
    index: str
    warnings: tuple[str, ...]


class Lacks(Frozen):
    """What stands between a draft and its publication; all of it falsy when nothing does."""

    account: bool = Field(
        False, description="It is to be told in own words: a file is written from the worksheet."
    )
    open: int = 0
    empty: bool = Field(False, description="Every passage was left out.")
    fields: tuple[str, ...] = Field((), description="Fields of the card that are neither stated nor guessed.")

    def __bool__(self) -> bool:
        return bool(self.account or self.open or self.empty or self.fields)


def lacks(draft: Draft) -> Lacks:
    still = draft.count("open")
    return Lacks(
        account=draft.rendering == "account",
        open=still,
        empty=not still and not draft.count("accepted"),
        fields=tuple(f for f in REQUIRED if not stated(draft, f)),
    )


def missing(draft: Draft) -> tuple[str, ...]:
    """What a draft still needs before it can be published, in words for its curator."""
    found = lacks(draft)
    wants = []
    if found.account:
        wants.append(
            "statements in your own words: write the source file from the worksheet (exitvoices ingest worksheet)"
        )
    if found.empty:
        wants.append("a passage: all of them were left out")
    if found.open:
        number = f"{found.open} passage{'' if found.open == 1 else 's'}"
        wants.append(f"{number} to decide on (exitvoices ingest review {draft.id})")
    return (*wants, *(f"{field}: {REQUIRED[field]}" for field in found.fields))


def publish(
    settings: Settings, job: Job, draft: Draft, today: dt.date, progress: Progress = lambda done, total: None
) -> Published:
    """Puts a reviewed draft into the corpus and builds the index. Raises DraftError, leaving the corpus as it was."""
    wants = missing(draft)
    if wants:
        raise DraftError(f"'{draft.id}' is not ready. It needs {'; '.join(wants)}")
    made = source_file(draft, today)
    path = settings.corpus_dir / "sources" / f"{draft.id}.yaml"
    stones = settings.corpus_dir / TOMBSTONES
    before = {p: p.read_bytes() if p.is_file() else None for p in (path, stones)}
    corpus = load_corpus(settings.corpus_dir)
    if draft.id in corpus.sources and corpus.sources[draft.id].rendering == "account":
        raise DraftError(
            f"the corpus has an account with the id '{draft.id}'; ingest the file with another --id"
        )
    kept = {p.id for p in made.passages}
    gone = tuple(i for i, p in corpus.passages.items() if p.source == draft.id and i not in kept)
    try:
        for passage in gone:
            if passage in locked_ids(settings.corpus_dir):
                bury(settings.corpus_dir, passage, today)
        staged = path.with_suffix(".new")
        staged.write_text(as_yaml(made), "utf-8")
        staged.replace(path)
        problems = [p for p in lint(settings.corpus_dir, None, today) if _concerns(p, draft, path)]
        errors = [p for p in problems if p.severity == "error"]
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise DraftError(f"the corpus was left as it was: {errors[0]}{more}")
    except BaseException:
        for file, content in before.items():
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(content)
        raise
    if gone:
        remove_all(settings)
        forget_vectors(settings)
    index = ensure_index(settings, progress)
    with job.alone():  # building took a while: what was decided since stays
        job.save(job.load(draft.id).model_copy(update={"published": today.isoformat(), "changes": ()}))
    return Published(
        source=draft.id,
        file=str(path.relative_to(settings.corpus_dir)),
        passages=len(made.passages),
        left_out=len(made.left_out),
        gone=gone,
        index=index.name,
        warnings=tuple(str(p) for p in problems if p.severity == "warning"),
    )


def source_file(draft: Draft, today: dt.date) -> SourceFile:
    """The source file that a draft makes. Raises DraftError where a stated field is not of its form."""
    accepted = [p for p in draft.passages if p.state == "accepted"]
    card: dict[str, Any] = {f: stated(draft, f) for f in REQUIRED}
    authors = draft.card.get("authors")
    card |= {
        "id": draft.id,
        "authors": [a.strip() for a in authors.split(",")] if authors else list(draft.guesses.authors),
        "language": draft.card.get("language") or draft.guesses.language or "en",
        "rendering": draft.rendering,
        "locator_unit": draft.unit,
        "sha256": draft.text_sha256,
        "standing": draft.card.get("standing", "good"),
        "standing_note": draft.card.get("standing_note", ""),
        "standing_source": draft.card.get("standing_source", ""),
        "as_of": today.isoformat(),
    }
    passages = [
        {
            "id": p.id,
            "locator": p.locator,
            **{k: v for k, v in p.tags.model_dump().items() if v},
            "statements": p.statements,
            "reviewed": {"by": p.by, "on": p.on, "digest": digest_of(p.statements)},
        }
        for p in accepted
    ]
    try:
        return SourceFile.model_validate({"source": card, "left_out": _left_out(draft), "passages": passages})
    except ValidationError as e:
        error = e.errors(include_url=False)[0]
        where = ".".join(str(x) for x in error["loc"]).removeprefix("source.")
        raise DraftError(
            f"{where}: {error['msg']}; state it with: exitvoices ingest card {draft.id} FIELD=VALUE"
        ) from e


def as_yaml(file: SourceFile) -> str:
    """A source file as text for the corpus: every sentence on a line of its own, nothing that is empty."""
    data = file.model_dump(mode="json", exclude_defaults=True)
    data["source"]["standing"] = file.source.standing
    body = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=116)
    return _HEAD + body.replace("\npassages:", "\n\npassages:").replace("\nleft_out:", "\n\nleft_out:")


def worksheet(draft: Draft) -> str:
    """For an account: the passages with the original beside them, to be told in the curator's own words.

    It is no file of the corpus: statements are empty, and every guess is marked as one.
    """
    lines = [
        f"# Worksheet for {draft.id}, made from {draft.name}. The originals belong to their publisher: they stay here.",
        "# Write statements and questions by docs/curation.md, then save the file as corpus/sources/<id>.yaml without",
        "# the lines that begin with '#'. sha256 is that of text.txt beside this file (corpus lint --originals).",
        "source:",
        f"  id: {draft.id}",
        *(
            f"  {f}: {yaml.safe_dump(stated(draft, f) or '', allow_unicode=True, width=10_000).splitlines()[0]}"
            for f in REQUIRED
        ),
        f"  language: {draft.guesses.language or 'en'}",
        "  rendering: account",
        f"  locator_unit: {draft.unit}",
        f"  sha256: {draft.text_sha256}",
        "passages:",
    ]
    for p in draft.passages:
        if p.state == "left_out":
            continue
        place = p.locator.model_dump(exclude_defaults=True)
        lines += [
            f"  - id: {p.id}",
            f"    locator: {{{', '.join(f'{k}: {v}' for k, v in place.items())}}}",
            *(f"    # original: {s}" for s in p.statements),
            *(f"    # look at: {f.label}, {f.why}{f' ({f.words})' if f.words else ''}" for f in p.flags),
            *(f"    # suggested {k}: {', '.join(v)}" for k, v in p.suggested.model_dump().items() if v),
            "    type: context",
            "    people: []",
            "    statements: []",
            "    questions: []",
        ]
    return "\n".join(lines) + "\n"


def stated(draft: Draft, field: str) -> str | None:
    """A field of the card as a person stated it, else as it was guessed; None where it is neither."""
    guess = getattr(draft.guesses, field, None)
    return draft.card.get(field) or (str(guess) if guess else None)


def _left_out(draft: Draft) -> list[dict[str, Any]]:
    """Paragraphs without a passage, and parts of paragraphs; only for sources whose places are paragraphs."""
    if draft.unit != "paragraph":
        return []
    told = {p.block for p in draft.passages if p.state == "accepted"}
    found: dict[int, dict[str, Any]] = {}
    for o in draft.outside:
        part = {"part": "sentences that cannot be quoted"} if o.block in told else {}
        found.setdefault(o.block, {"paragraph": o.block + 1, **part, "reason": o.why or "no text"})
    for p in (p for p in draft.passages if p.state == "left_out"):
        part = {"part": _part(p)} if p.block in told else {}
        found.setdefault(p.block, {"paragraph": p.block + 1, **part, "reason": p.reason})
    return [found[n] for n in sorted(found)]


def _part(passage: DraftPassage) -> str:
    count = len(passage.original)
    return f"{count} sentence{'' if count == 1 else 's'}"


def _concerns(problem: Problem, draft: Draft, path: Path) -> bool:
    return problem.file == path.name or problem.entry.startswith(draft.id)
