"""How statements are held against the original: numbers, names and copied stretches, for any text there may be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.lint.language import loose_pronoun
from rag.corpus.lint.originals import COPIED_WORDS, Known, copied_runs, unsupported_names, unsupported_numbers
from rag.text import numbers, stem

SMALL = """
    zero one two three four five six seven eight nine ten eleven twelve
    """.split()
TEENS = ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

NOBODY = Known(frozenset(), frozenset())
NO_NAMES = re.compile(r"(?!)")
plain_words = st.lists(st.text("bcdfghjklmnpqrtvwxz", min_size=2, max_size=8), min_size=1, max_size=30)
names = st.from_regex(r"[A-Z][b-df-hj-np-rt-z]{4,9}", fullmatch=True)


def spelled(n: int) -> str:
    if n < 20:
        return (SMALL + TEENS)[n]
    tens, ones = divmod(n, 10)
    return TENS[tens - 2] + (f"-{SMALL[ones]}" if ones else "")


@given(st.integers(0, 10**9))
def test_a_whole_number_is_the_same_with_and_without_thousands_marks(n: int) -> None:
    assert numbers(f"about {n:,} men") == numbers(f"about {n} men") == {str(n)}


@given(st.integers(0, 99))
def test_a_number_in_words_is_the_same_in_digits(n: int) -> None:
    assert str(n) in numbers(f"in all {spelled(n)} men came")


@given(st.integers(0, 10**6), st.integers(1, 999))
def test_a_decimal_keeps_its_value_and_loses_only_idle_zeros(whole: int, part: int) -> None:
    digits = f"{whole}.{part:03d}0"
    (found,) = numbers(f"{digits} percent")
    assert float(found) == pytest.approx(float(digits), rel=1e-5)


@given(st.lists(st.integers(2, 10**6), min_size=1, max_size=8))
def test_numbers_of_the_original_support_a_statement_in_any_order(given_numbers: list[int]) -> None:
    original = numbers(" and ".join(map(str, given_numbers)))
    assert unsupported_numbers(", ".join(f"{n:,}" for n in reversed(given_numbers)), original) == set()


@given(st.sets(st.integers(2, 10**6), min_size=1, max_size=8), st.integers(2, 10**6))
def test_exactly_the_number_that_is_not_in_the_original_is_named(there: set[int], other: int) -> None:
    original = numbers(" and ".join(map(str, there)))
    statement = f"{other} of {min(there)} men"
    assert unsupported_numbers(statement, original) == ({str(other)} - {str(n) for n in there})


def test_one_as_a_pronoun_counts_nothing_but_the_digit_does() -> None:
    assert unsupported_numbers("No one knew, and one of the men left.", set()) == set()
    assert unsupported_numbers("He left in year 1.", set()) == {"1"}


@given(names, names, plain_words)
def test_exactly_the_name_that_is_not_in_the_original_is_named(
    known: str, other: str, filler: list[str]
) -> None:
    vouched = Known(frozenset({stem(known.lower())}), frozenset())
    found = unsupported_names(f"The man met {known} and {other} {' '.join(filler)}.", vouched, frozenset())
    assert found == ([] if stem(other.lower()) in vouched.stems else [other])


@given(plain_words)
def test_words_without_a_capital_are_no_names(filler: list[str]) -> None:
    assert unsupported_names(f"The {' '.join(filler)}.", NOBODY, frozenset()) == []


@pytest.mark.parametrize("form", ["Syrian", "Syrians", "Syrian's"])
def test_a_name_is_known_in_each_of_its_forms(form: str) -> None:
    known = Known(frozenset({stem("syrian")}), frozenset())
    assert unsupported_names(f"The man met {form} friends.", known, frozenset()) == []


def test_a_name_of_several_words_vouches_for_itself_and_not_for_its_parts() -> None:
    known = Known(frozenset({"isi"}), frozenset({tuple(map(stem, ("islamic", "state", "of", "iraq")))}))
    assert unsupported_names("The Islamic State of Iraq is ISIS.", known, frozenset()) == []
    assert unsupported_names("The man went to Iraq for ISIS.", known, frozenset()) == ["Iraq"]


@given(plain_words, plain_words, st.data())
def test_a_stretch_of_eight_words_of_the_original_is_always_found(
    original: list[str], own: list[str], data: st.DataObject
) -> None:
    if len(original) < COPIED_WORDS:
        return
    runs = frozenset(tuple(original[i : i + COPIED_WORDS]) for i in range(len(original) - COPIED_WORDS + 1))
    at = data.draw(st.integers(0, len(original) - COPIED_WORDS))
    taken = " ".join(original[at : at + COPIED_WORDS])
    assert any(taken in run for run in copied_runs(f"{' '.join(own)} {taken}", runs, NO_NAMES))


@given(st.lists(st.text("bcdfghjklmnpqrtvwxz", min_size=2, max_size=8), min_size=8, max_size=30))
def test_seven_words_of_the_original_in_a_row_are_allowed(original: list[str]) -> None:
    runs = frozenset(tuple(original[i : i + COPIED_WORDS]) for i in range(len(original) - COPIED_WORDS + 1))
    own = []
    for n, word in enumerate(original):
        own += [word, "aei"] if n % 7 == 6 else [word]
    assert copied_runs(" ".join(own), runs, NO_NAMES) == []


def test_a_name_counts_as_one_word_of_a_copied_stretch() -> None:
    original = "he worked for the centre for the study of violent extremism and peace in town"
    runs = frozenset({tuple(original.split()[i : i + COPIED_WORDS]) for i in range(7)})
    assert copied_runs("She met the Centre for the Study of Violent Extremism twice.", runs, NO_NAMES) == []


ALONE = [
    "Nadia Berg said that she left.",
    "Nadia said that she left.",
    "In her letter, Nadia Berg said that she left.",
    "The boy said that he was tired.",
    "Members of the group said that they were tired.",
    "ISIS said that its members were free.",
    "There were 32 interviews in Turkey.",
    'The guard called the men "they" and nothing else.',
    "Syrians said that their houses were gone.",
    "After her arrest, Nadia Berg went home.",
]
NOT_ALONE = {
    "He left.": "He",
    "It was cold in the camp.": "It",
    "Their houses were gone.": "Their",
    "There he met a friend.": "There",
    "This changed everything for Nadia.": "This",
    "After that, Nadia left.": "After that",
    "In Syria, he saw the war.": "he",
    "When she left Syria, nothing changed.": "she",
    "In prison they had no food.": "they",
    "The war was why we left.": "we",
    "Nadia said that I was right.": "I",
    '"He left", said nobody to him.': "him",
}


@pytest.mark.parametrize("text", ALONE)
def test_a_statement_that_names_whom_it_means_stands_alone(text: str) -> None:
    assert loose_pronoun(text, frozenset({"nadia", "berg"}), frozenset({"syria", "isis", "turkey"})) is None


@pytest.mark.parametrize(("text", "pronoun"), NOT_ALONE.items())
def test_a_pronoun_without_anybody_to_stand_for_is_named(text: str, pronoun: str) -> None:
    assert (
        loose_pronoun(text, frozenset({"nadia", "berg"}), frozenset({"syria", "isis", "turkey"})) == pronoun
    )
