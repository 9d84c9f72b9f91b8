"""Where sentences end. Together the sentences are the text again, but for the blanks between them.

A full stop ends a sentence unless it stands after an abbreviation, an initial or a number that goes on; the next
sentence begins with a capital, a digit, a quotation mark or a letter of a script without capitals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

BUDGET = 220  # tokens of a passage: about 160 words, a screen's height of text
MOST = 6  # statements of a passage (rag.model.Passage)
LONGEST = 1200  # letters of one sentence that can still be quoted; a longer one is no sentence
_END = re.compile(r"(?:[.!?…]+|[؟。！？])[\"”’»)\]]*(?=\s)")
_NEXT = re.compile(r"\s+[\"“‘«(\[¿¡—–-]*\s?(?:[A-Z0-9À-ÖØ-ÞĀŞİĞÇÖÜ]|[^\x00-\u024f]|i['’]?[mdv]?\b)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"‘])(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Capt|Sgt|Maj|Rev|Hon|St|Sr|Jr|Ph\.D|M\.D|vs|etc|cf|al|ed|eds|p|"
    r"pp|vol|no|No|fig|Fig|e\.g|i\.e|approx|ca|dept|Dept|Gov|Sen|Rep|Pres|Inc|Ltd|Corp|Co|Jan|Feb|Mar|Apr|Jun|Jul|Aug|"
    r"Sep|Sept|Oct|Nov|Dec|[A-Z]|(?:[A-Z]\.)+[A-Z]|bzw|z\.B|d\.h|u\.a|Nr|Hr|Fr|M|Mme|Mlle)\.$"
)
# Initials that end a sentence all the same: "He went to the U.S. The".
_SENTENCE_OPENERS = re.compile(
    r"\s+[\"“]?(?:The|He|She|They|It|In|But|And|We|I|This|That|There|When|After|His|Her)\b"
)


class Span(NamedTuple):
    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """The sentences of one paragraph, in order, without the blanks between them."""
    spans: list[Span] = []
    start = len(text) - len(text.lstrip())
    for end in _END.finditer(text):
        if end.start() < start or not _NEXT.match(text, end.end()):
            continue
        stop = end.group()[0]
        before = text[max(start, end.start() - 12) : end.start() + 1]
        if stop == "." and len(end.group().rstrip('"”’»)]')) == 1 and _ABBREVIATION.search(before):
            initials = re.search(r"(?:[A-Z]\.){2,}$", before)
            if not (initials and _SENTENCE_OPENERS.match(text, end.end())):
                continue
        spans.append(Span(start, end.end()))
        start = end.end() + len(text[end.end() :]) - len(text[end.end() :].lstrip())
    if text[start:].strip():
        spans.append(Span(start, start + len(text[start:].rstrip())))
    return spans


def grouped(text: str, spans: Sequence[Span]) -> list[list[Span]]:
    """Sentences in groups that fit a passage, evenly filled so that no last one is left over alone."""
    sizes = [tokens(text[s.start : s.end]) for s in spans]
    count = max(1, -(-len(spans) // MOST), -(-sum(sizes) // BUDGET))
    share = sum(sizes) / count
    groups: list[list[Span]] = []
    filled = 0
    for span, size in zip(spans, sizes, strict=True):
        full = not groups or len(groups[-1]) >= MOST or filled + size > BUDGET or filled + size / 2 > share
        if full:
            groups.append([])
            filled = 0
        groups[-1].append(span)
        filled += size
    return groups


def tokens(text: str) -> int:
    """About how many tokens a language model counts: four letters each, and no fewer than words. Costs nothing."""
    return max(len(text.split()), -(-len(text) // 4))
