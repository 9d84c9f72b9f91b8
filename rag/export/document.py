"""A document before it is Markdown, Word or PDF: a title, a language, and blocks of plain words.

Whoever lays out a document (a conversation, a pack) makes these values; the writers beside this module draw them.
Words are never markup here, so each writer escapes what its format needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from rag.model import Frozen


class Run(Frozen):
    """A stretch of words of one kind; `href` makes it a link."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str = ""


Runs = tuple[Run, ...]


class Heading(Frozen):
    type: Literal["heading"] = "heading"
    level: int = Field(ge=1, le=4)
    text: str


class Paragraph(Frozen):
    type: Literal["paragraph"] = "paragraph"
    runs: Runs
    look: Literal["plain", "lead", "small", "quote"] = "plain"


class Items(Frozen):
    """A list; `mark` is a bullet, a number, or an empty box to tick."""

    type: Literal["items"] = "items"
    items: tuple[Runs, ...]
    mark: Literal["bullet", "number", "box"] = "bullet"


class Table(Frozen):
    """A table with a header row. `widths` are parts of the text width; a `tall` row leaves room to write."""

    type: Literal["table"] = "table"
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    tall: bool = False


class Box(Frozen):
    """Blocks set apart in a frame, under a heading of their own where they have a title."""

    type: Literal["box"] = "box"
    blocks: tuple[Paragraph | Items | Heading, ...]
    look: Literal["plain", "warning", "help"] = "plain"


class NewPage(Frozen):
    """What follows begins a new page; `large` sets it in large print until the next."""

    type: Literal["page"] = "page"
    large: bool = False


Block = Heading | Paragraph | Items | Table | Box | NewPage


class Document(Frozen):
    title: str
    language: str = "en"
    subject: str = ""
    author: str = "Exit Voices"
    date: dt.date
    footer: str = ""
    blocks: tuple[Block, ...]


def words(text: str) -> Runs:
    return (Run(text=text),)


def labelled(label: str, text: str) -> Runs:
    """`Label: text` with the label in bold."""
    return (Run(text=f"{label}: ", bold=True), Run(text=text))


def paragraph(
    text: str | Sequence[Run], look: Literal["plain", "lead", "small", "quote"] = "plain"
) -> Paragraph:
    return Paragraph(runs=words(text) if isinstance(text, str) else tuple(text), look=look)


def flat(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks in reading order, those inside boxes too."""
    for block in blocks:
        yield block
        if isinstance(block, Box):
            yield from block.blocks


def plain_text(document: Document) -> str:
    """All words of a document in reading order, one block a line."""
    lines = [document.title]
    for block in flat(document.blocks):
        match block:
            case Heading():
                lines.append(block.text)
            case Paragraph():
                lines.append("".join(r.text for r in block.runs))
            case Items():
                lines += ["".join(r.text for r in item) for item in block.items]
            case Table():
                lines += [block.caption, *(" | ".join(row) for row in (block.header, *block.rows))]
    return "\n".join(lines)


def faults(document: Document) -> list[str]:
    """What would keep somebody with a screen reader from using the document; empty when nothing does."""
    found = []
    if not document.title.strip():
        found.append("the document has no title")
    if not document.language.strip():
        found.append("the document has no language")
    last = 0
    for block in flat(document.blocks):
        match block:
            case Heading():
                if not block.text.strip():
                    found.append("a heading has no words")
                if last == 0 and block.level != 1:
                    found.append(f"the first heading, “{block.text}”, is not of level 1")
                if block.level > last + 1 and last:
                    found.append(f"the heading “{block.text}” skips a level, from {last} to {block.level}")
                last = block.level
            case Table():
                if not block.caption.strip():
                    found.append("a table has no caption that says what it shows")
                if any(len(row) != len(block.header) for row in block.rows):
                    found.append(f"the table “{block.caption}” has rows of another length than its header")
                if len(block.widths) != len(block.header):
                    found.append(f"the table “{block.caption}” has not one width for each column")
            case Paragraph() | Items():
                runs = block.runs if isinstance(block, Paragraph) else [r for i in block.items for r in i]
                found += [f"the link to {r.href} has no words" for r in runs if r.href and not r.text.strip()]
    if last == 0:
        found.append("the document has no heading")
    return found
