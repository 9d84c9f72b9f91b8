"""Small made-up answers and results for the tests of the suite."""

from __future__ import annotations

from typing import Any

from evals.run import Result, Run
from evals.stats import Share


def answer(
    outcome: str = "answered", *sentences: tuple[str, tuple[str, ...]], **others: Any
) -> dict[str, Any]:
    """An answer as JSON whose text is its sentences."""
    told = [{"text": text, "citations": list(cited)} for text, cited in sentences]
    return {
        "outcome": outcome,
        "text": " ".join(text for text, _ in sentences),
        "sentences": told,
        "citations": [],
        "notices": [],
        "suggestions": [],
        "trace": {},
        **others,
    }


def result(
    case: str, task: str = "accuracy", *, group: str = "", critical: tuple[str, ...] = (), **shares: float
) -> Result:
    """A result whose every share is out of one."""
    return Result(
        task=task,
        case=case,
        labels=("kind",),
        group=group or case,
        hash=f"hash of {case}",
        shares={k: Share(v) for k, v in shares.items()},
        critical=critical,
        error="",
        question=f"question {case}",
        outcome="answered",
        text="text",
        cited=(),
    )


def run(*results: Result, name: str = "a run") -> Run:
    return Run(name, {"plan": {}}, results, {})
