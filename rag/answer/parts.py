"""A question of several parts taken apart: each part is looked up, and found answerable or not, by itself.

By rule, without a model: several questions in a row, clauses joined by "and" that each have a question word, and
comparisons of two groups, people or countries. What none of the rules fits stays one question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rag.answer.decide import Ruling, Signals, decide
from rag.answer.evidence import Candidate
from rag.answer.identity import asks_whether_one
from rag.link import MEN, WOMEN, Mentions
from rag.retrieve import Found
from rag.text import content_words, words

MOST_PARTS = 4
ASKING = (
    r"(?:why|how|what|who|whom|whose|when|where|which|did|do|does|is|are|was|were|has|have|had|can|could)"
)
JOINED = re.compile(rf"\s*(?:,\s*)?\b(?:and|but|as well as)\s+(?:also\s+)?(?={ASKING}\b)", re.IGNORECASE)
AND = re.compile(r"^\W*(?:and|but|also)\s+", re.IGNORECASE)
STARTS = re.compile(rf"^\W*(?:and\s+|but\s+|also\s+)*{ASKING}\b", re.IGNORECASE)
COMPARES = re.compile(
    r"\b(?:compar\w+|differ\w*|versus|vs\.?|contrast\w*|alike|similar\w*|unlike|both|more than|same)\b",
    re.IGNORECASE,
)
SIDE = r"[^\W\d_][\w'’-]*(?:\s(?:(?:al|el|bin|ibn|van|von|de|der|of)\s)?[A-Z][\w'’-]*)*"  # a word, or a name of several
PAIR = re.compile(
    rf"\b(?:between\s+)?(?P<a>(?!(?i:{ASKING}|do|between)\b)(?:the\s+)?{SIDE})\s+"
    rf"(?:and|with|to|or|versus|vs\.?|from)\s+(?P<b>(?:the\s+|of\s+(?:the\s+)?)?{SIDE})"
)
OPENER = re.compile(
    r"^\W*(?:please\s+|can you\s+|could you\s+)?(?:compare|contrast)\s+|"
    r"^\W*(?:what(?:'s| is| are| were)?\s+)?(?:the\s+)?(?:main\s+)?(?:differences?|similarit(?:y|ies))\s+"
    r"(?:between\s+)?|"
    r"^\W*(?:how|in what way)\s+(?:do|did|does)\s+(?=.*\b(?:differ|compare)\b)",
    re.IGNORECASE,
)
CLOSER = re.compile(
    r"\s*\b(?:differ(?:ed|s)?|compare|different(?:ly)?|"
    r"(?:in|for) (?:the )?(?:same|different) (?:ways?|reasons?))\b\W*$",
    re.IGNORECASE,
)


def compared(question: str, mentions: Callable[[str], Mentions]) -> tuple[str, ...]:
    """ "Compare why men and women went" as two questions; nothing where no pair of a kind is compared."""
    if not COMPARES.search(question) or asks_whether_one(question):
        return ()
    for pair in PAIR.finditer(question):
        a, b = pair["a"], re.sub(r"^of\s+", "", pair["b"])
        if _kind(a, mentions) and _kind(a, mentions) == _kind(b, mentions) and a.lower() != b.lower():
            start, end = question[: pair.start()], question[pair.end() :]
            return tuple(_part(start, side, end) for side in (a, b))
    return ()


def joined(question: str) -> tuple[str, ...]:
    """Questions in a row, and clauses joined by "and" that each have a question word; nothing where there is one."""
    pieces = [p.strip() for p in re.split(r"(?<=\?)\s+", question) if p.strip()]
    parts = [part for piece in pieces for part in _clauses(piece)]
    if not 2 <= len(parts) <= MOST_PARTS or not all(_asks(p) for p in parts):
        return ()
    return tuple(f"{AND.sub('', p).rstrip(' ?.!,;')}?" for p in parts)


@dataclass(frozen=True)
class Considered:
    """What is known of a question, or of a part of one, before anything is said."""

    found: Found
    evidence: tuple[Candidate, ...]
    chosen: tuple[Candidate, ...]
    signals: Signals
    parts: tuple[str, ...] = ()


def together(whole: Considered, parts: Sequence[Considered], *, apart: bool) -> Considered:
    """The whole question with what its parts bring; parts that nothing answers are named in the signals.

    `apart`: what is quoted is chosen by part, as a comparison needs it, not for the whole question. Where no part is
    answered, the whole question is left as it is.
    """
    rulings = [decide(p.signals) for p in parts]
    answered = [p for p, ruling in zip(parts, rulings, strict=True) if ruling is not Ruling.ABSTAIN]
    if not answered:
        return whole
    # Pronouns make a clause look unanswered although the whole question is answered well; what is proven stays proven.
    missing = tuple(
        p.found.question for p, ruling in zip(parts, rulings, strict=True) if ruling is Ruling.ABSTAIN
    )
    chosen = (
        [c for p in answered for c in p.chosen]
        if apart or not whole.signals.has_evidence
        else [*whole.chosen]
    )
    pool = [whole.evidence, *(p.evidence for p in answered)] if not apart else [p.evidence for p in answered]
    mixed = (c for row in zip_longest(*pool) for c in row if c is not None)
    signals = [p.signals for p in (answered if apart else [whole, *answered])]
    return Considered(
        found=whole.found,
        evidence=tuple({c.id: c for c in mixed}.values()),
        chosen=tuple({c.id: c for c in chosen}.values()),
        signals=Signals(
            has_evidence=True,
            confidence=max(s.confidence for s in signals),
            evident=max(s.evident for s in signals),
            gaps=tuple(dict.fromkeys(g for s in signals for g in s.gaps)),
            unanswered=missing,
            conflicting=any(s.conflicting for s in signals),
            disputed=any(s.disputed for s in signals),
            single_voice=len({c.passage.people for c in chosen}) == 1,
            unsure=whole.signals.unsure,
        ),
        parts=tuple(p.found.question for p in parts),
    )


def _clauses(piece: str) -> list[str]:
    cut = JOINED.split(piece)
    return [c.strip() for c in cut] if len(cut) > 1 and all(_asks(c) for c in cut) else [piece]


def _asks(part: str) -> bool:
    """Whether a part is a question by itself: a question word at its head and something that it asks about."""
    return bool(STARTS.match(part)) and len(content_words(part)) >= 1 and len(words(part)) >= 3


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
