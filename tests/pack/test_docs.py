"""The commands in docs/packs.md work as they stand there, one after the other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from rag.index import Index
from rag.settings import ROOT, Settings
from tests.conftest import Run

COMMANDS = re.findall(
    r"^\.venv/bin/exitvoices (.+)$", (ROOT / "docs" / "packs.md").read_text("utf-8"), re.MULTILINE
)


def test_the_commands_of_the_page_work_as_written(
    index: Index, settings: Settings, run_on: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        done = run_on(settings, *shlex.split(command))
        assert done.code == 0, f"{command}: {done.err}"
        assert done.out or (tmp_path / "leaving.yaml").stat().st_size
    assert {p.suffix for p in tmp_path.iterdir()} == {".yaml", ".pdf", ".docx", ".md"}
