"""The draft of a source: what was read, what a curator should look at, what was decided. Never part of the corpus.

It lies under data_dir/ingest/<job>/<source>/ in files that only their owner can read: `text.txt` (what locators refer to),
`draft.json`, `key.json` (which pseudonym stands for whom) and `log.jsonl` (who decided what, and when).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from rag.ingest.document import Format, Guesses, Hidden, Unit
from rag.model import Flag, Frozen, Locator, PassageType
from rag.settings import Settings
from rag.text import says

VERSION = 1
State = Literal["open", "accepted", "left_out"]
FlagKind = Literal["personal", "care", "instruction", "language", "length"]


class DraftError(Exception):
    """What was asked of a draft cannot be done; the message says why and what to do."""


class DraftFlag(Frozen):
    """Something to look at. `mask` is what is proposed in the place of personal data."""

    kind: FlagKind
    label: str
    why: str
    words: str = ""
    mask: str = ""
    state: Literal["open", "masked", "kept"] = "open"
    by: str = ""


class Suggested(Frozen):
    """Guesses for a curator; none of them is in the corpus before the passage is accepted with it."""

    people: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    motives: tuple[str, ...] = ()
    disillusionment: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class Tags(Frozen):
    """What a curator decided about a passage."""

    type: PassageType = "context"
    people: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    motives: tuple[str, ...] = ()
    disillusionment: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()


class DraftPassage(Frozen):
    id: str
    locator: Locator
    block: int = Field(description="Which block of the document it was cut from, from 0.")
    speaker: str | None = None
    original: tuple[str, ...] = Field(description="Its sentences as they stand in the document.")
    statements: tuple[str, ...] = Field(description="The same as they would be shown: masked, or edited.")
    flags: tuple[DraftFlag, ...] = ()
    suggested: Suggested = Suggested()
    tags: Tags = Tags()
    state: State = "open"
    reason: str = ""
    by: str = ""
    on: str = ""
    edited: bool = False
    before: tuple[str, ...] = Field((), description="Its sentences in the version reviewed before this one.")

    @property
    def text(self) -> str:
        return " ".join(self.statements)

    @property
    def unsettled(self) -> tuple[DraftFlag, ...]:
        return tuple(f for f in self.flags if f.state == "open")


class Outside(Frozen):
    """A block that is no passage: where it stands, and why it was left out."""

    place: str
    block: int
    text: str
    why: str


class HiddenFind(Frozen):
    hidden: Hidden
    instruction: str = Field("", description="Why it is taken for words to a machine; empty where it is not.")


class Change(Frozen):
    """How a passage differs from the version that was drafted before."""

    id: str
    what: Literal["new", "changed", "gone", "moved"]
    before: str = ""
    after: str = ""


class Draft(Frozen):
    version: int = VERSION
    id: str
    name: str
    file_sha256: str
    format: Format
    unit: Unit
    text_sha256: str
    rendering: Literal["verbatim", "account"]
    guesses: Guesses
    card: dict[str, str] = Field(
        default_factory=dict, description="Fields of the source card as stated by a person."
    )
    passages: tuple[DraftPassage, ...]
    outside: tuple[Outside, ...] = ()
    hidden: tuple[HiddenFind, ...] = ()
    warnings: tuple[str, ...] = ()
    near_twin: str = ""
    changes: tuple[Change, ...] = ()
    published: str = ""

    def count(self, state: State) -> int:
        return sum(p.state == state for p in self.passages)

    def passage(self, wanted: str) -> DraftPassage:
        """Raises DraftError for an id that the draft does not have."""
        for passage in self.passages:
            if passage.id == wanted:
                return passage
        raise DraftError(f"'{wanted}' is no passage of this draft; see: exitvoices ingest show {self.id}")

    def beside(self, passage: str) -> tuple[str | None, str | None]:
        """The ids before and after a passage, as the document has them. Raises DraftError."""
        at = self.passages.index(self.passage(passage))
        before = self.passages[at - 1].id if at else None
        return before, self.passages[at + 1].id if at + 1 < len(self.passages) else None

    def next_open(self, after: str = "") -> DraftPassage | None:
        """The first open passage behind one, from the start again at the end; None where nothing is open."""
        ids = [p.id for p in self.passages]
        start = ids.index(after) + 1 if after in ids else 0
        return next((p for p in (*self.passages[start:], *self.passages[:start]) if p.state == "open"), None)

    def with_passage(self, changed: DraftPassage) -> Draft:
        return self.model_copy(
            update={"passages": tuple(changed if p.id == changed.id else p for p in self.passages)}
        )


class Jobs:
    """All drafts on this machine, by job and source."""

    def __init__(self, settings: Settings) -> None:
        self.root = settings.data_dir / "ingest"

    def names(self) -> list[str]:
        return sorted(p.name for p in self.root.iterdir() if p.is_dir()) if self.root.is_dir() else []

    def there(self) -> bool:
        """Whether there is any draft at all."""
        return any(self.root.glob("*/*/draft.json"))

    def job(self, name: str) -> Job:
        """The job of that name, made when something is written. Raises DraftError for a name that is no folder's."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", name):
            raise DraftError(f"'{name}' cannot be the name of a job: small letters, digits and hyphens")
        return Job(self.root / name)

    def drafts(self) -> Iterator[tuple[Job, Draft]]:
        for name in self.names():
            job = self.job(name)
            for source in job.sources():
                yield job, job.load(source)

    def find(self, wanted: str) -> tuple[Job, Draft]:
        """The job and draft that hold a source or passage. Raises DraftError."""
        source = wanted.partition("/")[0]
        for name in self.names():
            job = self.job(name)
            if source in job.sources():
                return job, job.load(source)
        known = ", ".join(s for n in self.names() for s in self.job(n).sources()) or "none"
        raise DraftError(f"there is no draft of '{source}'; there is: {known}")

    def forget(self, source: str) -> int:
        """Deletes every draft of a source with its text and key; how many there were. For takedown."""
        gone = 0
        for name in self.names():
            job = self.job(name)
            if source in job.sources():
                with job.alone():
                    shutil.rmtree(job.folder / source)
                gone += 1
            job.forget_reports()
        return gone

    def naming(self, names: Collection[str]) -> list[str]:
        """Ids of the sources whose drafts or texts say one of these names."""
        folders = [p.parent for p in self.root.glob("*/*/draft.json")]
        return sorted(
            folder.name
            for folder in folders
            if any(
                says(path.read_text("utf-8", errors="replace"), names)
                for path in folder.iterdir()
                if path.is_file()
            )
        )


