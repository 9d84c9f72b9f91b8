"""The commands in docs/packs.md work as they stand there, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rag.index import Index
from rag.settings import ROOT, Settings

COMMANDS = re.findall(
    r"^\.venv/bin/exitvoices (.+)$", (ROOT / "docs" / "packs.md").read_text("utf-8"), re.MULTILINE
)


def test_the_commands_of_the_page_work_as_written(index: Index, settings: Settings, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EXITVOICES_CORPUS_DIR": str(settings.corpus_dir),
        "EXITVOICES_DATA_DIR": str(settings.data_dir),
    }
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "rag", *shlex.split(command)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout or (tmp_path / "leaving.yaml").stat().st_size
    assert {p.suffix for p in tmp_path.iterdir()} == {".yaml", ".pdf", ".docx", ".md"}
