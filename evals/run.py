"""A run: every task asked and scored, and written down so that it can be compared, gated and scored again.

A run is a folder: `manifest.json` (what was run, on what), `results.jsonl` (a line for each task and case, no times
in it, so that two runs of one revision are the same bytes), `outputs.jsonl` (what the system gave), `times.json`, and
Inspect's own logs in `logs/`.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from evals import planted
from evals.cases import AnswerCase, Case, ConversationCase, content_hash, load, picked
from evals.machine import describe
from evals.meaning import Likeness
from evals.measures import MEASURES, Scores, value
from evals.scorers.base import Known, NotScorable, Output, Scored
from evals.stats import Share
from evals.system import Record, Request, System
from evals.tasks import PERFORMANCE, SUITES, TASKS, Item, items, scored
from rag.corpus import load_corpus
from rag.model import Frozen
from rag.settings import ROOT, Settings

if TYPE_CHECKING:
    from inspect_ai.log import EvalSample

TIMED_QUESTIONS = 15
NOTHING = {"outcome": "", "text": "", "citations": []}  # stands for the answer of a case with an error
Progress = Callable[[int, int], None]


class RunError(RuntimeError):
    """A run that cannot be made or used; the message says why and what to do."""


class Plan(Frozen):
    """What to run."""

    tasks: tuple[str, ...] = TASKS
    tags: tuple[str, ...] = ()
    split: str = "test"
    limit: int | None = None
    limits: dict[str, int] = Field(
        default_factory=dict, description="By task, where it differs from `limit`."
    )
    seed: int = 0
    mode: str = "quote"
    defect: str | None = None
    workers: int = 2

    def items(self) -> dict[str, list[Item]]:
        """What is asked for each task that has any, in order."""
        made = {
            t: items(t, self.split, self.tags, self.limits.get(t, self.limit), self.seed, self.mode)
            for t in self.tasks
            if t in SUITES
        }
        return {t: found for t, found in made.items() if found}


class Result(NamedTuple):
    """A task's view of one case. `error` says why it could not be asked or scored; it then has no shares."""

    task: str
    case: str
    labels: tuple[str, ...]
    group: str
    hash: str
    shares: Mapping[str, Share]
    critical: tuple[str, ...]
    error: str
    question: str
    outcome: str
    text: str
    cited: tuple[str, ...]

    def to_row(self) -> dict[str, Any]:
        return self._asdict() | {"shares": {k: list(v) for k, v in sorted(self.shares.items())}}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Result:
        listed = {k: tuple(row[k]) for k in ("labels", "critical", "cited")}
        shares = {k: Share(*v) for k, v in row["shares"].items()}
        return cls(**{**row, **listed, "shares": shares})


class Run(NamedTuple):
    """A run in memory."""

    name: str
    manifest: Mapping[str, Any]
    results: tuple[Result, ...]
    times: Mapping[str, Any]

    def scores(self, task: str) -> Scores:
        return {r.case: r.shares for r in self.results if r.task == task and not r.error}

    def groups(self, task: str) -> dict[str, str]:
        return {r.case: r.group for r in self.results if r.task == task}

    def value(self, measure: str) -> float | None:
        return value(measure, self.scores(measure.partition(".")[0]))

    @property
    def values(self) -> dict[str, float]:
        found = {name: self.value(name) for name in MEASURES}
        return {name: v for name, v in found.items() if v is not None}

    @property
    def errors(self) -> list[Result]:
        return [r for r in self.results if r.error]

    @property
    def critical(self) -> dict[tuple[str, str], Result]:
        """Every result with a critical failure by task and case."""
        return {(r.task, r.case): r for r in self.results if r.critical}


def execute(
    plan: Plan, settings: Settings, target: Path, progress: Progress = lambda done, total: None
) -> Run:
    """Runs a plan and writes its folder. Raises RunError where nothing matches the plan, ImportError without Inspect.

    A case that fails or cannot be scored stands in the results with its error; `Run.errors` lists them. What an
    interrupted run has already asked is not asked again.
    """
    from evals.inspected import inspect_task, inspected  # costs seconds, and only asking needs it

    chosen = plan.items()
    if not chosen and PERFORMANCE not in plan.tasks:
        raise RunError("no case matches this plan. See which there are: exitvoices eval case coverage")
    target.mkdir(parents=True, exist_ok=True)
    started = time.time()
    counted = _Counted(sum(len(made) for made in chosen.values()), progress)
    known = _known(chosen, settings)
    with ExitStack() as systems:
        system = systems.enter_context(System(settings, workers=plan.workers, defect=plan.defect))
        plants = planted.of(i.case for made in chosen.values() for i in made)
        with_plants = system
        if plants:
            with_plants = systems.enter_context(
                System(planted.make(settings, plants), workers=1, defect=plan.defect)
            )

        def ask(request: Request, in_planted: bool) -> list[Record]:
            answered = (with_plants if in_planted else system).ask(request)
            counted.one_more()
            return answered

        tasks = [inspect_task(task, made, ask, known) for task, made in chosen.items()]
        logs = inspected(tasks, target / "logs", plan.workers + 1) if tasks else []
        timed = system.time(_timed_questions()) if PERFORMANCE in plan.tasks else []
    samples = {(log.eval.task, str(s.id)): s for log in logs for s in log.samples or []}
    results = tuple(
        _collected(task, item, samples.get((task, item.case.id)))
        for task, made in chosen.items()
        for item in made
    )
    outputs = [
        {"task": task, "case": item.case.id, **json.loads(sample.output.completion)}
        for task, made in chosen.items()
        for item in made
        if (sample := samples.get((task, item.case.id))) is not None and sample.output.completion
    ]
    times = {
        "started": dt.datetime.fromtimestamp(started, dt.UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - started, 1),
        "milliseconds": {f"{o['task']}/{o['case']}": [r.pop("ms") for r in o["asked"]] for o in outputs},
    }
    run = Run(
        target.name, describe(plan.model_dump(mode="json"), settings), (*results, *_timings(timed)), times
    )
    write(run, target)
    _write_lines(target / "outputs.jsonl", outputs)
    return run


