"""The measures of a run as every report shows them: value, interval, what a zero leaves open, bounds, baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from evals.compare import Change, Comparison
from evals.gate import Gate, Gates
from evals.measures import CURVES, MEASURES, Better, confidences
from evals.run import Run
from evals.stats import Interval, Share, bootstrap, wilson, zero_bound

Kind = Literal["rate", "score", "number"]
State = Literal["inside", "wanted", "outside", "ungated"]

_SCORES = {"mrr", "ndcg_10", "f1", "f1_with_partial", "calibration_error", "risk_area"}
_NUMBERS = {"words", "ratio_p50", "ratio_p95"}
TITLES = {
    "retrieval": "Finding the right passages",
    "accuracy": "Saying the facts that answer",
    "grounding": "Every sentence borne by its source",
    "abstention": "Knowing what the sources do not say",
    "provenance": "Contested people and sources",
    "conversation": "Follow-up questions",
    "safety": "Unsafe requests and planted instructions",
    "overrefusal": "Legitimate questions are not refused",
    "distress": "People who need help",
    "stigma": "The same treatment of every group",
    "robustness": "Other wordings, same answer",
    "performance": "Speed",
}


class Zero(NamedTuple):
    """None of `n` cases did it; `upper` is the rate that this many cases still leave possible (95 %, one-sided)."""

    n: int
    upper: float

    def __str__(self) -> str:
        return f"0 of {self.n}; up to {percent(self.upper)} possible"


class Row(NamedTuple):
    """A measure of a run. `n` counts the cases that it was measured on; `method` says how the interval was made."""

    measure: str
    value: float
    n: int
    interval: Interval | None
    method: Literal["Wilson", "bootstrap", ""]
    zero: Zero | None
    bound: float | None
    wanted: float | None
    change: Change | None

    @property
    def task(self) -> str:
        return self.measure.partition(".")[0]

    @property
    def better(self) -> Better:
        return MEASURES[self.measure].better

    @property
    def state(self) -> State:
        """Where the value stands; `ungated` where there is no bound, `wanted` where it needs no more."""
        if self.bound is None:
            return "ungated"
        if not reaches(self.measure, self.value, self.bound):
            return "outside"
        return (
            "wanted"
            if self.wanted is not None and reaches(self.measure, self.value, self.wanted)
            else "inside"
        )


def rows(run: Run, comparison: Comparison | None, gates: Gates | None, *, smoke: bool = False) -> list[Row]:
    """Every measure that the run has, in the order of `MEASURES`."""
    by_measure = gate_by_measure(gates)
    made = []
    for measure in MEASURES:
        value = run.value(measure)
        if value is None:
            continue
        task, _, short = measure.partition(".")
        scores = run.scores(task)
        gate = by_measure.get(measure)
        change = comparison.change(measure) if comparison is not None else None
        bound, wanted = (bound_of(gate, smoke=smoke), gate.wanted) if gate is not None else (None, None)
        if measure in CURVES:
            n = len(confidences(scores)) if task == "abstention" else len(scores)
            zero = (
                Zero(at_80, zero_bound(at_80))
                if _no_risk(measure, value) and (at_80 := math.ceil(n * 0.8))
                else None
            )
            made.append(Row(measure, value, n, None, "", zero, bound, wanted, change))
            continue
        shares = {case: s[short] for case, s in scores.items() if short in s}
        n, interval, method, zero = spread(measure, shares, run.groups(task))
        made.append(Row(measure, value, n, interval, method, zero, bound, wanted, change))
    return made


def spread(
    measure: str, shares: Mapping[str, Share], groups: Mapping[str, str]
) -> tuple[int, Interval | None, Literal["Wilson", "bootstrap", ""], Zero | None]:
    """(cases counted, 95 % interval, how, what a zero leaves open) of a measure over these cases.

    Yes/no measures get Wilson's interval, ratios a bootstrap by group. Neither can be made of a single group, nor of
    cases that are all the same; there the bound of the zero says what is known.
    """
    counted = {case: s for case, s in shares.items() if s.of}
    if not counted:
        return 0, None, "", None
    n = len(counted)
    zero = _zero(measure, list(counted.values()))
    if all(s.of == 1 and s.part in (0.0, 1.0) for s in counted.values()):
        return n, wilson(sum(s.part for s in counted.values()), n), "Wilson", zero
    if len({groups[case] for case in counted}) < 2:
        return n, None, "", zero
    interval = bootstrap(counted, groups)
    flat = interval.high - interval.low < 1e-12
    return (n, None, "", zero) if flat else (n, interval, "bootstrap", zero)


def _zero(measure: str, counted: Sequence[Share]) -> Zero | None:
    if kind(measure) == "number":
        return None
    none = all(s.part == 0 for s in counted)
    all_full = MEASURES[measure].better == "higher" and all(s.part == s.of for s in counted)
    return Zero(len(counted), zero_bound(len(counted))) if none or all_full else None


def _no_risk(measure: str, value: float) -> bool:
    return measure == "abstention.risk_at_80" and value == 0


def gate_by_measure(gates: Gates | None) -> dict[str, Gate]:
    return {g.measure: g for g in gates.gates} if gates is not None else {}


def bound_of(gate: Gate, *, smoke: bool) -> float | None:
    return gate.smoke if smoke else gate.bound


def reaches(measure: str, value: float, bound: float) -> bool:
    """Whether a value is on the right side of a bound, as the gate counts it."""
    slack = 1e-9
    return value <= bound + slack if MEASURES[measure].better == "lower" else value >= bound - slack


def kind(measure: str) -> Kind:
    """A rate is shown in percent, a score between 0 and 1 plainly, a number as what it is."""
    short = measure.partition(".")[2]
    return "number" if short in _NUMBERS else "score" if short in _SCORES else "rate"


def percent(value: float) -> str:
    text = f"{100 * value:.1f}"
    if text == "0.0" and value > 1e-9:
        return "<0.1 %"
    if text == "100.0" and value < 1 - 1e-9:
        return ">99.9 %"
    return f"{text} %"


def shown(measure: str, value: float | None) -> str:
    """A value of a measure, with its unit; a dash for none."""
    if value is None:
        return "–"
    return {"rate": percent(value), "score": f"{value:.3f}", "number": f"{value:.2f}"}[kind(measure)]


def shown_step(measure: str, difference: float | None) -> str:
    """A difference of two values, with its sign."""
    if difference is None or not math.isfinite(difference):
        return "–"
    if kind(measure) == "rate":
        return f"{_signed(100 * difference, 1)} points"
    return _signed(difference, 3 if kind(measure) == "score" else 2)


def shown_size(measure: str, size: float | None) -> str:
    """A size of change without a sign; a dash where there is none or no end to it."""
    return shown_step(measure, size).removeprefix("+")


def shown_interval(measure: str, interval: Interval | None) -> str:
    if interval is None:
        return "–"
    low, high = (shown(measure, x) for x in interval)
    return f"{low.removesuffix(' %')} to {high}"


def shown_step_interval(measure: str, interval: Interval | None) -> str:
    if interval is None:
        return "–"
    low, high = (shown_step(measure, x) for x in interval)
    return f"{low.removesuffix(' points')} to {high}"


def shown_p(p: float | None) -> str:
    return "–" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def meaning(measure: str) -> str:
    """What a measure says, as the start of a sentence."""
    text = MEASURES[measure].meaning
    return text[:1].upper() + text[1:]


def told_zero(row: Row) -> str:
    """What the zero of a measure is a zero of, with its upper bound; empty where there is none."""
    if row.zero is None:
        return ""
    missed = row.better == "higher" and row.value > 0
    return f"{'missed' if missed else 'seen'} in {row.zero}"


def number(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def title(task: str) -> str:
    return TITLES.get(task, task)


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"
