"""Intervals and tests give the figures of the textbooks, and never a number where there is none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.stats import (
    Share,
    bootstrap,
    holm,
    mcnemar,
    paired_bootstrap,
    ratio,
    smallest_visible,
    wilson,
    zero_bound,
)


@pytest.mark.parametrize(
    ("worse", "better", "p"), [(5, 0, 0.0625), (6, 0, 0.03125), (9, 2, 0.0654), (0, 0, 1.0), (3, 3, 1.0)]
)
def test_mcnemar_is_the_exact_binomial_test_of_the_flips(worse: int, better: int, p: float) -> None:
    assert mcnemar(worse, better) == pytest.approx(p, abs=5e-4)
    assert mcnemar(better, worse) == mcnemar(worse, better)


@pytest.mark.parametrize(
    ("n", "bound"), [(30, 0.095), (50, 0.058), (100, 0.0295), (300, 0.0099), (1000, 0.003)]
)
def test_none_seen_is_not_none_possible(n: int, bound: float) -> None:
    assert zero_bound(n) == pytest.approx(bound, abs=6e-4)


def test_the_interval_of_a_rate_is_wilsons() -> None:
    low, high = wilson(95, 100)
    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_in_its_own_interval(case: tuple[int, int]) -> None:
    k, n = case
    low, high = wilson(k, n)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1


def test_an_f1_is_a_ratio_of_sums() -> None:
    """Two right abstentions, one wrong one and one missed: 2·2 / (3 + 3)."""
    cases = [Share(2, 2), Share(2, 2), Share(0, 1), Share(0, 1)]
    assert ratio(cases) == pytest.approx(2 * 2 / (3 + 3))


def test_nothing_counted_is_an_error_and_no_zero() -> None:
    with pytest.raises(ValueError, match="nothing was counted"):
        ratio([Share(0, 0)])
    with pytest.raises(ValueError, match="in common"):
        paired_bootstrap({"a": Share(1)}, {"b": Share(1)}, {"a": "a", "b": "b"})


def test_cases_of_one_source_move_together() -> None:
    """Forty questions on two testimonies tell less than forty on forty."""
    shares = {f"q{n}": Share(float(n < 20)) for n in range(40)}
    alone = bootstrap(shares, {k: k for k in shares})
    together = bootstrap(shares, {k: str(int(k[1:]) // 20) for k in shares})
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    shares = {f"q{n}": Share(n / 50) for n in range(50)}
    groups = {k: k for k in shares}
    assert bootstrap(shares, groups) == bootstrap(shares, groups)
    assert bootstrap(shares, groups, seed=1) != bootstrap(shares, groups)


def test_a_pair_of_runs_that_hardly_differ_is_noise_and_one_that_does_is_not() -> None:
    base = {f"q{n}": Share(float(n % 2)) for n in range(200)}
    groups = {k: k for k in base}
    little = {**base, "q0": Share(1.0)}
    much = {k: Share(1.0) if int(k[1:]) % 8 == 0 else v for k, v in base.items()}
    assert paired_bootstrap(base, little, groups)[1] > 0.05
    interval, p = paired_bootstrap(base, much, groups)
    assert p < 0.01
    assert interval.low > 0


def test_holm_asks_more_of_the_smallest_and_keeps_the_order() -> None:
    adjusted = holm({"a": 0.01, "b": 0.04, "c": 0.03})
    assert adjusted == {"a": pytest.approx(0.03), "c": pytest.approx(0.06), "b": pytest.approx(0.06)}


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_makes_a_p_value_smaller(p_values: dict[str, float]) -> None:
    adjusted = holm(p_values)
    assert all(p_values[k] <= adjusted[k] <= 1 for k in p_values)


def test_more_cases_see_smaller_changes() -> None:
    steps = [0.0, 1.0, 0.0, -1.0]
    assert smallest_visible(steps * 100) < smallest_visible(steps * 10) < smallest_visible(steps)
    assert smallest_visible([0.0] * 100) > 0
    assert smallest_visible([0.5]) == math.inf
