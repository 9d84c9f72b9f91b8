"""What must not be done in the process that builds an index is done in another: see worker, which runs there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

Apart = Callable[[Literal["write", "check"], Path], str | None]


@contextmanager
def apart(lock: int | None = None) -> Iterator[Apart]:
    """Starts that process, and ends it afterwards. What it gives has a directory written or checked there, and returns
    what went wrong, None where nothing did.

    `lock` is the descriptor of a lock that the process shares: if this one is killed, nobody else gets the lock before
    that one has stopped writing.
    """
    home = str(Path(__file__).resolve().parents[2])  # the package must be found from any working directory
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(
        [sys.executable, "-m", "rag.index.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        pass_fds=() if lock is None else (lock,),
    ) as process:
        orders, answers = process.stdin, process.stdout
        assert orders is not None
        assert answers is not None

        def have_done(what: Literal["write", "check"], directory: Path) -> str | None:
            with suppress(BrokenPipeError):  # then there is no answer either
                orders.write(json.dumps([what, str(directory)]) + "\n")
                orders.flush()
            said = answers.readline()
            if not said:
                return f"the process that should do it ended with code {process.wait()}"
            wrong: str | None = json.loads(said)
            return wrong

        yield have_done
