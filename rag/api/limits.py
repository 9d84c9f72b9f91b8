"""How often somebody may ask: so many times a minute, all at once or spread, by the generic cell rate algorithm
(ATM Forum TM 4.0, 1996), which keeps one number a caller."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable

MINUTE = 60.0
MOST_CALLERS = 10_000  # beyond these, callers who are owed nothing any more are forgotten


class RateLimit:
    """Counts in memory only; a caller is forgotten a minute after the last request. 0 a minute means no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._between = MINUTE / per_minute if per_minute else 0.0
        self._clock = clock
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, caller: str = "") -> float:
        """Seconds until this caller may ask; 0 when it may now, which is then counted."""
        if not self._between:
            return 0.0
        with self._lock:
            now = self._clock()
            due = max(self._due.get(caller, now), now)
            early = due + self._between - now - MINUTE
            if early > 1e-9:
                return early
            self._due[caller] = due + self._between
            if len(self._due) > MOST_CALLERS:
                self._due = {k: v for k, v in self._due.items() if v > now}
            return 0.0


def caller(host: str | None) -> str:
    """Who counts as one: an address, of IPv6 the network of 64 bits that one household has."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or ""
    if address.version == 6:
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)