def rescore(folder: Path, settings: Settings) -> Run:
    """The run of a folder, its stored outputs scored by the scorers of today; writes the results anew.

    Raises RunError where the folder holds no outputs, or outputs of a case that is gone.
    """
    run = read(folder)
    chosen = Plan.model_validate(run.manifest["plan"]).items()
    known = _known(chosen, settings)
    by_id = {(t, i.case.id): i for t, made in chosen.items() for i in made}
    results = []
    for row in _lines(folder / "outputs.jsonl"):
        item = by_id.get((row["task"], row["case"]))
        if item is None:
            raise RunError(f"{row['case']} is no longer a case of {row['task']}; run it anew instead")
        output = Output(row["asked"], row["beside"])
        try:
            results.append(_result(row["task"], item, output, scored(row["task"], item, output, known)))
        except NotScorable as e:
            results.append(_result(row["task"], item, output, Scored({}), str(e)))
    timings = tuple(r for r in run.results if r.task == PERFORMANCE)
    run = run._replace(results=(*results, *timings))
    write(run, folder)
    return run


def write(run: Run, folder: Path) -> None:
    _write_json(folder / "manifest.json", run.manifest)
    _write_json(folder / "times.json", {**run.times, "performance": [r.to_row() for r in _timed(run)]})
    _write_lines(folder / "results.jsonl", (r.to_row() for r in run.results if r.task != PERFORMANCE))


def read(folder: Path) -> Run:
    """A run from its folder. Raises RunError where it is none, or not whole."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        times = json.loads((folder / "times.json").read_text("utf-8"))
        rows = [*_lines(folder / "results.jsonl"), *times.pop("performance")]
    except (OSError, ValueError, KeyError) as e:
        raise RunError(f"{folder} is not a finished run ({e}). List the runs: exitvoices eval list") from e
    return Run(folder.name, manifest, tuple(Result.from_row(r) for r in rows), times)


def _known(chosen: Mapping[str, Sequence[Item]], settings: Settings) -> Known:
    cases = [i.case for made in chosen.values() for i in made]
    facts = [n.text for c in cases for n in _nuggets(c)]
    corpus = load_corpus(settings.corpus_dir)
    texts = [s.text for s in corpus.statements.values()] if facts else []
    return Known(corpus, Likeness(settings, list(dict.fromkeys([*facts, *texts]))), prompts())


def prompts() -> tuple[str, ...]:
    """The texts that are given to a model and must never reach a reader."""
    return tuple(p.read_text("utf-8") for p in sorted((ROOT / "rag").rglob("prompts/*")) if p.is_file())


def _nuggets(case: Case) -> tuple[Any, ...]:
    if isinstance(case, AnswerCase):
        return case.nuggets
    return tuple(n for t in case.dialogue for n in t.nuggets) if isinstance(case, ConversationCase) else ()


def _collected(task: str, item: Item, sample: EvalSample | None) -> Result:
    if sample is None or sample.error is not None or not sample.scores:
        why = sample.error.message if sample is not None and sample.error is not None else "it was not asked"
        return _result(task, item, None, Scored({}), why)
    held = sample.scores[task].metadata or {}
    shares = {k: Share(*v) for k, v in held["shares"].items()}
    output = json.loads(sample.output.completion)
    return _result(
        task, item, Output(output["asked"], output["beside"]), Scored(shares, tuple(held["critical"]))
    )


def _result(task: str, item: Item, output: Output | None, found: Scored, error: str = "") -> Result:
    answer: Mapping[str, Any] = output.answer if output is not None else NOTHING
    return Result(
        task=task,
        case=item.case.id,
        labels=item.case.labels,
        group=item.case.group,
        hash=item.case.hash or content_hash(item.case.model_dump(mode="json")),
        shares=found.shares,
        critical=found.critical,
        error=error,
        question=" / ".join(t.content for t in item.case.turns if t.role == "user"),
        outcome=answer["outcome"],
        text=answer["text"],
        cited=tuple(c["statement"] for c in answer["citations"]),
    )


def _timed_questions() -> list[str]:
    cases = [c for c in picked(load("retrieval"), "dev") if isinstance(c, AnswerCase)]
    return [c.asked for c in cases[:: max(1, len(cases) // TIMED_QUESTIONS)]][:TIMED_QUESTIONS]


def _timings(timed: Sequence[tuple[float, float]]) -> Iterator[Result]:
    for n, (answer, reference) in enumerate(timed, 1):
        yield Result(
            PERFORMANCE, f"time-{n:03}", (), f"time-{n:03}", "", {"ratio": Share(answer / reference)}, (), "",
            f"{answer:.1f} ms over {reference:.1f} ms", "", "", (),
        )  # fmt: skip


def _timed(run: Run) -> list[Result]:
    return [r for r in run.results if r.task == PERFORMANCE]


class _Counted:
    """Tells a progress bar of every output, from whichever thread it comes."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._lock = threading.Lock()
        self._done, self._total, self._progress = 0, total, progress

    def one_more(self) -> None:
        with self._lock:
            self._done = min(self._done + 1, self._total)
            self._progress(self._done, self._total)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, "utf-8")


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
