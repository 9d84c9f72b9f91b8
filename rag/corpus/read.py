"""Reading corpus/: the only code that knows where its files lie and what they are called.

A mistake in a file becomes a `Problem` that names the file, the entry, the field and what to do; reading goes on
with the next entry, so that a curator sees all problems at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rag.data import from_yaml
from rag.model import (
    Asked,
    EditorialNote,
    Frozen,
    Passage,
    Person,
    Source,
    SourceFile,
    Statement,
    Support,
    Taxonomy,
    Term,
)

# The kinds of passage in which people tell their own story, or somebody tells it for them.
TOLD_BY_PEOPLE = ("testimony", "testimony_reported", "family_or_victim")
ASKED = "asked.jsonl"
FILES = ("people.yaml", "glossary.yaml", "taxonomy.yaml", "support.yaml", ASKED)
T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")
FILES_REMEMBERED = (
    256  # files whose reading is kept; who edits, ingests or removes reads the corpus again and again
)
_INNER = str.maketrans({"“": "‘", "”": "’", '"': "’", "„": "‚"})
_INNER_OPEN = re.compile(r'(?:(?<=[\s(\[])|^)"')


class Problem(Frozen):
    """Something wrong with the corpus, said to the person who can mend it."""

    file: str
    entry: str
    field: str
    what: str
    todo: str
    check: str = "schema"
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = ": ".join(x for x in (self.file, self.entry, self.field) if x)
        return f"{where}: {self.what}. {self.todo}"


class CorpusError(Exception):
    """The corpus cannot be used as it is; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        more = f" (and {len(problems) - 1} more: exitvoices corpus lint)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")


class Corpus(Frozen):
    """All of the corpus, resolved: look-ups by id, never None where the id came from the corpus itself."""

    version: str
    files: tuple[SourceFile, ...]
    people: tuple[Person, ...]
    terms: tuple[Term, ...]
    taxonomy: Taxonomy
    support: Support
    asked: tuple[Asked, ...] = ()

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        return {f.source.id: f.source for f in self.files}

    @cached_property
    def persons(self) -> Mapping[str, Person]:
        return {p.id: p for p in self.people}

    @cached_property
    def passages(self) -> Mapping[str, Passage]:
        return {p.id: p for f in self.files for p in f.passages}

    @cached_property
    def statements(self) -> Mapping[str, Statement]:
        return {s.id: s for p in self.passages.values() for s in p.cited()}

    @cached_property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """(words as they are shown, passage id) of every statement."""
        return tuple((self.quotation(s.id), s.passage) for s in self.statements.values())

    @cached_property
    def by_person(self) -> Mapping[str, tuple[str, ...]]:
        """Passage ids of each person, in corpus order."""
        found: dict[str, list[str]] = {p.id: [] for p in self.people}
        for passage in self.passages.values():
            for person in passage.people:
                found.setdefault(person, []).append(passage.id)
        return {k: tuple(v) for k, v in found.items()}

    @cached_property
    def tellers(self) -> frozenset[str]:
        """Ids of the insiders and relatives of whom some passage tells the story."""
        told = {
            p for passage in self.passages.values() if passage.type in TOLD_BY_PEOPLE for p in passage.people
        }
        return frozenset(p.id for p in self.people if p.voice in ("insider", "family") and p.id in told)

    @cached_property
    def questions(self) -> Mapping[str, tuple[Asked, ...]]:
        """The questions that each passage is known to answer: the curated ones in order, then strangers'."""
        answers = {(a.passage, a.question): a.answers for a in self.asked}
        found = {
            p.id: [Asked(passage=p.id, answers=answers.get((p.id, q), ()), question=q) for q in p.questions]
            for p in self.passages.values()
        }
        for asked in self.asked:
            if asked.passage in found and asked.question not in self.passages[asked.passage].questions:
                found[asked.passage].append(asked)
        return {name: tuple(questions) for name, questions in found.items()}

    def movements_of(self, passage: Passage) -> tuple[str, ...]:
        """The families of movements that a passage is about: its own where given, else its source's."""
        return passage.movements or self.sources[passage.source].movements

    def quotation(self, statement: str) -> str:
        """A statement as it is shown: one of a verbatim source in quotation marks, with whose words they are.

        Quotation marks inside become single ones, as in print. Raises KeyError for an id that the corpus lacks.
        """
        said = self.statements[statement]
        passage = self.passages[said.passage]
        source = self.sources[passage.source]
        if source.rendering == "account":
            return said.text
        who = ", ".join(self.persons[p].name for p in passage.people if p in self.persons) or source.title
        return f"{who}: “{_INNER_OPEN.sub('‘', said.text).translate(_INNER)}”"

    def passage_of(self, statement: str) -> Passage:
        """The passage that holds a statement. Raises KeyError where there is none of that id."""
        return self.passages[self.statements[statement].passage]

    def notes_of(self, passage: Passage) -> tuple[EditorialNote, ...]:
        return tuple(n for n in self.sources[passage.source].editorial_notes if n.id in passage.notes)

    def without(self, flags: Collection[str]) -> Corpus:
        """The same corpus less the passages that have one of these flags; sources and people stay."""
        kept = tuple(
            f.model_copy(
                update={"passages": tuple(p for p in f.passages if not set(flags).intersection(p.flags))}
            )
            for f in self.files
        )
        # Anew, not as a copy: a copy would take the look-ups along that were made already.
        return type(self).model_construct(
            version=self.version,
            files=kept,
            people=self.people,
            terms=self.terms,
            taxonomy=self.taxonomy,
            support=self.support,
            asked=self.asked,
        )

    def neighbours(self, passage_id: str) -> tuple[Passage | None, Passage, Passage | None]:
        """The passage with the one before and after it in its source."""
        order = [p for p in self.passages.values() if p.source == passage_id.partition("/")[0]]
        at = next(i for i, p in enumerate(order) if p.id == passage_id)
        return (order[at - 1] if at else None, order[at], order[at + 1] if at + 1 < len(order) else None)


