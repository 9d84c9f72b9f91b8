"""Who may be one person under two names: what editors of the corpus hold, told where it is asked and where it matters.

An account must never count twice because its teller stands in two sources, and two people must not be merged by guess:
so only links that the corpus records are told, with how sure they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus import Corpus

ONE_PERSON = re.compile(
    r"\b(?:same|identical|one)\s+(?:person|man|woman|guy|girl|boy|lad|bloke|dude|individual|human|speaker|witness|fighter)\b|"
    r"\bone and the same\b|\b(?:is|are|was|were)\b.*\b(?:the same (?:as|one)\b|(?:the same|identical)\s*\?)|"
    r"\b(?:alias|aka|a\.k\.a\.|also (?:known|called)|(?:an)?other names?|(?:two|both|different) names?)\b",
    re.IGNORECASE,
)
SURE = {
    "certain": "is the same person as",
    "probable": "is probably, not certainly, the same person as",
    "possible": "is possibly, not certainly, the same person as",
}


def asks_whether_one(question: str) -> bool:
    """Whether a question asks if two names belong to one person."""
    return bool(ONE_PERSON.search(question))


def links(people: Sequence[str], corpus: Corpus, *, certain: bool = False) -> tuple[str, ...]:
    """One sentence a pair: which of these people (ids) may be somebody who appears under another name.

    Links that are certain are told only if wanted: elsewhere both names are taken for one person anyway.
    """
    told: dict[frozenset[str], str] = {}
    for person in (corpus.persons[p] for p in people if p in corpus.persons):
        for link in person.same_as:
            other = corpus.persons.get(link.person)
            if other is not None and (certain or link.confidence != "certain"):
                told.setdefault(
                    frozenset((person.id, other.id)),
                    f"{person.name} {SURE[link.confidence]} {other.name} of another source.",
                )
    return tuple(told.values())
