"""A question of several parts is looked up part by part, and the parts that the corpus lacks are named."""

from __future__ import annotations

import pytest

from rag.answer.parts import compared, joined
from rag.assistant import Assistant
from rag.link import Linker
from tests.write.conftest import WriterMade
from tests.write.endpoint import endpoint, reply, says


@pytest.fixture(scope="module")
def linker(assistant: Assistant) -> Linker:
    return assistant.retriever.linker


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("Compare why men and women went.", "men went", "women went"),
        ("Did men and women go for different reasons?", "men go", "women go"),
        ("How do Kosovo and Albania differ in how many left?", "Kosovo", "Albania"),
        ("Compare Erion with Abu Huzaifa", "Erion", "Abu Huzaifa"),
    ],
)
def test_a_comparison_is_two_questions(linker: Linker, question: str, first: str, second: str) -> None:
    a, b = compared(question, linker.mentions)
    assert first in a
    assert second not in a
    assert second in b


@pytest.mark.parametrize(
    "question",
    [
        "Why did he go to Syria and Iraq?",
        "How many men and women were interviewed?",
        "What did they do and see?",
        "how and why did they leave",
        "Were women treated the same as men?",
    ],
)
def test_a_question_with_an_and_is_not_two_for_that(linker: Linker, question: str) -> None:
    assert compared(question, linker.mentions) == ()
    assert joined(question) == ()


def test_two_questions_in_one_turn_are_two() -> None:
    assert joined("Why did Erion go? And how did he get back?") == (
        "Why did Erion go?",
        "how did he get back?",
    )
    assert len(joined("who made the videos and what were they paid")) == 2


def test_both_sides_of_a_comparison_are_answered_without_a_model(assistant: Assistant) -> None:
    answer = assistant.answer("Compare why men and women went to Syria")
    assert answer.trace["parts"] == ["Why men went to Syria?", "Why women went to Syria?"]
    said = answer.text.lower()
    assert "women" in said
    assert "men" in said.replace("women", "")


def test_a_part_that_the_corpus_lacks_is_named_and_the_other_is_answered(writing: WriterMade) -> None:
    def fair(rows: list[tuple[str, str, str]]) -> str:
        return reply(*[([ref], who, text) for ref, who, text in rows[:2]])

    with endpoint(says(fair)) as server:
        answer = writing(server.url).answer(
            "Why did Erion go to Syria and what was the name of his dog?", mode="write"
        )
    assert answer.outcome == "partial"
    assert answer.mode == "write"
    assert answer.text.startswith("The corpus does not answer this part: what was the name of Erion's dog?")
    assert answer.sentences[0].text in answer.text
    assert server.asked[0]["messages"][-1]["content"].count("dog") >= 2


def test_a_later_part_keeps_its_own_words(assistant: Assistant) -> None:
    clauses = ("What made them doubt?", "how did they get out?")
    assert assistant._named(clauses) == list(clauses)
    assert assistant._named(("Why did Erion go?", "how did he leave?"))[1] == "how did Erion leave?"
