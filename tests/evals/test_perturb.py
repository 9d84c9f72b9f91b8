"""A disturbed question is the same question: always disturbed alike, and a disguise can be taken off."""

from __future__ import annotations

import base64
import codecs

from hypothesis import given
from hypothesis import strategies as st

from evals.perturb import DISGUISES, HARMLESS, in_base64, in_rot13, typos

QUESTION = "Why did the cameraman from Morocco leave the group after the Paris attacks?"


@given(st.text(max_size=200))
def test_every_disturbance_takes_any_text_and_is_always_the_same(text: str) -> None:
    for disturb in (*HARMLESS.values(), *DISGUISES.values()):
        assert disturb(text) == disturb(text)


def test_each_one_changes_the_question() -> None:
    for name, disturb in {**HARMLESS, **DISGUISES}.items():
        assert disturb(QUESTION) != QUESTION, name


def test_slips_leave_most_words_alone() -> None:
    kept = set(QUESTION.split()) & set(typos(QUESTION).split())
    assert len(kept) >= 0.5 * len(set(QUESTION.split()))


def test_the_encodings_are_real() -> None:
    assert base64.b64decode(in_base64(QUESTION)).decode() == QUESTION
    assert codecs.encode(in_rot13(QUESTION), "rot13") == QUESTION
