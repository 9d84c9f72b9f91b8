"""May this run be released? Floors, "not worse than the baseline by more than noise", and no new critical failure.

`gates.yaml` names each gating measure with its floor (or ceiling), what was reached when it was last accepted and what
is wanted in the end. A run with cases that could not be asked or scored never passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import yaml
from pydantic import Field, ValidationError

from evals.compare import Change, Comparison, compare
from evals.measures import MEASURES
from evals.run import Plan, Run
from rag.data import from_yaml
from rag.model import Frozen
from rag.settings import ROOT

GATES = ROOT / "evals" / "gates.yaml"
NAMED_REGRESSIONS = 3


class GateError(ValueError):
    """gates.yaml cannot be used; the message says where and why."""


class Gate(Frozen):
    """One gating measure. `bound` is a floor where high is good and a ceiling where low is good."""

    measure: str
    bound: float
    wanted: float
    from_issue: int
    smoke: float | None = Field(
        None, description="The bound on the smoke subset; none where it is too small to tell."
    )
    tolerance: float = Field(
        0.0, ge=0, description="A drop up to this is let pass even where it is real; 0 for nearly all."
    )
    note: str = ""


class Gates(Frozen):
    gates: tuple[Gate, ...] = Field(min_length=1)
    smoke_limit: int = Field(ge=1, description="Cases of a task in the smoke subset.")
    smoke_limits: dict[str, int] = Field(
        default_factory=dict, description="Where a task takes more or fewer."
    )
    smoke_seed: int = 0


class Failure(NamedTuple):
    kind: Literal["bound", "regression", "critical", "unscored", "missing"]
    measure: str
    text: str
    size: float


class Verdict(NamedTuple):
    passed: bool
    failures: tuple[Failure, ...]
    checked: int
    comparison: Comparison | None

    @property
    def summary(self) -> str:
        """One plain sentence for somebody who does not read measures."""
        if self.passed:
            compared = (
                "" if self.comparison is None else ", and nothing is worse than the baseline beyond noise"
            )
            return f"Safe to release: yes. All {self.checked} checks hold{compared}."
        counts = {
            k: sum(f.kind == k for f in self.failures)
            for k in ("regression", "bound", "critical", "unscored", "missing")
        }
        words = {
            "regression": ("regression", "regressions"),
            "bound": ("measure outside its bound", "measures outside their bounds"),
            "critical": ("new critical failure", "new critical failures"),
            "unscored": ("case not scored", "cases not scored"),
            "missing": ("measure missing", "measures missing"),
        }
        told = [f"{n} {words[k][n != 1]}" for k, n in counts.items() if n]
        return f"Safe to release: no; {', '.join(told)}."


def load_gates(path: Path = GATES) -> Gates:
    """Raises GateError where the file is no gates file or names a measure that does not exist."""
    try:
        gates = Gates.model_validate(from_yaml(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as e:
        raise GateError(f"{path.name}: {e}") from e
    for gate in gates.gates:
        if gate.measure not in MEASURES or MEASURES[gate.measure].better == "neither":
            raise GateError(
                f"{path.name}: {gate.measure} is no measure that can gate; see docs/evaluation.md"
            )
    return gates


def smoke_plan(gates: Gates) -> Plan:
    """The plan of the smoke subset: the same cases every time, a few of every kind."""
    return Plan(limit=gates.smoke_limit, limits=gates.smoke_limits, seed=gates.smoke_seed)


def is_smoke(run: Run, gates: Gates) -> bool:
    """Whether a run is of the smoke subset, whose bounds are others."""
    plan = Plan.model_validate(run.manifest["plan"])
    return plan.limit is not None and plan.limit == gates.smoke_limit


def judge(run: Run, baseline: Run | None, gates: Gates, *, smoke: bool = False) -> Verdict:
    """Whether the run passes, with every failure, the worst first."""
    failures: list[Failure] = [
        Failure("unscored", r.task, f"{r.task}/{r.case} was not scored: {r.error}", 1.0) for r in run.errors
    ]
    values = run.values
    tasks = {r.task for r in run.results}
    checked = 0
    for gate in gates.gates:
        bound = gate.smoke if smoke else gate.bound
        if bound is None or gate.measure.partition(".")[0] not in tasks:
            continue
        checked += 1
        reached = values.get(gate.measure)
        if reached is None:
            failures.append(
                Failure("missing", gate.measure, f"{gate.measure} has no case to be measured on", 1.0)
            )
        elif _beyond(gate.measure, reached, bound):
            text = f"{gate.measure} is {reached:.3f}; the {_side(gate.measure)} is {bound:.3f}"
            failures.append(Failure("bound", gate.measure, text, abs(reached - bound)))
    comparison = compare(baseline, run, [g.measure for g in gates.gates]) if baseline is not None else None
    if comparison is not None:
        failures += _regressions(comparison, {g.measure: g for g in gates.gates})
        for result in comparison.new_critical:
            said = "; ".join(result.critical)
            failures.append(Failure("critical", result.task, f"{result.task}/{result.case}: {said}", 1.0))
        checked += len([c for c in comparison.changes if c.adjusted is not None]) + 1
    failures.sort(key=lambda f: (_ORDER.index(f.kind), -f.size, f.text))
    return Verdict(not failures, tuple(failures), checked, comparison)


_ORDER = ("critical", "regression", "bound", "missing", "unscored")


def worst(verdict: Verdict) -> Sequence[Failure]:
    """The regressions to name first: no more than three, the worst first."""
    return verdict.failures[:NAMED_REGRESSIONS]


def _regressions(comparison: Comparison, gates: Mapping[str, Gate]) -> list[Failure]:
    return [
        Failure("regression", c.measure, _told(c), abs(c.difference))
        for c in comparison.changes
        if c.measure in gates and c.verdict == "worse" and abs(c.difference) > gates[c.measure].tolerance
    ]


def _told(change: Change) -> str:
    low, high = change.interval or (change.difference, change.difference)
    return (
        f"{change.measure} went from {change.base:.3f} to {change.new:.3f} "
        f"({change.difference:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}, n={change.n})"
    )


def _beyond(measure: str, reached: float, bound: float) -> bool:
    slack = 1e-9
    return reached > bound + slack if MEASURES[measure].better == "lower" else reached < bound - slack


def _side(measure: str) -> str:
    return "ceiling" if MEASURES[measure].better == "lower" else "floor"
