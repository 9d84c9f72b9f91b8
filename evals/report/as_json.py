"""The comparison and the verdict as plain JSON. No NaN and no infinity: what does not exist is null."""

from __future__ import annotations

import json
import math
from typing import Any

from evals.compare import Change, Comparison
from evals.gate import Gates, Verdict
from evals.report import figures
from evals.report.cases import changed
from evals.report.words import headline
from evals.run import Run

VERSION = 1


def render(
    run: Run,
    comparison: Comparison | None,
    verdict: Verdict | None,
    gates: Gates | None,
    *,
    smoke: bool = False,
) -> str:
    """`format` grows by one when a field changes its meaning or goes; new fields may come without that."""
    held = {
        "format": VERSION,
        "run": run.name,
        "manifest": dict(run.manifest),
        "summary": headline(verdict),
        "passed": verdict.passed if verdict is not None else None,
        "checked": verdict.checked if verdict is not None else None,
        "failures": [f._asdict() for f in verdict.failures] if verdict is not None else [],
        "counts": {
            "results": len(run.results),
            "critical": len(run.critical),
            "not_scored": len(run.errors),
        },
        "measures": [_measure(r) for r in figures.rows(run, comparison, gates, smoke=smoke)],
        "not_scored": [{"task": r.task, "case": r.case, "why": r.error} for r in run.errors],
        "comparison": _comparison(comparison) if comparison is not None else None,
    }
    return json.dumps(held, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _measure(row: figures.Row) -> dict[str, Any]:
    return {
        "measure": row.measure,
        "value": _finite(row.value),
        "n": row.n,
        "interval": list(row.interval) if row.interval is not None else None,
        "interval_by": row.method or None,
        "upper_bound_of_zero": row.zero.upper if row.zero is not None else None,
        "bound": row.bound,
        "wanted": row.wanted,
        "state": row.state,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "base": comparison.base.name,
        "base_manifest": dict(comparison.base.manifest),
        "changes": [_change(c) for c in comparison.changes],
        "flips": [
            {
                "case": c.case,
                "labels": list(c.labels),
                "worse": list(c.worse),
                "better": list(c.better),
                "newly_critical": c.newly_critical,
                "question": c.question,
                "before": {"outcome": c.base.outcome, "text": c.base.text, "cited": list(c.base.cited)},
                "now": {"outcome": c.new.outcome, "text": c.new.text, "cited": list(c.new.cited)},
            }
            for c in changed(comparison)
        ],
        "new_critical": [
            {"task": r.task, "case": r.case, "critical": list(r.critical)} for r in comparison.new_critical
        ],
        "left_out": list(comparison.left_out),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "measure": change.measure,
        "base": _finite(change.base),
        "new": _finite(change.new),
        "difference": _finite(change.difference),
        "interval": list(change.interval) if change.interval is not None else None,
        "p": change.p,
        "p_holm": change.adjusted,
        "smallest_visible": _finite(change.visible),
        "n": change.n,
        "cases_better": change.better,
        "cases_worse": change.worse,
        "verdict": change.verdict,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
