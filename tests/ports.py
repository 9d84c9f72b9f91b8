"""Ports for servers that a test starts, free when asked for.

They lie below those that the system hands out by itself, and each worker has its own, so that two tests that run at
once never agree on one.
"""

from __future__ import annotations

import os
import re
import socket
from itertools import cycle, islice

FIRST = 21_000
EACH = 500  # ports of one worker
_WORKER = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0) % 20
# Where it starts depends on the process: two runs of the suite on one machine do not meet at the first port.
_NEXT = cycle(range(FIRST + _WORKER * EACH, FIRST + (_WORKER + 1) * EACH))
next(islice(_NEXT, os.getpid() % EACH, None))


def free_port() -> int:
    for port in islice(_NEXT, EACH):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"none of the ports {FIRST} to {FIRST + 20 * EACH} of this worker is free")
