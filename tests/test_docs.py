"""Documentation that is made from the code is what the code says today, and links inside the project lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from rag.docs import rendered
from rag.index import Index
from rag.settings import ROOT, Settings
from tests.conftest import Run

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "corpus").glob("*.md")])


@pytest.mark.parametrize("name", ["cli.md", "operations.md", "policy.md"])
def test_generated_pages_are_current(name: str) -> None:
    wanted = rendered(DOCS)[DOCS / name]
    assert (DOCS / name).read_text("utf-8") == wanted, "run: python -m rag.docs"


def test_every_setting_and_every_command_is_described() -> None:
    table = (DOCS / "operations.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"| `EXITVOICES_{name.upper()}` |" in table
    commands = (DOCS / "cli.md").read_text("utf-8")
    for name in (
        "serve",
        "ask",
        "answer",
        "search",
        "corpus lint",
        "corpus remove",
        "index verify",
        "screen",
        "eval run",
        "eval gate",
        "eval compare",
        "eval case add",
    ):
        assert f"## `exitvoices {name}`" in commands


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_inside_the_project_lead_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


EXAMPLES = re.findall(r"^\.venv/bin/exitvoices (.+)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_commands_of_the_readme_work_as_written(
    example: str,
    index: Index,
    settings: Settings,
    run_on: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "questions.jsonl").write_text(
        '{"id": 1, "question": "Why did Erion go to Syria?"}\n', "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    done = run_on(settings, *shlex.split(example))
    assert done.code == 0, done.err
    assert done.out or (tmp_path / "answers.jsonl").stat().st_size
