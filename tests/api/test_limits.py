"""How often somebody may ask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.api.limits import RateLimit, caller


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.integers(1, 50), st.lists(st.floats(0, 30), max_size=300))
def test_never_more_than_the_limit_passes_at_once_nor_twice_it_in_any_minute(
    per_minute: int, pauses: list[float]
) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    passed = []
    for pause in pauses:
        clock.now += pause
        if not limit.wait("a"):
            passed.append(clock.now)
    for start in passed:
        assert sum(start <= t < start + 60 for t in passed) <= 2 * per_minute
        assert passed.count(start) <= per_minute


@given(st.integers(1, 50))
def test_after_the_told_wait_one_more_may_pass_and_others_are_not_held_up(per_minute: int) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    assert [limit.wait("a") for _ in range(per_minute)] == [0] * per_minute
    wait = limit.wait("a")
    assert wait > 0
    assert limit.wait("b") == 0
    clock.now += wait
    assert limit.wait("a") == 0


def test_an_address_counts_as_one_and_so_does_the_network_of_a_household() -> None:
    assert caller("192.0.2.7") != caller("192.0.2.8")
    assert caller("2001:db8::1") == caller("2001:db8::ffff:1") != caller("2001:db8:0:1::1")
    assert caller(None) == ""
