"""A document as it was read: blocks of text in order, each with its place, and one text in which places can be found.

A place is checked, never believed: the text of every block is looked up again where its locator says that it is. In the
text a block is one line. Paragraphs are counted as its non-empty lines from 1 (CORPUS.md), pages end with a form feed,
and the line of a speech begins with its timecode.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from pydantic import Field

from rag.corpus.lint.originals import place_text
from rag.model import Frozen, Locator

Unit = Literal["paragraph", "page", "timecode"]
Format = Literal["pdf", "docx", "odt", "html", "epub", "markdown", "text", "vtt", "srt"]
BlockKind = Literal["text", "heading", "furniture"]


class Block(Frozen):
    """A paragraph, heading or speech. `why` tells what a block is that is no text of the document itself."""

    text: str
    kind: BlockKind = "text"
    why: str = ""
    page: int | None = None
    timecode: str | None = None
    speaker: str | None = None


class Hidden(Frozen):
    """Text that a reader of the document does not see; it is never part of its text."""

    text: str
    how: str
    where: str = ""


class Guesses(Frozen):
    """What the file says or suggests of itself; every one is a guess until a person confirms it."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    publisher: str | None = None
    url: str | None = None
    language: str | None = None


class Document(Frozen):
    """What a reader made of one file."""

    format: Format
    unit: Unit
    blocks: tuple[Block, ...]
    hidden: tuple[Hidden, ...] = ()
    guesses: Guesses = Guesses()
    warnings: tuple[str, ...] = Field((), description="What a person should know of how it was read.")

    @cached_property
    def text(self) -> str:
        """The text that locators refer to."""
        if self.unit == "page":
            last = max((b.page or 1 for b in self.blocks), default=1)
            pages: list[list[str]] = [[] for _ in range(last)]
            for block in self.blocks:
                pages[(block.page or 1) - 1].append(block.text)
            return "\n\f\n".join("\n".join(page) for page in pages) + "\n"
        return "".join(f"{self._line(b)}\n" for b in self.blocks)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def locator(self, number: int) -> Locator:
        """Where block `number` (from 0) stands."""
        block = self.blocks[number]
        if self.unit == "page":
            return Locator(page=block.page)
        if self.unit == "timecode":
            return Locator(timecode=block.timecode)
        return Locator(paragraph=number + 1)

    def _line(self, block: Block) -> str:
        if self.unit != "timecode":
            return block.text
        return f"{block.timecode} {f'{block.speaker}: ' if block.speaker else ''}{block.text}"


def stands_in(lines: Sequence[str], place: Locator, said: str) -> bool:
    """Whether a place of a text, given as its paragraphs, holds these words."""
    return " ".join(said.split()) in " ".join(place_text(lines, place).split())


def one_line(text: str) -> str:
    """Text as a block holds it: no line ends, single blanks, nothing at its ends."""
    return " ".join(text.split())
