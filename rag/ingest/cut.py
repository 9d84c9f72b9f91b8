"""Passages from blocks: whole sentences up to the budget, each with its id and a place that is looked up again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.corpus.lint.originals import paragraphs
from rag.ingest.document import Block, Document, stands_in
from rag.ingest.readers.plain import without_speaker
from rag.ingest.sentences import LONGEST, grouped, sentences
from rag.model import Locator


class Cut(NamedTuple):
    """One passage to be: sentences of one block, and where they stand."""

    id: str
    locator: Locator
    block: int
    speaker: str | None
    sentences: tuple[str, ...]


class Uncut(NamedTuple):
    """A block, or sentences of one, that cannot be a passage, and why."""

    block: int
    text: str
    why: str


def cut(source: str, document: Document, blocks: Sequence[Block]) -> Iterator[Cut | Uncut]:
    """Passages of the blocks that are text, in order, and what of them cannot be one."""
    pieces: list[tuple[int, tuple[str, ...]]] = []
    refused: list[Uncut] = []
    for n, block in enumerate(blocks):
        if block.kind != "text":
            continue
        text = without_speaker(block) if document.unit == "paragraph" else block.text
        spans = sentences(text)
        short = [s for s in spans if s.end - s.start <= LONGEST]
        for span in spans:
            if span not in short:
                why = f"no sentence ends within {LONGEST} letters, so that nothing of it could be quoted"
                refused.append(Uncut(n, text[span.start : span.end][:500], why))
        for group in grouped(text, short) if short else ():
            pieces.append((n, tuple(text[s.start : s.end] for s in group)))
    stems = [_stem(document, n) for n, _ in pieces]
    shared = Counter(stems)
    used: Counter[str] = Counter()
    places = {n: document.locator(n) for n in {n for n, _ in pieces}}
    looked_up = _Places(document)
    for (n, said), stem in zip(pieces, stems, strict=True):
        suffix = _letters(used[stem], shared[stem]) if shared[stem] > 1 else ""
        used[stem] += 1
        if not all(looked_up.holds(places[n], s) for s in said):
            refused.append(
                Uncut(n, " ".join(said)[:500], f"the text is not found again in its place ({places[n]})")
            )
            continue
        yield Cut(f"{source}/{stem}{suffix}", places[n], n, blocks[n].speaker, said)
    yield from refused


class _Places:
    """Looking up places one by one without going through the whole text for each."""

    def __init__(self, document: Document) -> None:
        self._lines = paragraphs(document.text)
        self._pages = document.text.split("\f")
        self._by_time: dict[str, list[str]] = defaultdict(list)
        if document.unit == "timecode":
            for line in self._lines:
                self._by_time[line.partition(" ")[0]].append(line)

    def holds(self, place: Locator, said: str) -> bool:
        if place.paragraph is not None:
            return stands_in(self._lines[place.paragraph - 1 : place.paragraph], Locator(paragraph=1), said)
        if place.page is not None:
            return stands_in([self._pages[place.page - 1]], Locator(page=1), said)
        return stands_in(self._by_time[str(place.timecode)], place, said)


def _stem(document: Document, n: int) -> str:
    place = document.locator(n)
    if place.paragraph is not None:
        return f"p{place.paragraph}"
    if place.page is not None:
        return f"pg{place.page}"
    hours, minutes, seconds = str(place.timecode).split(":")
    return f"t{int(hours) * 3600 + int(minutes) * 60 + int(float(seconds))}"


def _letters(n: int, count: int) -> str:
    """The n-th of `count` suffixes, all of one length so that their order is that of the alphabet."""
    width = 1
    while 26**width < count:
        width += 1
    letters = ""
    for _ in range(width):
        letters = chr(ord("a") + n % 26) + letters
        n //= 26
    return letters
