"""The ids that were ever given out (`ids.lock`) and those that were taken back (`tombstones.yaml`).

An id of the lock never stands for anything else again, so that a citation in somebody's essay never changes its
meaning: it is found, or it is said to have been removed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from rag.corpus.read import Corpus, CorpusError, Problem, load_corpus
from rag.data import from_yaml
from rag.model import Frozen, IsoDate

LOCK = "ids.lock"
TOMBSTONES = "tombstones.yaml"
LOCK_HEAD = (
    "# Every id of a source, passage or statement that was ever given out. Nothing is taken off this list.\n"
)
TOMBSTONES_HEAD = "# Ids that were removed. Nothing else is kept of them, and no id is used a second time.\n"


class Tombstone(Frozen):
    """That something was removed and when; never what it was or why."""

    id: str
    removed_on: IsoDate


def person_stone(person: str) -> str:
    """The id under which a removed person is remembered: ids of people are made of names, so it is only their hash."""
    return f"person:{hashlib.sha256(person.encode()).hexdigest()[:16]}"


def given_ids(corpus: Corpus) -> set[str]:
    """The ids of the corpus that other people may cite."""
    return {*corpus.sources, *corpus.passages, *corpus.statements}


def parents(given: str) -> Iterator[str]:
    """The id itself, then what it is part of: statement, passage, source."""
    yield given
    if "#" in given:
        yield given.partition("#")[0]
    if "/" in given:
        yield given.partition("/")[0]


def locked_ids(corpus_dir: Path) -> frozenset[str]:
    """The ids of the lock; none where the corpus was never released."""
    path = corpus_dir / LOCK
    if not path.is_file():
        return frozenset()
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def lock_ids(corpus_dir: Path) -> frozenset[str]:
    """Adds every id of the corpus to the lock and returns those that were new. Raises CorpusError."""
    before = locked_ids(corpus_dir)
    now = given_ids(load_corpus(corpus_dir))
    text = LOCK_HEAD + "".join(f"{i}\n" for i in sorted(before | now))
    (corpus_dir / LOCK).write_text(text, "utf-8")
    return frozenset(now - before)


def tombstones(corpus_dir: Path) -> dict[str, Tombstone]:
    """The tombstones by id. Raises CorpusError when the file cannot be understood."""
    path = corpus_dir / TOMBSTONES
    if not path.is_file():
        return {}
    try:
        data = from_yaml(path.read_text("utf-8")) or {}
        stones = TypeAdapter(list[Tombstone]).validate_python(data["tombstones"] or [])
    except (yaml.YAMLError, ValidationError, KeyError, TypeError) as e:
        problem = Problem(
            file=TOMBSTONES,
            entry="",
            field="tombstones",
            what=f"not a list of id and removed_on ({' '.join(str(e).split())[:120]})",
            todo="Restore the file from the last commit.",
        )
        raise CorpusError([problem]) from e
    return {s.id: s for s in stones}


def bury(corpus_dir: Path, removed: str, day: dt.date) -> Tombstone:
    """Puts up a tombstone; one that stands already keeps its date."""
    stones = tombstones(corpus_dir)
    stone = stones.setdefault(removed, Tombstone(id=removed, removed_on=day.isoformat()))
    lines = [
        f"  - id: {s.id}\n    removed_on: '{s.removed_on}'\n"
        for s in sorted(stones.values(), key=lambda s: s.id)
    ]
    (corpus_dir / TOMBSTONES).write_text(f"{TOMBSTONES_HEAD}tombstones:\n{''.join(lines)}", "utf-8")
    return stone
