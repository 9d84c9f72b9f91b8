"""The scorers agree with a person where the suite relies on them, and the figures are what the docs say."""

from __future__ import annotations

import pytest

from evals.agreement import LABELS, agreement, borne, by_words
from evals.cases import rows


def test_there_are_at_least_two_hundred_hand_labels() -> None:
    assert sum(1 for name in ("said", "bears") for _ in rows(LABELS / f"{name}.jsonl")) >= 200


def test_the_nugget_matcher_agrees_with_a_person() -> None:
    found = by_words()
    assert found.kappa >= 0.8
    assert found.same >= 0.9


def test_quotations_are_always_borne_and_lost_attribution_never_is() -> None:
    assert borne(kinds=["exact"]).same == 1.0
    assert borne(kinds=["attribution_removed"]).same == 1.0


def test_kappa_is_cohens() -> None:
    machine = [True] * 20 + [True] * 10 + [False] * 5 + [False] * 15
    person = [True] * 20 + [False] * 10 + [True] * 5 + [False] * 15
    assert agreement("x", machine, person).kappa == pytest.approx(0.4)
    with pytest.raises(ValueError, match="equally long"):
        agreement("x", [], [])
