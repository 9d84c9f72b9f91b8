"""What every check is given, and how it names what it found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from rag.corpus.ids import Tombstone
from rag.corpus.read import Corpus, Problem
from rag.data import from_yaml
from rag.model import Passage
from rag.text import words


@dataclass(frozen=True)
class Context:
    """A corpus under review. `originals` holds the paragraphs of each original text that is at hand."""

    corpus: Corpus
    directory: Path
    today: dt.date
    originals: Mapping[str, tuple[str, ...]]
    tombstones: Mapping[str, Tombstone]

    def accounts(self) -> Iterator[Passage]:
        """Passages in the curator's own words; those of a verbatim source are the publisher's."""
        return (
            p for p in self.corpus.passages.values() if self.corpus.sources[p.source].rendering == "account"
        )


Check = Callable[[Context], Iterator[Problem]]


def in_source(
    check: str,
    entry: str,
    field: str,
    what: str,
    todo: str,
    severity: Literal["error", "warning"] = "error",
) -> Problem:
    """A problem in the file of the source that `entry` (a source, passage or statement id) belongs to."""
    file = f"{entry.partition('/')[0]}.yaml"
    return Problem(file=file, entry=entry, field=field, what=what, todo=todo, check=check, severity=severity)


def words_of_names(corpus: Corpus) -> frozenset[str]:
    """Folded words of people's names; not of those that only describe ("boy (unnamed)")."""
    return frozenset(w for p in corpus.people if "(" not in p.name for w in words(p.name) if len(w) > 2)


@cache
def data(name: str) -> Any:
    """A YAML file of rag/data, read once."""
    return from_yaml(resources.files("rag.data").joinpath(name).read_text("utf-8"))
