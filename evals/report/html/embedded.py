"""What the page's script works on: every case and every changed case, texts stored once."""

from __future__ import annotations

from typing import Any

from evals.compare import Comparison
from evals.measures import MEASURES
from evals.report import cases
from evals.report.figures import shown, title
from evals.run import Result, Run


class _Texts:
    """Strings by number, so that an answer that four tasks look at stands in the page once."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self.held.setdefault(text, len(self.held))


def held(run: Run, comparison: Comparison | None) -> dict[str, Any]:
    """`texts`; `cases` as arrays whose fields `fields` names, each text a number; `flips` of those that changed.

    Times are no cases: they have no question, and stand among the measures only.
    """
    texts = _Texts()
    flips = cases.changed(comparison) if comparison is not None else []
    steps = _steps(comparison)
    return {
        "fields": [
            "task",
            "case",
            "tags",
            "state",
            "outcome",
            "question",
            "text",
            "cited",
            "said",
            "change",
            "got",
        ],
        "cases": [
            _case(r, texts, steps.get((r.task, r.case), "")) for r in run.results if r.task != "performance"
        ],
        "flips": [
            {
                "case": texts(c.case),
                "tags": [texts(t) for t in cases.shown_tags(c.new)],
                "question": texts(c.question),
                "base": [texts(c.base.outcome), texts(c.base.text), [texts(x) for x in c.base.cited]],
                "new": [texts(c.new.outcome), texts(c.new.text), [texts(x) for x in c.new.cited]],
                "worse": [texts(m) for m in c.worse],
                "better": [texts(m) for m in c.better],
                "critical": texts("; ".join(c.new.critical) if c.newly_critical else ""),
            }
            for c in flips
        ],
        "states": dict(cases.STATES),
        "titles": {t: title(t) for t in dict.fromkeys(r.task for r in run.results)},
        "texts": list(texts.held),
    }


def _case(result: Result, texts: _Texts, change: str) -> list[Any]:
    said = result.error or "; ".join(result.critical)
    got = [(texts(m), texts(v)) for m, v in marks(result)]
    return [
        texts(result.task),
        texts(result.case),
        [texts(t) for t in cases.shown_tags(result)],
        texts(cases.state(result)),
        texts(result.outcome),
        texts(result.question),
        texts(result.text),
        [texts(c) for c in result.cited],
        texts(said),
        texts(change),
        got,
    ]


def marks(result: Result) -> list[tuple[str, str]]:
    """What a case got on each measure that it counts for."""
    found = []
    for short, share in sorted(result.shares.items()):
        name = f"{result.task}.{short}"
        if name in MEASURES and share.of:
            found.append((name, shown(name, share.part / share.of)))
    return found


def _steps(comparison: Comparison | None) -> dict[tuple[str, str], str]:
    """Whether a case of a task got worse or better; a case that did both counts as worse."""
    found: dict[tuple[str, str], str] = {}
    for flip in comparison.flips if comparison is not None else ():
        key = (flip.new.task, flip.case)
        if not flip.improved:
            found[key] = "worse"
        else:
            found.setdefault(key, "better")
    return found
