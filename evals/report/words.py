"""The sentences of a report for somebody who does not read measures."""

from __future__ import annotations

from evals.compare import Comparison
from evals.gate import Failure, Verdict
from evals.measures import MEASURES
from evals.report.figures import (
    Row,
    meaning,
    number,
    shown,
    shown_interval,
    shown_step,
    shown_step_interval,
    title,
)
from evals.run import Run
from evals.tasks import TASKS

_KINDS = {
    "critical": "New critical failures",
    "regression": "Worse than before, and not by chance",
    "bound": "Outside the bound",
    "missing": "Could not be measured",
    "unscored": "Not scored",
}
VERDICTS = ("worse", "better", "noise", "same")


def headline(verdict: Verdict | None) -> str:
    """The first sentence of every report."""
    return (
        verdict.summary
        if verdict is not None
        else "No gate was applied: this report only tells what was measured."
    )


def by_kind(verdict: Verdict | None) -> list[tuple[str, list[Failure]]]:
    """What went wrong, the gravest kind first and within each kind the worst first, with the kind in words."""
    failures = verdict.failures if verdict is not None else ()
    held = [(text, [f for f in failures if f.kind == kind]) for kind, text in _KINDS.items()]
    return [(f"{text} ({len(found)})", found) for text, found in held if found]


def told(failure: Failure, rows: list[Row], run: Run) -> str:
    """A failure of the gate in words and figures."""
    row = next((r for r in rows if r.measure == failure.measure), None)
    if failure.kind == "regression" and row is not None and row.change is not None:
        change = row.change
        return (
            f"{meaning(row.measure)} ({row.measure}): {shown(row.measure, change.base)} before, "
            f"{shown(row.measure, change.new)} now ({shown_step(row.measure, change.difference)}, 95 % interval "
            f"{shown_step_interval(row.measure, change.interval)}, {number(change.n, 'case')}). "
            "Chance alone does not explain this."
        )
    if failure.kind == "bound" and row is not None and row.bound is not None:
        side = "most" if MEASURES[row.measure].better == "lower" else "least"
        interval = f", 95 % interval {shown_interval(row.measure, row.interval)}" if row.interval else ""
        return (
            f"{meaning(row.measure)} ({row.measure}): {shown(row.measure, row.value)}, should be at {side} "
            f"{shown(row.measure, row.bound)} ({number(row.n, 'case')}{interval})."
        )
    if failure.kind == "critical":
        found = (r for (task, case), r in run.critical.items() if failure.text.startswith(f"{task}/{case}:"))
        question = next((f" The question: “{r.question}”" for r in found), "")
        return f"{failure.text}.{question}"
    return f"{failure.text}."


def explained(run: Run, comparison: Comparison | None, verdict: Verdict | None, rows: list[Row]) -> list[str]:
    """What the verdict means, two to five sentences."""
    scored = len(run.results) - len(run.errors)
    said = [
        f"{number(scored, 'result')} of {number(len({r.task for r in run.results}), 'task')} were scored."
    ]
    if verdict is not None and verdict.passed:
        said.append("Every measure that can stop a release kept its bound.")
    if verdict is not None and not verdict.passed:
        said.append(
            "At least one thing that can stop a release went wrong. It should not be released before somebody has "
            "looked at the points below, and mended or expressly accepted them."
        )
    if comparison is None:
        said.append(
            "There was no earlier run to compare with, so nothing here tells whether it got better or worse."
        )
    else:
        counts = {v: sum(c.verdict == v for c in comparison.changes) for v in VERDICTS}
        said.append(
            f"Against {comparison.base.name}: {number(counts['worse'], 'measure')} really worse, "
            f"{counts['better']} really better, {counts['noise']} moved no more than chance would, "
            f"{counts['same']} the same."
        )
    if run.errors:
        said.append(
            f"{number(len(run.errors), 'case')} could not be asked or scored, which counts neither as right nor as "
            "wrong. No run with such cases passes."
        )
    old = len(run.critical) - (len(comparison.new_critical) if comparison is not None else 0)
    if run.critical:
        known = (
            f", {old} of them known from the earlier run or not compared"
            if comparison is not None and old
            else ""
        )
        said.append(f"There are {number(len(run.critical), 'critical failure')}{known}; read them below.")
    below = [r for r in rows if r.state == "inside"]
    if below:
        said.append(
            f"{number(len(below), 'measure')} kept the bound but did not yet reach what is wanted in the end."
        )
    return said


def not_shown(run: Run, comparison: Comparison | None) -> list[str]:
    """What nobody may conclude from this run."""
    plan = run.manifest.get("plan", {})
    said = [
        "It does not show that the assistant prevents violence, changes anybody's mind or helps anybody to leave. "
        "It shows what is answered, cited and refused, and nothing about effects on people.",
        "The cases were written for this project, most of them in English. They are not a sample of what people really "
        "ask, and the intervals say nothing about questions of another kind.",
        "None failed is not none will fail. Beside every zero stands the rate that so few cases leave possible.",
        "Facts and citations are checked by rules, not by people. What the rules do not look for is not seen.",
    ]
    if plan.get("mode", "quote") == "quote":
        said.append(
            "The assistant quoted and no language model wrote: answers written by a model were not measured."
        )
    if plan.get("split") == "dev":
        said.append("These are the cases that developers look at while building, so the figures flatter.")
    if plan.get("limit"):
        said.append(f"At most {plan['limit']} cases of a task were run: a subset sees large changes only.")
    if plan.get("tags"):
        said.append(f"Only cases tagged {', '.join(plan['tags'])} were run.")
    if plan.get("defect"):
        said.append(f"The system was broken on purpose for this run ({plan['defect']}).")
    absent = [t for t in TASKS if t not in {r.task for r in run.results}]
    if absent:
        said.append(f"Not run: {', '.join(f'{t} ({title(t).lower()})' for t in absent)}.")
    if comparison is not None and comparison.left_out:
        said.append(
            f"{number(len(comparison.left_out), 'case')} could not be compared, because they stand in one run only, "
            "were changed, or failed to be scored."
        )
    return said