class Job:
    """One folder of drafts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until nobody else, in this process or another, changes a draft of this job, and keeps them out.

        Who writes a draft reads it inside: what was decided before is then part of what is written.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def sources(self) -> list[str]:
        return sorted(p.parent.name for p in self.folder.glob("*/draft.json"))

    def load(self, source: str) -> Draft:
        """Raises DraftError where there is none, or it was made by another version."""
        path = self.folder / source / "draft.json"
        try:
            return Draft.model_validate_json(path.read_bytes())
        except FileNotFoundError as e:
            raise DraftError(f"there is no draft of '{source}' in the job '{self.name}'") from e
        except ValidationError as e:
            raise DraftError(f"the draft of '{source}' cannot be read; ingest its file again") from e

    def text(self, source: str) -> str:
        return (self.folder / source / "text.txt").read_bytes().decode("utf-8")

    def key(self, source: str) -> dict[str, str]:
        """Which mask stands for which words."""
        path = self.folder / source / "key.json"
        return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}

    def save(self, draft: Draft, *, text: str | None = None, key: dict[str, str] | None = None) -> None:
        """Writes a draft; whatever interrupts this leaves the version before."""
        if text is not None:
            self._write(draft.id, "text.txt", text)
        if key is not None:
            self._write(draft.id, "key.json", json.dumps(key, ensure_ascii=False, indent=1, sort_keys=True))
        self._write(draft.id, "draft.json", draft.model_dump_json(exclude_defaults=True, indent=1))

    def log(self, source: str, by: str, what: str, passage: str = "", detail: str = "") -> None:
        """One line on who decided what; never the words that a decision took out."""
        line = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "by": by, "what": what}
        line |= {k: v for k, v in (("passage", passage), ("detail", detail)) if v}
        path = self.folder / source / "log.jsonl"
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as f:
            f.write(json.dumps(line, ensure_ascii=False) + "\n")

    def logged(self, source: str) -> list[dict[str, Any]]:
        path = self.folder / source / "log.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []

    def write_report(self, text: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / "report.json"
        _private(path, text)
        return path

    def forget_reports(self) -> None:
        (self.folder / "report.json").unlink(missing_ok=True)

    def _write(self, source: str, name: str, text: str) -> None:
        folder = self.folder / source
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _private(folder / name, text)


def _private(path: Path, text: str) -> None:
    """Replaces a file at once by one that only its owner can read; line ends stay as they are."""
    staged = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
        f.write(text.encode("utf-8", "replace"))
        f.flush()
        os.fsync(f.fileno())
    staged.replace(path)
