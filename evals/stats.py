"""Knowing noise from change: intervals, paired tests and what a suite of this size can see at all.

Every measure is a ratio of sums over cases (`Share`), so that a mean, a rate and an F1 are resampled alike. Cases are
resampled by group (source, pair, family), because several questions about one testimony are not independent: Miller,
"Adding Error Bars to Evals", arXiv 2411.00640.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z95 = 1.959963984540054
DRAWS = 10_000
FLOATS = npt.NDArray[np.float64]


class Share(NamedTuple):
    """What one case adds to a measure: the measure is the sum of `part` over the sum of `of`."""

    part: float
    of: float = 1.0


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Cohen's kappa (1960) of two lists of labels over the same items; 1.0 where both only ever say one thing."""
    n = len(first)
    same = sum(a == b for a, b in zip(first, second, strict=True)) / n
    said = Counter(first), Counter(second)
    chance = sum(said[0][label] * said[1][label] for label in said[0]) / n**2
    return 1.0 if chance == 1 else (same - chance) / (1 - chance)


class Interval(NamedTuple):
    low: float
    high: float


def ratio(shares: Sequence[Share]) -> float:
    """The measure over these cases. Raises ValueError where nothing was counted: that is no zero."""
    total = sum(s.of for s in shares)
    if not total:
        raise ValueError("nothing was counted")
    return float(sum(s.part for s in shares) / total)


def wilson(successes: float, n: int) -> Interval:
    """95 % score interval of a rate (Wilson 1927); for 0 of n the upper end is the bound to print beside the zero."""
    if n <= 0:
        raise ValueError("a rate needs at least one case")
    p = successes / n
    middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def zero_bound(n: int) -> float:
    """Exact upper 95 % bound of a rate of which 0 of n were seen (one-sided, Clopper-Pearson)."""
    return 1 - math.pow(0.05, 1 / n)


def bootstrap(shares: Mapping[str, Share], groups: Mapping[str, str], seed: int = 0) -> Interval:
    """95 % percentile interval of a ratio, resampling groups of cases with replacement."""
    parts, ofs, _ = _by_group([(shares, groups)])
    values = _resampled(parts[0], ofs[0], seed)
    return _middle_95(values)


def paired_bootstrap(
    base: Mapping[str, Share], new: Mapping[str, Share], groups: Mapping[str, str], seed: int = 0
) -> tuple[Interval, float]:
    """The difference new - base on the cases that both have: its 95 % interval and a two-sided p value.

    Both sides are resampled together by group. p is twice the smaller share of draws on either side of zero, with
    half of the draws at zero on each side and one added to both counts (Davison and Hinkley 1997), at most 1.
    """
    both = sorted(base.keys() & new.keys())
    if not both:
        raise ValueError("the two runs have no case in common")
    parts, ofs, _ = _by_group([({k: base[k] for k in both}, groups), ({k: new[k] for k in both}, groups)])
    differences = _resampled(parts[1], ofs[1], seed) - _resampled(parts[0], ofs[0], seed)
    differences = differences[~np.isnan(differences)]
    if not len(differences):
        raise ValueError("nothing was counted")
    below = float(np.sum(differences < 0) + np.sum(differences == 0) / 2)
    p = 2 * (min(below, len(differences) - below) + 1) / (len(differences) + 1)
    return _middle_95(differences), min(1.0, p)


def mcnemar(worse: int, better: int) -> float:
    """Two-sided exact p of the flips of a yes/no measure: a fair coin over the cases that changed."""
    n = worse + better
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(worse, better) + 1)) / 2.0**n
    return min(1.0, 2 * tail)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p values (Holm 1979): compared with 0.05, they keep the chance of any false alarm under 5 %."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    ordered = sorted(p_values.items(), key=lambda item: (item[1], item[0]))
    for rank, (name, p) in enumerate(ordered):
        highest = max(highest, min(1.0, p * (len(ordered) - rank)))
        adjusted[name] = highest
    return adjusted


def smallest_visible(differences: Sequence[float]) -> float:
    """The smallest true change of a paired mean that this many cases show with 80 % power at 5 % two-sided.

    2.8 standard errors of the paired differences. Where none changed, the spread of one changed case is used, since
    no change seen is no proof that none can be.
    """
    n = len(differences)
    if n < 2:
        return math.inf
    spread = max(float(np.std(differences, ddof=1)), math.sqrt(1 / n))
    return 2.8 * spread / math.sqrt(n)


def _by_group(
    sides: Sequence[tuple[Mapping[str, Share], Mapping[str, str]]],
) -> tuple[list[FLOATS], list[FLOATS], list[str]]:
    names = sorted({groups[k] for shares, groups in sides for k in shares})
    at = {name: n for n, name in enumerate(names)}
    parts, ofs = [], []
    for shares, groups in sides:
        part, of = np.zeros(len(names)), np.zeros(len(names))
        for key, share in shares.items():
            part[at[groups[key]]] += share.part
            of[at[groups[key]]] += share.of
        parts.append(part)
        ofs.append(of)
    return parts, ofs, names


def _resampled(part: FLOATS, of: FLOATS, seed: int) -> FLOATS:
    sums = _draws(len(part), seed) @ np.stack([part, of], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan), dtype=np.float64)


# Both sides of a comparison and all measures of a task share their draws: making these is what takes the time.
@lru_cache(maxsize=16)
def _draws(n: int, seed: int) -> npt.NDArray[np.int16]:
    """How often each of n groups is drawn, a row for each of DRAWS resamples."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = (
        generator.integers(n, size=(DRAWS, n), dtype=np.int32) + np.arange(DRAWS, dtype=np.int32)[:, None] * n
    )
    return np.bincount(drawn.ravel(), minlength=DRAWS * n).reshape(DRAWS, n).astype(np.int16)


def _middle_95(values: FLOATS) -> Interval:
    known = values[~np.isnan(values)]
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(float(low), float(high))