def source_paths(root: Path) -> list[Path]:
    return sorted((root / "sources").glob("*.yaml"))


def source_id(path: Path) -> str:
    """The id on the card of a source file; empty where it has none or cannot be parsed."""
    try:
        data = from_yaml(path.read_text("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError):
        return ""
    card = data.get("source") if isinstance(data, dict) else None
    return str(card.get("id", "")) if isinstance(card, dict) else ""


def corpus_version(root: Path) -> str:
    """Twelve hex digits over the bytes of every corpus file, so that any edit is a new version."""
    digest = hashlib.sha256()
    for path in [*source_paths(root), *(root / name for name in FILES)]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def load_corpus(root: Path) -> Corpus:
    """The corpus under `root`. Raises CorpusError with every problem found when it is not usable."""
    corpus, problems = read_corpus(root)
    if corpus is None or problems:
        raise CorpusError(problems)
    return corpus


def read_corpus(root: Path) -> tuple[Corpus | None, list[Problem]]:
    """As much of the corpus as can be read, and what could not; None where nothing usable is left."""
    if not (root / "sources").is_dir():
        what = f"no corpus here: {root} has no folder 'sources'"
        return None, [
            Problem(file=str(root), entry="", field="", what=what, todo="Set EXITVOICES_CORPUS_DIR.")
        ]
    problems: list[Problem] = []

    def read(path: Path, reading: Callable[[Path, bytes | None], tuple[R, tuple[Problem, ...]]]) -> R:
        found, wrong = reading(Path(path.name), path.read_bytes() if path.is_file() else None)
        problems.extend(wrong)
        return found

    files = tuple(f for path in source_paths(root) if (f := read(path, _source_file)))
    people = read(root / "people.yaml", _people)
    terms = read(root / "glossary.yaml", _terms)
    taxonomy = read(root / "taxonomy.yaml", _taxonomy)
    support = read(root / "support.yaml", _support)
    asked = read(root / ASKED, _asked)
    if taxonomy is None or support is None:
        return None, problems
    corpus = Corpus(
        version=corpus_version(root),
        files=files,
        people=people,
        terms=terms,
        taxonomy=taxonomy,
        support=support,
        asked=asked,
    )
    return corpus, problems


# What follows reads one file from its name and bytes (None where it is missing), without a look at the disk: the same
# bytes give the same frozen values, so that a corpus of which one file changed is not read anew as a whole.


@lru_cache(maxsize=FILES_REMEMBERED)
def _source_file(path: Path, content: bytes | None) -> tuple[SourceFile | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    data = _load_yaml(path, content, problems)
    if not data:
        return None, tuple(problems)
    passages = []
    for n, raw in enumerate(data.get("passages") or [], 1):
        name = str(raw.get("id", f"passage {n}")) if isinstance(raw, dict) else f"passage {n}"
        passage = _validated(path, name, Passage, raw, problems)
        if passage is not None:
            passages.append(passage)
    whole = _validated(path, "", SourceFile, {**data, "passages": tuple(passages)}, problems)
    return whole, tuple(problems)


@lru_cache(maxsize=4)
def _people(path: Path, content: bytes | None) -> tuple[tuple[Person, ...], tuple[Problem, ...]]:
    return _entries(path, content, "people", Person)


@lru_cache(maxsize=4)
def _terms(path: Path, content: bytes | None) -> tuple[tuple[Term, ...], tuple[Problem, ...]]:
    return _entries(path, content, "terms", Term)


@lru_cache(maxsize=4)
def _taxonomy(path: Path, content: bytes | None) -> tuple[Taxonomy | None, tuple[Problem, ...]]:
    return _whole(path, content, Taxonomy)


@lru_cache(maxsize=4)
def _support(path: Path, content: bytes | None) -> tuple[Support | None, tuple[Problem, ...]]:
    return _whole(path, content, Support)


@lru_cache(maxsize=4)
def _asked(path: Path, content: bytes | None) -> tuple[tuple[Asked, ...], tuple[Problem, ...]]:
    """A corpus need not have this file: its curated questions do without."""
    problems: list[Problem] = []
    found = []
    for n, line in enumerate((content or b"").splitlines(), 1):
        try:
            found.append(Asked.model_validate(json.loads(line)))
        except (UnicodeDecodeError, json.JSONDecodeError, ValidationError):
            what = "not a question with its passage and the numbers of the statements that answer it"
            todo = 'Write {"passage": "source/p1", "answers": [1], "question": "…"} on one line.'
            problems.append(_problem(path, f"line {n}", "", what, todo))
    return tuple(found), tuple(problems)


def _entries(
    path: Path, content: bytes | None, key: str, kind: type[T]
) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    problems: list[Problem] = []
    found = []
    for n, raw in enumerate(_load_yaml(path, content, problems).get(key) or [], 1):
        name = str(raw.get("id", f"entry {n}")) if isinstance(raw, dict) else f"entry {n}"
        value = _validated(path, name, kind, raw, problems)
        if value is not None:
            found.append(value)
    return tuple(found), tuple(problems)


def _whole(path: Path, content: bytes | None, kind: type[T]) -> tuple[T | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    data = _load_yaml(path, content, problems)
    return (_validated(path, "", kind, data, problems) if data else None), tuple(problems)


def _load_yaml(path: Path, content: bytes | None, problems: list[Problem]) -> dict[str, Any]:
    if content is None:
        problems.append(_problem(path, "", "", "the file is missing", "Restore it from the last commit."))
        return {}
    try:
        data = from_yaml(content.decode("utf-8"))
    except UnicodeDecodeError as e:
        problems.append(_problem(path, "", "", f"not UTF-8 at byte {e.start}", "Save the file as UTF-8."))
        return {}
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        what = f"not readable as YAML: {getattr(e, 'problem', None) or e}"
        problems.append(_problem(path, where, "", what, "Check quotes, colons and indentation there."))
        return {}
    if not isinstance(data, dict):
        problems.append(
            _problem(path, "", "", "the file should be a mapping of fields", "Compare with another file.")
        )
        return {}
    return data


def _problem(path: Path, entry: str, field: str, what: str, todo: str) -> Problem:
    return Problem(file=path.name, entry=entry, field=field, what=what, todo=todo)


def _validated(path: Path, entry: str, kind: type[T], raw: object, problems: list[Problem]) -> T | None:
    try:
        return kind.model_validate(raw)
    except ValidationError as e:
        for error in e.errors(include_url=False):
            field = ".".join(str(x) for x in error["loc"])
            todo = {
                "missing": "Add the field.",
                "extra_forbidden": "Remove it or correct its name; the schema lists what is allowed.",
            }.get(error["type"], f"Found: {str(error.get('input'))[:80]!r}.")
            problems.append(_problem(path, entry, field, error["msg"], todo))
        return None
