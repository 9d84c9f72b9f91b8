"""A nugget is found when its fact is said, in digits or words, and not when it is denied or scattered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.cases import Nugget
from evals.matching import Said, recall, said


def nugget(*must: list[str], text: str = "a fact", vital: bool = True) -> Nugget:
    return Nugget(text=text, vital=vital, must=tuple(tuple(m) for m in must))


@pytest.mark.parametrize(
    ("must", "text", "found"),
    [
        ([["2"]], "He had two children.", Said.WHOLLY),
        ([["2"]], "That was in 2014.", Said.NOT),
        ([["41.4"]], "41.4 percent of the 111 men", Said.WHOLLY),
        ([["1200", "1,200"]], "about 1,200 of them", Said.WHOLLY),
        ([["online", "internet"]], "They met on the Internet.", Said.WHOLLY),
        ([["leave"]], "He was leaving.", Said.WHOLLY),
        ([["700"], ["month"]], "He got $700 a month.", Said.WHOLLY),
        ([["700"], ["month"]], "He got $700 a week.", Said.PARTLY),
        ([["paid"]], "He was not paid.", Said.DENIED),
        ([["paid"]], "He was never paid by anyone.", Said.DENIED),
        ([["ammunition"]], "He had almost no ammunition left.", Said.WHOLLY),
        ([["paid"]], "He did not complain, but he was paid.", Said.WHOLLY),
    ],
)
def test_one_sentence(must: list[list[str]], text: str, found: Said) -> None:
    assert said(nugget(*must), [text]) is found


def test_a_fact_that_is_a_denial_is_found_in_a_denial() -> None:
    assert said(nugget(["paid"], text="He was not paid"), ["He was not paid."]) is Said.WHOLLY


def test_the_parts_of_a_fact_must_stand_near_each_other() -> None:
    fact = nugget(["smuggler"], ["turkey"])
    near = ["A smuggler helped.", "He lived in Turkey."]
    far = ["A smuggler helped.", "It was hot.", "He slept.", "They ate.", "Somebody else lived in Turkey."]
    assert said(fact, near) is Said.WHOLLY
    assert said(fact, far) is Said.PARTLY


def test_recall_counts_what_is_asked_for_and_is_none_where_nothing_is() -> None:
    nuggets = [nugget(["a"]), nugget(["b"]), nugget(["c"], vital=False)]
    assert recall(nuggets, ["a and c"], vital=True) == 0.5
    assert recall(nuggets, ["a and c"], vital=False) == pytest.approx(2 / 3)
    assert recall([nugget(["c"], vital=False)], ["c"], vital=True) is None


@given(st.lists(st.text(max_size=80), max_size=5), st.text(min_size=1, max_size=20))
def test_any_text_can_be_read(sentences: list[str], alternative: str) -> None:
    assert said(nugget([alternative]), sentences) in Said
