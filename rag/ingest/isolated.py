"""Reading a file without trusting it: in a process with bounds, of which only checked data comes back."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from pydantic import ValidationError

from rag.ingest.document import Document
from rag.ingest.kinds import kind_of
from rag.ingest.limits import DEFAULT, Limits, Unreadable
from rag.ingest.worker import OUTPUT, REFUSED

HOME = Path(__file__).resolve().parents[2]  # the package must be found from any working directory


def read_safely(path: Path, limits: Limits = DEFAULT) -> Document:
    """What a file holds. Raises Unreadable, within `limits.seconds` whatever the file does."""
    kind = kind_of(path, limits)
    with tempfile.TemporaryDirectory(prefix="exitvoices-") as folder:
        out = Path(folder) / "document.json"
        command = [
            sys.executable,
            "-m",
            "rag.ingest.worker",
            str(path.resolve()),
            kind,
            limits.model_dump_json(),
        ]
        try:
            done = subprocess.run(
                [*command, str(out)],
                cwd=HOME,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=limits.seconds + 10,
                check=False,
            )
        except subprocess.TimeoutExpired as e:
            raise Unreadable(f"reading it took more than {limits.seconds} seconds; split it") from e
        if done.returncode == REFUSED and out.is_file():
            raise Unreadable(out.read_text("utf-8", "replace")[:500])
        if done.returncode != 0 or not out.is_file() or out.stat().st_size > OUTPUT:
            raise Unreadable(
                f"reading it needed more time or memory than is safe (ended with {done.returncode})"
            )
        try:
            return Document.model_validate_json(out.read_bytes())
        except ValidationError as e:
            raise Unreadable("what was read from it makes no sense; the file may be damaged") from e
