"""Whether a text says a nugget, by its words: numbers, negation and sentence bounds are read.

The words decide; the meaning (cosine of sentence vectors) is a second opinion, and how often the two disagree is
reported, since neither is the truth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from evals.cases import Nugget
from rag.text import fold, numbers, stem, words

SENTENCES_TOGETHER = 2  # a fact may be told over this many sentences in a row
REACH = 4  # words before a match within which a negation turns it round
NEGATIONS = frozenset(
    "no not never none nobody nothing neither nor without cannot hardly unable refused denied denies".split()
)
WEAKENING = frozenset("almost nearly hardly next".split())
REMEMBERED = (
    100_000  # pairs of words and sentence: one nugget is sought again and again in neighbouring sentences
)
ONLY_DIGITS = re.compile(r"[\d.,]+")
CLAUSE = re.compile(r"[,;:–—]|\b(?:but|although|though|while|whereas)\b")


class Said(StrEnum):
    WHOLLY = "wholly"
    PARTLY = "partly"
    DENIED = "denied"
    NOT = "not"


def said(nugget: Nugget, sentences: Sequence[str]) -> Said:
    """How far the sentences say the nugget; `DENIED` where its words are there but turned round by a negation."""
    best = Said.NOT
    negative = _has_negation(nugget.text) or any(_has_negation(a) for group in nugget.must for a in group)
    for start in range(max(1, len(sentences) - SENTENCES_TOGETHER + 1)):
        window = sentences[start : start + SENTENCES_TOGETHER]
        found = [[_found(group, s) for s in window] for group in nugget.must]
        if all(any(row) for row in found):
            if negative or not any(_denied(group, window) for group in nugget.must):
                return Said.WHOLLY
            best = Said.DENIED
        elif best is Said.NOT and any(any(row) for row in found):
            best = Said.PARTLY
    return best


def recall(nuggets: Sequence[Nugget], sentences: Sequence[str], *, vital: bool) -> float | None:
    """Share of the nuggets (only the vital ones, or all) that are said wholly; None where there are none to say."""
    wanted = [n for n in nuggets if n.vital or not vital]
    if not wanted:
        return None
    return sum(said(n, sentences) is Said.WHOLLY for n in wanted) / len(wanted)


def _found(group: Sequence[str], sentence: str) -> bool:
    return any(spot(alternative, sentence) is not None for alternative in group)


@lru_cache(maxsize=REMEMBERED)
def spot(alternative: str, sentence: str) -> int | None:
    """Where an alternative stands in a sentence, as an offset into its folded text; None where it does not."""
    wanted, text = fold(alternative), fold(sentence)
    if ONLY_DIGITS.fullmatch(wanted):
        if not numbers(wanted) & numbers(sentence):
            return None
        at = text.find(wanted)
        return max(at, 0)
    match = re.search(rf"(?<!\w){re.escape(wanted)}", text)
    if match:
        return match.start()
    if wanted.isalpha():
        root = stem(wanted)
        for word in re.finditer(r"[^\W_]+", text):
            if stem(word.group()) == root:
                return word.start()
    return None


def _denied(group: Sequence[str], window: Sequence[str]) -> bool:
    """Whether every place where the sentences hold a group stands shortly after a negation in its clause."""
    places = [
        CLAUSE.split(fold(sentence)[:at])[-1].split()[-REACH:]
        for sentence in window
        for alternative in group
        if (at := spot(alternative, sentence)) is not None
    ]
    return all(_has_negation(" ".join(before)) for before in places)


def _has_negation(text: str) -> bool:
    """Whether a negation stands in a text; "almost no" is little, which is no denial."""
    found = words(text)
    return any(
        (w in NEGATIONS or w.endswith("n't")) and not (n and found[n - 1] in WEAKENING)
        for n, w in enumerate(found)
    )
