"""Which blocks of a document are not its text: navigation, forms, notices, headings, references, repetitions.

Each is told with its reason and listed as left out; nothing is thrown away, and a curator can take a block back in. The
lines that pages say around a text are data (phrases.yaml); they count only where a line is as short as such lines are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from rag.data import from_yaml
from rag.ingest.document import Block, Document
from rag.text import fold, words

_TERMINAL = re.compile(r"[.!?…؟。][\"”’»)\]*\d]*$|[:;,،]$")
_SECTION = re.compile(
    r"(?:\d+\.?\s*)?(references|bibliography|works cited|literature( cited)?|notes|endnotes|footnotes|sources|"
    r"literatur(verzeichnis)?|bibliographie|bibliografia|referencias|further reading)\s*:?",
)
_YEAR = re.compile(r"\(?\b(?:19|20)\d\d[a-z]?\b\)?")
_CITED = re.compile(
    r"https?://|\bdoi\b|\bISBN\b|\bpp?\. ?\d|\bvol\. ?\d|\bRetrieved\b|\bAccessed\b|\bAvailable (?:at|from|online)\b|\bEds?\.\)"
    r"|\b\d+\s?\(\d+\)|\bet al\b|\b[A-Z][\w'’-]+, (?:[A-Z]\. ?)+|\bPress\b|\bJournal\b|\(n\.d\.\)",
)
_STAGE = re.compile(r"[(\[][^\W\d_]+(?:[ ,]+[^\W\d_]+){0,3}[.!]?[)\]]")  # "(Applause)", "[Music fades out]"
_MARKED = re.compile(r"#{1,6}\s+\S")  # a heading of Markdown, also in a plain text
_BOX = 9  # words up to which an unpunctuated line can be a heading
_REPEATED = 5  # words from which a repeated paragraph is a repetition and not a refrain ("Yes.")


class _Phrase(NamedTuple):
    reason: str
    most: int
    form: re.Pattern[str]


def cleaned(document: Document) -> tuple[Block, ...]:
    """The blocks of a document, those that are no text of it as furniture or headings, each with the reason."""
    blocks = [_judged(b) for b in document.blocks]
    blocks = _without_headings(blocks)
    blocks = _without_references(blocks)
    return tuple(_without_repetitions(blocks, document))


def _judged(block: Block) -> Block:
    if block.kind == "furniture":
        return block
    why = furniture(block.text)
    return block.model_copy(update={"kind": "furniture", "why": why}) if why else block


def furniture(line: str) -> str:
    """What a line is, where it belongs to the page and not to the text; empty where it does not."""
    plain = " ".join(fold(line).split()).strip(" *|·•»›>-")
    size = len(plain.split())
    if not re.search(r"[^\W\d_]", plain):
        return "no words"
    for phrase in _phrases():
        if size <= phrase.most and phrase.form.fullmatch(plain):
            return phrase.reason
    if _STAGE.fullmatch(line.strip()):
        return "stage direction"
    if re.fullmatch(r"(?:https?://|www\.)\S+", plain):
        return "address of a page"
    return ""


@cache
def _phrases() -> tuple[_Phrase, ...]:
    text = resources.files("rag.ingest").joinpath("phrases.yaml").read_text("utf-8")
    return tuple(
        _Phrase(p["reason"], p["most_words"], re.compile(p["lines"].replace("\n", "")))
        for p in from_yaml(text)
    )


def _without_headings(blocks: Sequence[Block]) -> list[Block]:
    """Headings by their markup, or short lines without an end before a longer paragraph; they state nothing."""
    told: list[Block] = []
    for n, block in enumerate(blocks):
        if block.kind == "heading" or (block.kind == "text" and _MARKED.match(block.text)):
            told.append(block.model_copy(update={"kind": "heading", "why": block.why or "heading"}))
            continue
        if block.kind == "text" and block.timecode is None and not block.speaker:
            after = [len(b.text.split()) for b in blocks[n + 1 : n + 7] if b.kind != "furniture"]
            size = len(block.text.split())
            title = n < 8 and not any(b.kind == "text" for b in told) and size <= 30
            short = size <= _BOX or (size <= 16 and _capitals(block.text) > 0.6) or title
            follows = bool(after) and (max(after) if title else after[0]) > size
            # A title may be a question, and the line below it may end with somebody's degree.
            own_end = title and (block.text.endswith("?") or _capitals(block.text) > 0.6)
            ended = _TERMINAL.search(block.text) and not own_end
            if short and follows and not ended and block.text[:1] not in "-•*–\"“‘'":
                block = block.model_copy(update={"kind": "heading", "why": "heading"})
        told.append(block)
    return told


def _capitals(text: str) -> float:
    long = [w for w in re.findall(r"[^\W\d_]+", text) if len(w) > 3]
    return sum(w[0].isupper() for w in long) / len(long) if long else 0.0


def _without_references(blocks: Sequence[Block]) -> list[Block]:
    """The list of references, from its heading on as long as lines look like references."""
    told = list(blocks)
    n = 0
    while n < len(told):
        if _SECTION.fullmatch(fold(told[n].text).strip()) and told[n].timecode is None:
            last = n
            for m in range(n + 1, len(told)):
                if _is_reference(told[m].text):
                    last = m
                elif m - last > 3:
                    break
            if last > n:
                for m in range(n, last + 1):
                    if told[m].kind != "furniture":
                        told[m] = told[m].model_copy(
                            update={"kind": "furniture", "why": "list of references"}
                        )
            n = last
        n += 1
    return told


def _is_reference(text: str) -> bool:
    return len(text) < 600 and bool(_YEAR.search(text) or "http" in text) and bool(_CITED.search(text))


def _without_repetitions(blocks: Sequence[Block], document: Document) -> list[Block]:
    seen: dict[str, int] = {}
    told: list[Block] = []
    for n, block in enumerate(blocks):
        key = " ".join(words(block.text))
        if block.kind == "text" and len(key.split()) >= _REPEATED:
            first = seen.setdefault(key, n)
            if first != n:
                why = f"repeats {document.locator(first)}"
                block = block.model_copy(update={"kind": "furniture", "why": why})
        told.append(block)
    return told
