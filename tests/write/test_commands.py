"""The commands of write mode, run as they stand in docs/writing.md against an endpoint on loopback."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from rag.index import Index
from rag.settings import ROOT, Settings
from tests.conftest import Run
from tests.write.endpoint import Asked, Handler, endpoint, given, reply, says

COMMANDS = re.findall(r"^exitvoices (.+)$", (ROOT / "docs" / "writing.md").read_text("utf-8"), re.MULTILINE)


def fair(rows: list[tuple[str, str, str]]) -> str:
    return reply(*[([ref], who, text) for ref, who, text in rows[:2]])


def seasons_or_sentences(handler: Handler, asked: Asked) -> None:
    rows = given(asked)
    if rows:
        says(fair)(handler, asked)
        return
    handler.open_stream()
    handler.text(json.dumps({"seasons": ["spring", "summer", "autumn", "winter"]}))
    handler.end_stream()


@pytest.fixture
def run(run_on: Run, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a line of the page in a folder of the test, with further settings."""
    monkeypatch.chdir(tmp_path)
    return lambda line, **environment: run_on(settings, *shlex.split(line), **environment)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_work_as_written(
    command: str, index: Index, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "questions.jsonl").write_text(
        '{"id": 1, "question": "Why did Erion go to Syria?"}\n', "utf-8"
    )
    with endpoint(seasons_or_sentences) as server:
        done = run(command, EXITVOICES_WRITE_MODEL="scripted", EXITVOICES_WRITE_URL=server.url)
    assert done.code == 0, done.err
    assert server.asked
    if command.startswith("models"):
        assert "works: yes" in done.out
        assert "keeps to a JSON schema: yes" in done.out
    if command.startswith("answer"):
        told = json.loads((tmp_path / "answers.jsonl").read_text("utf-8"))
        assert told["mode"] == "write"
        assert told["writing"]["tokens_in"] == 100


def test_write_mode_without_a_model_says_what_to_set(index: Index, run: Run) -> None:
    done = run('ask "Why did Erion go to Syria?" --mode write')
    assert done.code == 2
    assert "EXITVOICES_WRITE_MODEL" in done.err


def test_checking_no_model_says_that_none_is_needed(run: Run) -> None:
    done = run("models check")
    assert done.code == 2
    assert "none is needed" in done.err


def test_a_dead_endpoint_fails_the_check_and_names_the_reason(run: Run) -> None:
    done = run(
        "models check",
        EXITVOICES_WRITE_MODEL="m",
        EXITVOICES_WRITE_URL="http://127.0.0.1:9/v1",
    )
    assert done.code == 1
    assert "cannot be reached" in done.err


def test_a_budget_without_prices_is_a_wrong_setting(run: Run) -> None:
    done = run("models check", EXITVOICES_WRITE_BUDGET="5")
    assert done.code == 2
    assert "EXITVOICES_WRITE_PRICE_IN" in done.err


def test_the_evals_measure_written_answers(index: Index, settings: Settings, run: Run) -> None:
    pytest.importorskip("inspect_ai")
    command = "eval run --task accuracy --split dev --limit 2 --mode write --workers 1 --name written"
    with endpoint(seasons_or_sentences) as server:
        model = {"EXITVOICES_WRITE_MODEL": "scripted", "EXITVOICES_WRITE_URL": server.url}
        done = run(command, **model)
    assert done.code == 0, done.err
    lines = (
        (settings.data_dir / "evals" / "runs" / "written" / "outputs.jsonl").read_text("utf-8").splitlines()
    )
    answers = [json.loads(line)["asked"][-1]["answer"] for line in lines]
    assert "write" in {a["mode"] for a in answers}


def test_the_evals_do_not_pass_quoted_answers_off_as_written(index: Index, run: Run) -> None:
    pytest.importorskip("inspect_ai")
    dead = {"EXITVOICES_WRITE_MODEL": "m", "EXITVOICES_WRITE_URL": "http://127.0.0.1:9/v1"}
    done = run("eval run --task accuracy --limit 1 --mode write", **dead)
    assert done.code == 2
    assert "cannot be used" in done.err
