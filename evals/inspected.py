"""The tasks as Inspect AI runs them: its logs, its viewer, its harness. The only module that needs the extra `evals`.

No model is asked (`model="none"`): what is measured is the whole assistant. Reading, comparing and gating runs works
without this module, so that the page can show them where Inspect is not installed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio.to_thread
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.scorer import Metric, SampleScore, Score, Target, metric, scorer
from inspect_ai.scorer import Scorer as InspectScorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals.measures import of_task, value
from evals.scorers.base import Known
from evals.stats import Share
from evals.tasks import Ask, Item, output_of, scored


def inspect_task(task: str, chosen: Sequence[Item], ask: Ask, known: Known) -> Task:
    """A task as Inspect runs it. The sample's completion is the output as JSON, so a log can be scored again."""
    by_id = {i.case.id: i for i in chosen}
    samples = [
        Sample(
            id=i.case.id,
            input=i.case.turns[-1].content,
            target="",
            metadata={
                "labels": list(i.case.labels),
                "split": i.case.split,
                "group": i.case.group,
                "note": i.case.note,
            },
        )
        for i in chosen
    ]
    return Task(
        name=task,
        dataset=MemoryDataset(samples, name=task),
        solver=_asking(by_id, ask),
        scorer=_scoring(task, by_id, known),
    )


@solver
def _asking(by_id: dict[str, Item], ask: Ask) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        item = by_id[str(state.sample_id)]
        asked = await anyio.to_thread.run_sync(ask, item.asked, item.planted)
        beside = [] if item.beside is None else await anyio.to_thread.run_sync(ask, item.beside, False)
        state.output.completion = json.dumps({"asked": asked, "beside": beside}, ensure_ascii=False)
        return state

    return solve


def _scoring(task: str, by_id: dict[str, Item], known: Known) -> InspectScorer:
    @metric(name="measures")
    def measures() -> Metric:
        def over(scores: list[SampleScore]) -> dict[str, float]:
            shares = {
                str(s.sample_id): {k: Share(*v) for k, v in (s.score.metadata or {})["shares"].items()}
                for s in scores
            }
            found = {name.partition(".")[2]: value(name, shares) for name in of_task(task)}
            return {k: v for k, v in found.items() if v is not None}

        return over

    @scorer(metrics=[measures()], name=task)
    def score_task() -> InspectScorer:
        async def score(state: TaskState, target: Target) -> Score:
            item = by_id[str(state.sample_id)]
            result = await anyio.to_thread.run_sync(
                lambda: scored(task, item, output_of(state.output.completion), known)
            )
            return Score(
                value={k: s.part / s.of for k, s in result.shares.items() if s.of} or {"not_applicable": 0},
                explanation="; ".join(result.critical) or None,
                metadata={
                    "shares": {k: list(s) for k, s in result.shares.items()},
                    "critical": list(result.critical),
                },
            )

        return score

    return score_task()


def inspected(tasks: Sequence[Any], folder: Path, samples_at_once: int) -> list[EvalLog]:
    """Runs the tasks and writes their logs into the folder; returns the logs with their samples."""
    logs = inspect_eval(
        list(tasks),
        model=None,
        max_samples=samples_at_once,
        max_tasks=1,
        log_dir=str(folder),
        display="none",
        log_realtime=False,
        fail_on_error=False,
        score_display=False,
    )
    return [log if log.samples is not None else read_eval_log(log.location) for log in logs]
