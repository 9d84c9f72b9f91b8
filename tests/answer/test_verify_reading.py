"""How numbers and names of a sentence are read."""

from __future__ import annotations

import string

from hypothesis import example, given
from hypothesis import strategies as st

from rag.answer.verify.figures import figures, wrong_figure
from rag.answer.verify.form import malformed
from rag.answer.verify.reading import plain, read


@given(st.integers(2, 999_999))
def test_a_number_is_found_however_its_thousands_are_written(n: int) -> None:
    plainly, grouped = read(f"There were {n} people."), read(f"There were {n:,} people.")
    assert wrong_figure(plainly, [grouped]) is None
    assert wrong_figure(grouped, [plainly]) is None


@given(st.integers(2, 9_999), st.integers(2, 9_999))
def test_another_number_is_never_taken_for_the_same(n: int, other: int) -> None:
    wrong = wrong_figure(read(f"There were {n} people."), [read(f"There were {other} people.")])
    assert (wrong is None) == (n == other)


def test_spelled_numbers_are_numbers() -> None:
    assert wrong_figure(read("Twelve men came."), [read("12 men came.")]) is None
    assert wrong_figure(read("Twelve men came."), [read("Ten men came.")]) is not None
    assert wrong_figure(read("He served two hundred days."), [read("He served 200 days.")]) is None


def test_a_number_keeps_its_unit_and_what_it_counts() -> None:
    held = [read("Of the 40 women, 30.5 percent left after 3 months.")]
    assert wrong_figure(read("30.5 percent of the women left."), held) is None
    assert wrong_figure(read("30.5 percent of the men left."), held) is not None
    assert wrong_figure(read("They left after 3 years."), held) is not None
    assert wrong_figure(read("40 percent of the women left."), held) is not None


@given(st.text(max_size=300))
@example("1. 2, 3.4.5 %")
@example("²③ ½ ١٢")
def test_any_text_can_be_read(text: str) -> None:
    figures(read(plain(text)))
    malformed(text)


@given(st.text(alphabet=string.ascii_letters + " ", min_size=1, max_size=80))
def test_reading_keeps_every_word(text: str) -> None:
    assert [t.raw for t in read(text).tokens] == text.split()
