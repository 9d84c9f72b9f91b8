"""The process beside the one that builds an index: `python -m rag.index.worker`.

It is told by lines of JSON to write Chroma's part of a directory (see graph) or to check one (see check), and answers
each with a line: null, or what went wrong. Each is done in a process of its own that starts from this one, which itself
opens nothing: what one has read cannot get into what another writes, and a crash inside Chroma, which no program can
catch, ends neither this one nor the build. To import Chroma costs more than all the rest of a small index; it is paid
here once for both, while the build computes vectors.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from rag.index.check import check
from rag.index.graph import write

WORK: Mapping[str, Callable[[Path], object]] = {"write": write, "check": check}
LONGEST = 3600  # seconds
# A fork has Chroma imported already. On other systems than Linux, libraries of the system may not survive one.
START = "fork" if sys.platform == "linux" else "spawn"


def done_alone(what: str, directory: Path) -> str | None:
    """Does it in a new process; what went wrong, or None."""
    context = multiprocessing.get_context(START)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(theirs, what, directory))  # type: ignore[attr-defined]
    process.start()
    theirs.close()
    try:
        wrong: str | None = ours.recv() if ours.poll(LONGEST) else "it did not end within an hour"
        process.join(LONGEST if wrong is None else 1)
    except EOFError:
        process.join()
        return f"it ended with code {process.exitcode}"
    if process.is_alive():
        process.kill()
    return wrong


def _do(answer: Connection, what: str, directory: Path) -> None:
    try:
        WORK[what](directory)
    except BaseException as e:  # Chroma raises what it likes, panics of its core included
        answer.send(str(e) or type(e).__name__)
    else:
        answer.send(None)


def main() -> int:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    if START == "fork":
        import chromadb  # noqa: F401
    for line in sys.stdin:
        what, directory = json.loads(line)
        answers.write(json.dumps(done_alone(what, Path(directory))) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
