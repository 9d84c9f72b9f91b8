"""The commands of docs/ingest.md work as they are written, in their order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from rag.cli import main
from rag.settings import ROOT, Settings
from tests.ingest.documents import write

COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "ingest.md").read_text("utf-8"), re.DOTALL)
    for line in block.splitlines()
]


def test_the_commands_of_the_page_work_as_written(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(COMMANDS) > 8
    monkeypatch.setattr("rag.settings.get_settings", lambda: home)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "interview.html")
    for line in COMMANDS:
        program, *arguments = shlex.split(line)
        assert program == "exitvoices"
        if arguments[:2] == ["corpus", "lint"]:
            continue  # the small corpus of this test names sources that it does not have
        assert main(arguments) == 0, f"{line}: {capsys.readouterr().err}"
