"""Where in a passage the words stand that its flags speak of, so that a curator sees them in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from rag.ingest.draft import DraftPassage, FlagKind
from rag.model import Frozen

_MASK = re.compile(r"\[[a-z ]+ \d+\]")  # what rag.ingest.masks puts in the place of personal data
_FIRST: tuple[FlagKind, ...] = ("personal", "instruction", "care", "language", "length")


class Piece(Frozen):
    """Words of a statement; `kind` says what a flag took them for, empty where none did."""

    text: str
    kind: FlagKind | Literal["masked", ""] = ""
    label: str = ""


def marked(passage: DraftPassage) -> tuple[tuple[Piece, ...], ...]:
    """Each statement as pieces that join to it. Of flags that overlap, personal data comes first, then the longest."""
    return tuple(tuple(_pieces(s, passage)) for s in passage.statements)


def _pieces(statement: str, passage: DraftPassage) -> Iterator[Piece]:
    at = 0
    for start, end, kind, label in _spans(statement, passage):
        if start > at:
            yield Piece(text=statement[at:start])
        yield Piece(text=statement[start:end], kind=kind, label=label)
        at = end
    if at < len(statement):
        yield Piece(text=statement[at:])


def _spans(
    statement: str, passage: DraftPassage
) -> list[tuple[int, int, FlagKind | Literal["masked", ""], str]]:
    taken: list[tuple[int, int, FlagKind | Literal["masked", ""], str]] = [
        (m.start(), m.end(), "masked", m.group()) for m in _MASK.finditer(statement)
    ]
    flags = [f for f in passage.flags if f.words and f.state != "masked"]
    for flag in sorted(flags, key=lambda f: (_FIRST.index(f.kind), -len(f.words))):
        for found in re.finditer(rf"(?<!\w){re.escape(flag.words)}(?!\w)", statement):
            if all(found.end() <= start or found.start() >= end for start, end, _, _ in taken):
                taken.append((found.start(), found.end(), flag.kind, flag.label))
    return sorted(taken)
