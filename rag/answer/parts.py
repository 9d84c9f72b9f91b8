"""A question of several parts taken apart: each part is looked up, and found answerable or not, by itself.

By rule, without a model: several questions in a row, clauses joined by "and" that each have a question word, and
comparisons of two groups, people or countries. What none of the rules fits stays one question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.link import MEN, WOMEN, Mentions
from rag.text import content_words, words

MOST_PARTS = 4
ASKING = r"(?:why|how|what|who|whom|whose|when|where|which|did|do|does|is|are|was|were|has|have|had|can|could)"
JOINED = re.compile(rf"\s*(?:,\s*)?\b(?:and|but|as well as)\s+(?:also\s+)?(?={ASKING}\b)", re.IGNORECASE)
STARTS = re.compile(rf"^\W*(?:and\s+|but\s+|also\s+)*{ASKING}\b", re.IGNORECASE)
COMPARES = re.compile(
    r"\b(?:compar\w+|differ\w*|versus|vs\.?|contrast\w*|alike|similar\w*|unlike|both|more than|same)\b",
    re.IGNORECASE,
)
PAIR = re.compile(
    r"\b(?:between\s+)?(?P<a>(?:the\s+)?[^\W\d_][\w'’-]*(?:\s[A-Z][\w'’-]*)?)\s+"
    r"(?:and|with|to|or|versus|vs\.?|from)\s+(?P<b>(?:the\s+|of\s+(?:the\s+)?)?[^\W\d_][\w'’-]*(?:\s[A-Z][\w'’-]*)?)"
)
OPENER = re.compile(
    r"^\W*(?:please\s+|can you\s+|could you\s+)?(?:compare|contrast)\s+|"
    r"^\W*(?:what(?:'s| is| are| were)?\s+)?(?:the\s+)?(?:main\s+)?(?:differences?|similarit(?:y|ies))\s+(?:between\s+)?|"
    r"^\W*(?:how|in what way)\s+(?:do|did|does)\s+(?=.*\b(?:differ|compare)\b)",
    re.IGNORECASE,
)
CLOSER = re.compile(
    r"\s*\b(?:differ(?:ed|s)?|compare|different(?:ly)?|(?:in|for) (?:the )?(?:same|different) (?:ways?|reasons?))\b\W*$",
    re.IGNORECASE,
)


def split(question: str, mentions: Callable[[str], Mentions]) -> tuple[str, ...]:
    """The parts of a question, at most four; the question itself, alone, where it has one part."""
    compared = _compared(question, mentions)
    if compared:
        return compared
    pieces = [p.strip() for p in re.split(r"(?<=\?)\s+", question) if p.strip()]
    parts = [part for piece in pieces for part in _clauses(piece)]
    if not 2 <= len(parts) <= MOST_PARTS or not all(_asks(p) for p in parts):
        return (question,)
    return tuple(f"{p.rstrip(' ?.!,;')}?" for p in parts)


def _clauses(piece: str) -> list[str]:
    cut = JOINED.split(piece)
    return [c.strip() for c in cut] if len(cut) > 1 and all(_asks(c) for c in cut) else [piece]


def _asks(part: str) -> bool:
    """Whether a part is a question by itself: a question word at its head and something that it asks about."""
    return bool(STARTS.match(part)) and len(content_words(part)) >= 1 and len(words(part)) >= 3


def _compared(question: str, mentions: Callable[[str], Mentions]) -> tuple[str, ...]:
    """ "Compare why men and women went" as two questions; nothing where no pair of a kind is compared."""
    if not COMPARES.search(question):
        return ()
    for pair in PAIR.finditer(question):
        a, b = pair["a"], re.sub(r"^of\s+", "", pair["b"])
        if _kind(a, mentions) and _kind(a, mentions) == _kind(b, mentions) and a.lower() != b.lower():
            start, end = question[: pair.start()], question[pair.end() :]
            return tuple(_part(start, side, end) for side in (a, b))
    return ()


def _part(start: str, side: str, end: str) -> str:
    bare = CLOSER.sub("", OPENER.sub("", f"{start}{side}{end}".strip()).rstrip(" ?.!"))
    bare = re.sub(r"\b(?:both|respectively)\b\s*", "", bare).strip(" ,;:")
    return f"{bare[:1].upper()}{bare[1:]}?"


def _kind(side: str, mentions: Callable[[str], Mentions]) -> str:
    """What is compared: a gender, a person, a country, a group or a place; empty for anything else."""
    said = [w.removesuffix("'s").removesuffix("s'") for w in words(side)]
    if set(said) & ({*MEN, "males", "husbands"} - {"he", "him", "his"}):
        return "gender"
    if set(said) & ({*WOMEN, "females"} - {"she", "her"}):
        return "gender"
    found = mentions(side)
    kinds: Sequence[tuple[str, tuple[str, ...]]] = (
        ("person", found.persons), ("country", found.countries), ("group", found.groups), ("place", found.places),
    )  # fmt: skip
    return next((kind for kind, names in kinds if names), "")
