"""Words, stems and numbers are read the same way however they are written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import content_stems, content_words, fold, numbers, stem, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("41.4 percent of the 111 men", {"41.4", "111"}),
        ("1,200 soldiers", {"1200"}),
        ("40,000 to 45,000", {"40000", "45000"}),
        ("twenty-one men", {"20", "21"}),
        ("three hundred people", {"3", "300"}),
        ("in July 2011", {"2011"}),
        ("$700 a month", {"700"}),
        ("nobody at all", set()),
    ],
)
def test_a_number_is_the_same_number_in_digits_and_in_words(text: str, found: set[str]) -> None:
    assert numbers(text) == found


@given(st.integers(min_value=0, max_value=10**9))
def test_any_whole_number_is_found_with_and_without_separators(n: int) -> None:
    assert str(n) in numbers(f"there were {n} of them")
    assert numbers(f"there were {n:,} of them") == numbers(f"there were {n} of them")


@given(st.text())
def test_reading_any_text_never_fails_and_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text) or not fold(text).isascii()
    assert len(content_words(text)) <= len(words(text))
    numbers(text)


def test_a_question_word_is_not_content_and_inflection_does_not_matter() -> None:
    assert content_stems("Why did the soldiers leave?") == content_stems("soldier leaving")


def test_words_are_stemmed_alike_in_many_threads_at_once() -> None:
    endings = ("s", "ing", "ed", "er", "ation")
    made = [f"{a}{b}" for a in ("run", "believ", "discriminat", "organis", "recruit") for b in endings]
    alone = [stem(w) for w in made]
    stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stem, made * 50)) == alone * 50
