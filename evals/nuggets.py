"""Nugget recall by a deterministic matcher: human-written facts, each with the words that pin it down.

A nugget's `must` is a list of lists; the text holds the nugget when every inner list has an alternative in it. Words
match at a word start or by stem, numbers as whole numbers in any notation ("three", "3", "3.0").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag.text import fold, numbers, stem, words


def holds(nugget: Mapping[str, Any], text: str) -> bool:
    """Whether a text holds one nugget."""
    return all(any(_found(alternative, text) for alternative in group) for group in nugget["must"])


def vital_recall(nuggets: Sequence[Mapping[str, Any]], text: str) -> float:
    """Share of the vital nuggets that a text holds. Raises ValueError for a case without any."""
    vital = [n for n in nuggets if n["vital"]]
    if not vital:
        raise ValueError("a case needs at least one vital nugget")
    return sum(holds(n, text) for n in vital) / len(vital)


def _found(alternative: str, text: str) -> bool:
    wanted = fold(alternative)
    if re.fullmatch(r"[\d.,]+", wanted):
        return bool(numbers(wanted) & numbers(text))
    if re.search(rf"(?<!\w){re.escape(wanted)}", fold(text)):
        return True
    return wanted.isalpha() and stem(wanted) in {stem(w) for w in words(text)}
