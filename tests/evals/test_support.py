"""A sentence passes when its statements bear it, and not when a number, a name or a negation differs."""

from __future__ import annotations

import pytest

from evals.support import bears, precise

STATEMENT = "Erion, a 20-year-old from Kosovo, said that he went to Syria in 2014 to help people."


@pytest.mark.parametrize(
    ("sentence", "borne"),
    [
        (STATEMENT, True),
        ("Erion, a 20-year-old from Kosovo, said that he went to Syria to help people.", True),
        ("Erion, a 20-year-old from Kosovo, said that he went to Syria in 2015 to help people.", False),
        ("Besnik, a 20-year-old from Kosovo, said that Besnik went to Syria in 2014 to help people.", False),
        ("Erion, a 20-year-old from Kosovo, said that he did not go to Syria in 2014 to help people.", False),
        (
            "Erion said that he went to Syria in 2014 to help people and regretted the journey bitterly ever since.",
            False,
        ),
    ],
)
def test_one_statement(sentence: str, borne: bool) -> None:
    assert bears([STATEMENT], sentence) is borne


def test_nothing_cited_bears_nothing() -> None:
    assert not bears([], "Anything.")


def test_a_citation_that_adds_nothing_is_not_precise() -> None:
    other = "The Washington Post wrote that assignments came on slips of paper."
    assert precise([STATEMENT, other], STATEMENT) == [True, False]


def test_two_statements_that_bear_a_sentence_only_together_are_both_precise() -> None:
    one, two = "Abu Hajer earned 700 dollars a month.", "Abu Hajer was given a Toyota Hilux."
    sentence = "Abu Hajer earned 700 dollars a month and was given a Toyota Hilux."
    assert precise([one, two], sentence) == [True, True]
