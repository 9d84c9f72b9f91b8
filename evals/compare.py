"""Two runs of the same cases: what got better, what got worse, and whether the difference is real.

Every measure gets its difference, a paired bootstrap interval clustered by group, and, where it is yes or no, the
exact McNemar test of the flips. Holm's correction is over the measures that gate, which are named beforehand in
gates.yaml; the rest inform.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from evals.measures import CURVES, MEASURES, value
from evals.run import Result, Run
from evals.stats import Interval, Share, holm, mcnemar, paired_bootstrap, smallest_visible

ALPHA = 0.05


class Change(NamedTuple):
    """One measure in both runs, on the cases that both have unchanged."""

    measure: str
    base: float
    new: float
    n: int
    interval: Interval | None
    p: float | None
    adjusted: float | None
    better: int
    worse: int
    visible: float | None

    @property
    def difference(self) -> float:
        return self.new - self.base

    @property
    def improved(self) -> bool:
        return MEASURES[self.measure].gain(self.difference) > 0

    @property
    def verdict(self) -> str:
        """`same`, `noise`, `better` or `worse`; only the last two are real by the test that applies."""
        if self.difference == 0:
            return "same"
        if MEASURES[self.measure].better == "neither" or self.p is None:
            return "noise"
        real = (self.adjusted if self.adjusted is not None else self.p) < ALPHA
        return ("better" if self.improved else "worse") if real else "noise"


class Flip(NamedTuple):
    """A case that a measure counts differently now, with both answers."""

    measure: str
    case: str
    labels: tuple[str, ...]
    improved: bool
    question: str
    base: Result
    new: Result


class Comparison(NamedTuple):
    base: Run
    new: Run
    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    new_critical: tuple[Result, ...]
    left_out: tuple[str, ...]

    def change(self, measure: str) -> Change | None:
        return next((c for c in self.changes if c.measure == measure), None)


def compare(base: Run, new: Run, gating: Collection[str], seed: int = 0) -> Comparison:
    """The changes from `base` to `new`, on cases that stand in both with the same content and without error.

    `left_out` names, as `task/case`, what could not be compared: cases of one run only, changed cases, errors.
    """
    before = {(r.task, r.case): r for r in base.results}
    now = {(r.task, r.case): r for r in new.results}
    common = {
        k
        for k in before.keys() & now.keys()
        if before[k].hash == now[k].hash and not before[k].error and not now[k].error
    }
    changes, flips = [], []
    for measure in MEASURES:
        task, _, short = measure.partition(".")
        cases = sorted(c for t, c in common if t == task)
        sides = [{c: held[task, c].shares for c in cases} for held in (before, now)]
        found = _change(measure, sides[0], sides[1], {c: now[task, c].group for c in cases}, seed)
        if found is None:
            continue
        changes.append(found)
        flips += _flips(measure, short, [before[task, c] for c in cases], [now[task, c] for c in cases])
    adjusted = holm({c.measure: c.p for c in changes if c.measure in gating and c.p is not None})
    changes = [c._replace(adjusted=adjusted.get(c.measure)) for c in changes]
    fresh = [now[k] for k in sorted(common) if now[k].critical and not before[k].critical]
    left_out = sorted(f"{t}/{c}" for t, c in (before.keys() | now.keys()) - common)
    return Comparison(base, new, tuple(changes), tuple(flips), tuple(fresh), tuple(left_out))


def _change(
    measure: str,
    base: Mapping[str, Mapping[str, Share]],
    new: Mapping[str, Mapping[str, Share]],
    groups: Mapping[str, str],
    seed: int,
) -> Change | None:
    was, now = value(measure, base), value(measure, new)
    if was is None or now is None:
        return None
    if measure in CURVES:
        return Change(measure, was, now, len(base), None, None, None, 0, 0, None)
    short = measure.partition(".")[2]
    old = {c: s[short] for c, s in base.items() if short in s}
    fresh = {c: s[short] for c, s in new.items() if short in s}
    both = sorted(c for c in old.keys() & fresh.keys() if old[c].of or fresh[c].of)
    if not both:
        return None
    if all(old[c] == fresh[c] for c in both):  # nothing to resample, as for most measures of most comparisons
        interval, p = Interval(0.0, 0.0), 1.0
    else:
        interval, p = paired_bootstrap(old, fresh, groups, seed)
    steps = [fresh[c].part - old[c].part for c in both if old[c].of == fresh[c].of == 1.0]
    gains = [MEASURES[measure].gain(step) for step in steps]
    better = sum(gain > 0 for gain in gains)
    worse = sum(gain < 0 for gain in gains)
    whole = len(steps) == len(both)
    if whole and all(s.part in (0.0, 1.0) for c in both for s in (old[c], fresh[c])):
        p = mcnemar(worse, better)
    visible = smallest_visible(steps) if whole else None
    return Change(measure, was, now, len(both), interval, p, None, better, worse, visible)


def _flips(measure: str, short: str, base: Sequence[Result], new: Sequence[Result]) -> list[Flip]:
    found = []
    for was, now in zip(base, new, strict=True):
        if short not in was.shares or short not in now.shares:
            continue
        gain = MEASURES[measure].gain(_rate(now.shares[short]) - _rate(was.shares[short]))
        if gain:
            found.append(Flip(measure, now.case, now.labels, gain > 0, now.question, was, now))
    return found


def _rate(share: Share) -> float:
    return share.part / share.of if share.of else 0.0
