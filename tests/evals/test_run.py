"""Runs on the real assistant: the smoke gate of a release, the same bytes twice, and defects that must be caught."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from evals.baseline import read_baseline
from evals.defects import DEFECTS
from evals.gate import judge, load_gates, smoke_plan, worst
from evals.mutations import mutated
from evals.run import Plan, RunError, execute, read, rescore
from rag.index import Index
from rag.settings import Settings
from tests.conftest import make_settings

FEW = Plan(tasks=("retrieval", "accuracy", "grounding", "abstention", "conversation"), limit=3, workers=1)
ENOUGH = 16  # cases a task: of eight two are unanswerable, too few for the bounds of a sound system


def again(settings: Settings, place: Path) -> Settings:
    """The same corpus and index with a store of outputs of its own, so that everything is asked anew."""
    (place / "data").mkdir(parents=True)
    (place / "data" / "index").symlink_to(settings.index_root, target_is_directory=True)
    cache = settings.data_dir / "vectors.sqlite3"
    if cache.is_file():
        (place / "data" / "vectors.sqlite3").write_bytes(cache.read_bytes())
    return make_settings(settings.corpus_dir, place / "data")


def test_this_version_passes_the_smoke_gate(settings: Settings, index: Index, tmp_path: Path) -> None:
    gates = load_gates()
    started = time.monotonic()
    # One process more would take longer to start than to answer its half of these cases.
    run = execute(smoke_plan(gates).model_copy(update={"workers": 1}), settings, tmp_path / "smoke")
    took = time.monotonic() - started
    verdict = judge(run, read_baseline(), gates, smoke=True)
    assert verdict.passed, "\n".join([verdict.summary, *(f.text for f in worst(verdict))])
    assert {r.task for r in run.results} >= {
        "retrieval",
        "abstention",
        "safety",
        "distress",
        "stigma",
        "performance",
    }
    assert 100 <= len(run.results) <= 350
    assert took < 180  # a minute on two idle cores; the machines that run this are neither idle nor alike


def test_two_runs_of_one_revision_are_the_same_bytes(
    settings: Settings, index: Index, tmp_path: Path
) -> None:
    """The second asks everything anew, in a process that has seen nothing of the first."""
    execute(FEW, settings, tmp_path / "one")
    execute(FEW, again(settings, tmp_path), tmp_path / "two")
    for file in ("results.jsonl", "outputs.jsonl", "manifest.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_a_run_is_read_back_whole_and_scored_again_without_asking(
    settings: Settings, index: Index, tmp_path: Path
) -> None:
    run = execute(FEW, settings, tmp_path / "run")
    assert read(tmp_path / "run").values == run.values
    before = (tmp_path / "run" / "results.jsonl").read_bytes()
    (tmp_path / "run" / "results.jsonl").write_text("", "utf-8")
    assert rescore(tmp_path / "run", settings).values == run.values
    assert (tmp_path / "run" / "results.jsonl").read_bytes() == before


def test_a_run_goes_on_where_it_stopped(settings: Settings, index: Index, tmp_path: Path) -> None:
    plan = Plan(tasks=("abstention",), limit=6, workers=1)
    first = execute(plan, settings, tmp_path / "first")
    second = execute(plan, settings, tmp_path / "second")
    assert first.results == second.results
    assert (
        first.times["milliseconds"] == second.times["milliseconds"]
    )  # nothing was asked, so nothing was timed anew


def test_inspect_can_open_the_log(settings: Settings, index: Index, tmp_path: Path) -> None:
    from inspect_ai.log import list_eval_logs, read_eval_log

    run = execute(Plan(tasks=("retrieval",), limit=3, workers=1), settings, tmp_path / "run")
    log = read_eval_log(list_eval_logs(str(tmp_path / "run" / "logs"))[0])
    assert log.status == "success"
    assert log.results is not None
    found = log.results.scores[0].metrics
    assert found["recall_5"].value == pytest.approx(run.values["retrieval.recall_5"])


def test_nothing_to_ask_is_said_and_a_folder_that_is_no_run_too(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no case matches"):
        execute(Plan(tasks=("retrieval",), tags=("no such tag",)), settings, tmp_path / "run")
    with pytest.raises(RunError, match="not a finished run"):
        read(tmp_path)


def test_what_the_system_cannot_answer_is_an_error_of_the_run_and_no_zero(
    settings: Settings, index: Index, tmp_path: Path
) -> None:
    broken = settings.model_copy(update={"max_question_chars": 1})
    run = execute(Plan(tasks=("provenance",), limit=2, workers=1), broken, tmp_path / "run")
    assert not run.errors  # a question that is refused as too long is an answer of the system
    (tmp_path / "run" / "outputs.jsonl").write_text(
        json.dumps({"task": "provenance", "case": "pro-9999", "asked": [], "beside": []}) + "\n", "utf-8"
    )
    with pytest.raises(RunError, match="no longer a case"):
        rescore(tmp_path / "run", broken)


@pytest.mark.parametrize("defect", ["notices_lost", "always_abstains", "uncited_sentence"])
def test_a_defect_closes_the_gate(defect: str, settings: Settings, index: Index, tmp_path: Path) -> None:
    """Three of them here; `python -m evals.mutations` runs all."""
    assert len(DEFECTS) >= 15
    caught = next(mutated([defect], settings, load_gates(), tmp_path, limit=ENOUGH))
    assert not caught.verdict.passed
