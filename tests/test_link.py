"""A reader's way of naming somebody leads to the right person, and nobody is invented."""

from __future__ import annotations

import pytest

from rag.assistant import Assistant
from rag.link import Linker


@pytest.fixture(scope="module")
def linker(assistant: Assistant) -> Linker:
    return assistant.retriever.linker


@pytest.mark.parametrize(
    ("question", "person"),
    [
        ("why did khalifa stay in media", "mohammed-khalifa"),
        ("What did Mohamed Kalifa say?", "mohammed-khalifa"),
        ("how did the narrator meet his wife", "mohammed-khalifa"),
        ("What did Callimachi want to say?", "rukmini-callimachi"),
        ("what did challimachi do", "rukmini-callimachi"),
        ("Why did Kimberly Polman go?", "kimberly-pullman"),
        ("the man from Trinidad", "zyad-abdul-hamid"),
        ("what did the cameraman earn", "abu-hajer-al-maghribi"),
    ],
)
def test_a_person_is_known_by_name_spelling_slip_or_description(
    linker: Linker, question: str, person: str
) -> None:
    assert linker.mentions(question).persons == (person,)


@pytest.mark.parametrize(
    ("question", "person"),
    [
        ("what did the belgian woman do", "cassandra"),
        ("why did the german woman go", "umm-bilal"),
        ("why did the german guy go to syria", "abu-munir"),
    ],
)
def test_a_nationality_means_the_few_whom_it_fits(linker: Linker, question: str, person: str) -> None:
    assert person in linker.mentions(question).persons


@pytest.mark.parametrize(
    "question",
    [
        "Which English videos did the group make?",
        "What did the Syrian regime do?",
        "is it true that people leave",
        "How did American airstrikes change things?",
    ],
)
def test_a_language_a_regime_or_a_small_word_is_not_a_person(linker: Linker, question: str) -> None:
    assert linker.mentions(question).persons == ()


def test_a_group_that_the_corpus_does_not_hold_is_known_as_such(linker: Linker) -> None:
    (group,) = linker.mentions("Why do people leave the Proud Boys?").groups
    assert not linker.covered(group)


@pytest.mark.parametrize("name", ["ISIL", "Daesh", "Dawlah", "the Islamic State", "ISIS"])
def test_every_name_of_the_group_is_one_group(linker: Linker, name: str) -> None:
    groups = linker.mentions(f"Who joined {name}?").groups
    assert [g for g in groups if linker.covered(g)] == ["isis"]


def test_a_name_that_nobody_here_bears_is_unknown(linker: Linker) -> None:
    assert linker.mentions("What did Wolfgang Petersson say?").unknown_names == ("Wolfgang", "Petersson")
