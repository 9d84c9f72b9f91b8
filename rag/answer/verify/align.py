"""Which word of the cited statements each word of a sentence says again, and how nearly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.verify.lexicon import group
from rag.answer.verify.meanings import Meanings
from rag.answer.verify.reading import Reading, Token

CERTAIN = 0.8  # from here two words count as the same word
KIN = 0.9  # of words with a common beginning: "recruit", "recruiter", "recruitment"
SHORTEST_KIN = 5


@dataclass(frozen=True, slots=True)
class Link:
    """A content word of the sentence with its best counterparts, which may stand in several places."""

    token: Token
    score: float
    weight: float
    spots: tuple[tuple[int, int], ...]
    """(statement, token) of every counterpart that is as good as the best."""


def links(sentence: Reading, cited: Sequence[Reading], meanings: Meanings) -> tuple[Link, ...]:
    """One link a content word of the sentence, in order; words that only frame a claim and names are left out."""
    found = []
    for token in sentence.content:
        if token.word in group("frame") or token.word in group("retracted"):
            continue  # the doubt that a source's standing asks for need not stand in its statements
        scored = [
            (_alike(token, other, meanings), n, at)
            for n, reading in enumerate(cited)
            for at, other in enumerate(reading.tokens)
            if other.content or other.word == token.word
        ]
        best = max((s for s, _, _ in scored), default=0.0)
        spots = tuple((n, at) for s, n, at in scored if s == best and s > 0)
        # Names are checked apart; who tells a thing must not count as a thing that is told.
        weight = (
            0.0
            if token.capital and not meanings.known(token.word)
            else 0.25 + 0.75 * meanings.rarity(token.word)
        )
        found.append(Link(token=token, score=best, weight=weight, spots=spots))
    return tuple(found)


def _alike(one: Token, other: Token, meanings: Meanings) -> float:
    if one.root == other.root or one.word == other.word:
        return 1.0
    a, b = one.word, other.word
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if shared >= SHORTEST_KIN and shared >= 0.6 * max(len(a), len(b)):
        return KIN
    if one.capital or other.capital:
        return 0.0
    return 0.85 * meanings.nearness(a, b)
