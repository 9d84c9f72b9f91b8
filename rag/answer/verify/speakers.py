"""Sentences that rest on the words of several people: each must stay with whom it belongs to.

What one said may not become what "defectors" said, what two are said to share must be in the words of both, and where a
sentence goes from one person to the next each part must rest on that person's own statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rag.answer.verify.align import CERTAIN, links
from rag.answer.verify.attribution import FIRST_HAND, Attribution, Told
from rag.answer.verify.lexicon import group
from rag.answer.verify.meanings import Meanings
from rag.answer.verify.names import Names
from rag.answer.verify.reading import Reading, Token
from rag.answer.verify.verdict import Failure

SHARED = 0.5  # of the content that two people are said to share, how much each one's statements must hold
AHEAD = 0.2  # by how much another person's statements may hold a part better


def merged(
    sentence: Reading, cited: Sequence[Told], attribution: Attribution, names: Names, meanings: Meanings
) -> Failure | None:
    """What is mixed up between several speakers; None where nothing is, or where only one speaks."""
    own: dict[str, list[Reading]] = {}
    for told in cited:
        if told.passage.type in FIRST_HAND:
            for person in attribution.speakers(told):
                own.setdefault(person, []).append(told.reading)
    if len(own) < 2:
        return None
    named = attribution.named(sentence) & own.keys()
    if not named:
        return Failure(
            kind="merged_speakers", detail="The sentence makes one voice of what several people said."
        )
    joint = sentence.words & group("joint") or _plural_subject(sentence, names, attribution)
    if joint and len(named) > 1:
        for person in sorted(named):
            if _held(sentence.tokens, own[person], meanings, names) < SHARED:
                return Failure(
                    kind="merged_speakers",
                    detail="What the sentence gives to several people, not all of them said.",
                )
        return None
    return _misplaced(sentence, own, names, meanings)


def _plural_subject(sentence: Reading, names: Names, attribution: Attribution) -> bool:
    """Whether two people are named with nothing but "and" between them: what follows is said of both."""
    people = names.persons(sentence)
    pairs = pairwise(people)
    return any(b[0] - a[1] == 1 and sentence.tokens[a[1]].word == "and" for a, b in pairs)


def _misplaced(
    sentence: Reading, own: Mapping[str, Sequence[Reading]], names: Names, meanings: Meanings
) -> Failure | None:
    people = [(start, ids & own.keys()) for start, _, ids in names.persons(sentence) if ids & own.keys()]
    for (start, ids), (end, _) in zip(
        people, [*people[1:], (len(sentence.tokens), frozenset())], strict=True
    ):
        part = sentence.tokens[start:end]
        mine = max(_held(part, own[p], meanings, names) for p in ids)
        others = [_held(part, own[p], meanings, names) for p in own if p not in ids]
        if others and max(others) > mine + AHEAD:
            return Failure(
                kind="merged_speakers", detail="The sentence gives to one person what another said."
            )
    return None


def _held(part: Sequence[Token], statements: Sequence[Reading], meanings: Meanings, names: Names) -> float:
    found = [x for x in links(Reading(text="", tokens=tuple(part)), statements, meanings) if x.weight]
    whole = sum(x.weight for x in found)
    return sum(x.weight * (x.score >= CERTAIN or x.score) for x in found) / whole if whole else 1.0
