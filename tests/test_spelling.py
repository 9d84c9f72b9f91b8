"""A question typed in haste finds what it would have found, and no word that somebody meant is made another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import Assistant
from rag.spelling import Spelling, one_slip
from rag.tokens import words

SPELLING = Spelling(
    [
        "How long was the training before the Moroccan was allowed to film?",
        "Who was allowed to film after the training, and for how long?",
        "The training was for those who were allowed to film for a long time.",
        "Before the training nobody was allowed to film or to leave the building.",
    ],
    words(),
)


@pytest.mark.parametrize(
    ("a", "b", "close"), [("syria", "syira", True), ("khalifa", "kalifa", True), ("raqqa", "raqa", True),
                          ("men", "women", False), ("albert", "alberta", True), ("erion", "elvin", False)],
)  # fmt: skip
def test_one_slip_is_one_letter_or_one_swap(a: str, b: str, close: bool) -> None:
    assert one_slip(a, b) is close
    assert one_slip(b, a) is close


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("how long was the trainning", "how long was the training"),
        ("Trianing, how long was it?", "training, how long was it?"),
        ("who was alowed to flim", "who was allowed to film"),
        ("Was anyone allowwed, though?", "Was anyone allowed, though?"),
    ],
)
def test_a_slip_is_read_as_the_word_that_was_meant(typed: str, read: str) -> None:
    assert SPELLING.corrected(typed) == read


@pytest.mark.parametrize(
    "question",
    [
        "who was allowed to filmed it",  # another form that somebody may have meant
        "Was there a straining of the ties to the family?",  # a word of the language that this corpus lacks
        "Did the man called Tralning film?",  # a name
        "did musk fill the form",  # a name without its capital, words near to film and from
        "Wie lange dauerte das Trainin vor dem Filmen?",  # not English
        "Pendant combien de temps était le trainning ?",
        "",
        "???",
    ],
)
def test_what_may_be_meant_is_left_as_it_is(question: str) -> None:
    assert SPELLING.corrected(question) == question


def test_where_no_word_is_known_to_exist_nothing_is_put_right() -> None:
    assert Spelling(["the training of those"] * 9, frozenset()).corrected("the trainning") == "the trainning"


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(SPELLING.corrected(text), str)


def test_a_question_full_of_slips_finds_the_same_passages(assistant: Assistant) -> None:
    """Of the first five passages at least four."""
    for right, typed in (
        ("What did the recruiters promise young people?", "waht did the recruitters promise youg peopel"),
        ("Why was it so hard to leave the movement?", "why was it so hrad to leav the movemnt"),
        ("How did her family react when she came back?", "how did her familly raect when she cmae back"),
    ):
        first, second = ([h.passage.id for h in assistant.search(q, k=5)] for q in (right, typed))
        assert len(set(first) & set(second)) >= 4, typed
