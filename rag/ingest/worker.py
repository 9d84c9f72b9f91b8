"""Reads one file in a process of its own: `python -m rag.ingest.worker FILE KIND LIMITS OUT`.

A parser that a hostile file gets hold of has bounded memory and processor time, writes nothing but OUT, and dies alone.
Exit code 0 means that OUT holds a Document, 3 that it holds the reason why there is none.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import cast

from rag.ingest.document import Format
from rag.ingest.limits import MB, Limits, Unreadable
from rag.ingest.readers import read

REFUSED = 3
OUTPUT = 256 * MB


def bound(limits: Limits) -> None:
    """Holds this process to its limits from here on."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> int:
    path, kind, limits, out = sys.argv[1:5]
    given = Limits.model_validate_json(limits)
    bound(given)
    try:
        document = read(Path(path), cast(Format, kind), given)
        said, code = document.model_dump_json(exclude_defaults=True), 0
    except Unreadable as e:
        said, code = str(e), REFUSED
    except (MemoryError, RecursionError) as e:
        said, code = f"it needs more than is safe to read ({type(e).__name__})", REFUSED
    except Exception as e:  # a parser's own errors are many, and each means the same to the owner of the file
        said, code = f"the file is damaged or not what it says ({type(e).__name__}: {str(e)[:120]})", REFUSED
    Path(out).write_text(said, "utf-8", "replace")
    return code


if __name__ == "__main__":
    sys.exit(main())
