"""Nugget recall without reading negation or sentence bounds, as the quote model was fitted with it.

A nugget's `must` is a list of lists; the text holds the nugget when every inner list has an alternative in it. The
suite's own measure is `evals.matching`, which is stricter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.matching import spot


def holds(nugget: Mapping[str, Any], text: str) -> bool:
    """Whether a text holds one nugget."""
    return all(any(spot(a, text) is not None for a in group) for group in nugget["must"])


def vital_recall(nuggets: Sequence[Mapping[str, Any]], text: str) -> float:
    """Share of the vital nuggets that a text holds. Raises ValueError for a case without any."""
    vital = [n for n in nuggets if n["vital"]]
    if not vital:
        raise ValueError("a case needs at least one vital nugget")
    return sum(holds(n, text) for n in vital) / len(vital)
