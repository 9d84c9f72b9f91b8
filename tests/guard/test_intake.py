"""What a reader typed is cleaned of what cannot be seen, and nothing readable is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.guard.intake import BadQuestion, clean_question


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  why\tdid\nhe go ", "why did he go"),
        ("why\u202e did\u200b he go", "why did he go"),
        ("pourquoi sont-ils partis\u00a0?", "pourquoi sont-ils partis ?"),
        ("لماذا ذهبوا؟", "لماذا ذهبوا؟"),
        ("<script>alert(1)</script> why", "<script>alert(1)</script> why"),
    ],
)
def test_hidden_characters_go_and_readable_ones_stay(typed: str, clean: str) -> None:
    assert clean_question(typed, 2000) == clean


def test_a_hundred_thousand_characters_are_refused_with_the_limit() -> None:
    with pytest.raises(BadQuestion, match=r"100,000 characters long.*at most 2,000"):
        clean_question("a" * 100_000, 2000)


@given(st.text(max_size=300))
def test_any_text_is_cleaned_once_for_all_or_refused(text: str) -> None:
    try:
        once = clean_question(text, 2000)
    except BadQuestion:
        return
    assert clean_question(once, 2000) == once
    assert "\n" not in once
