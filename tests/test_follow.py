"""A later turn finds its passages by the conversation before it: people, sources and what was asked."""

from __future__ import annotations

import pytest

from rag.assistant import Assistant
from rag.follow import FEATURES, GATES, before, rests, weights
from rag.model import Turn
from rag.settings import Settings


def user(text: str) -> Turn:
    return Turn(role="user", content=text)


def talk(assistant: Assistant, *turns: str) -> list[Turn]:
    """The conversation so far, with what the assistant really said."""
    history: list[Turn] = []
    for text in turns:
        answer = assistant.answer(text, history)
        history += [user(text), Turn(role="assistant", content=answer.text)]
    return history


@pytest.mark.parametrize(
    ("first", "later", "person"),
    [
        ("why did manwar ali stop", "and his family?", "manwar-ali"),
        ("how was emmanuel jal saved", "by whom", "emmanuel-jal"),
        ("What was Megan Phelps-Roper's church?", "did the parents accept it?", "megan-phelps-roper"),
    ],
)
def test_a_turn_of_a_few_words_is_about_whom_the_conversation_is_about(
    assistant: Assistant, first: str, later: str, person: str
) -> None:
    history = talk(assistant, first)
    found = assistant.search(later, 3, history=history)
    assert any(person in hit.passage.people for hit in found)
    assert not any(person in hit.passage.people for hit in assistant.search(later, 3))


def test_a_new_question_in_full_is_not_held_back_by_the_old_one(assistant: Assistant) -> None:
    question = "Why did Christian Picciolini leave the neo-Nazi movement?"
    history = talk(assistant, "how much did the isis cameraman make")
    assert (
        assistant.search(question, 1, history=history)[0].passage == assistant.search(question, 1)[0].passage
    )


def test_what_the_answers_quoted_is_known_from_their_words_alone(assistant: Assistant) -> None:
    history = talk(assistant, "why did erion from kosovo go to syria")
    cited = {c.passage for c in assistant.answer("why did erion from kosovo go to syria").citations}
    came = before(history, assistant.retriever)
    assert came is not None
    assert set(came.told[0]) == cited


def test_without_the_answers_the_best_passages_stand_for_them(assistant: Assistant) -> None:
    came = before([user("why did erion from kosovo go to syria")], assistant.retriever)
    assert came is not None
    assert came.told[0]
    assert "assad-2020/p40" in came.told[0][0]


def test_a_conversation_shows_a_child_nothing_that_is_withheld(
    assistant: Assistant, settings: Settings
) -> None:
    young = Assistant(settings.model_copy(update={"under_16": True}), assistant.index)
    history = talk(assistant, "what did they do to the prisoners", "and the executions?")
    withheld = assistant.corpus.passages.keys() - young.corpus.passages.keys()
    assert withheld
    for later in ("and then?", "who saw it", "tell me more about that"):
        assert not withheld & {h.passage.id for h in young.search(later, 50, history=history)}


def test_the_same_conversation_finds_the_same_passages(assistant: Assistant) -> None:
    history = talk(assistant, "why did manwar ali stop")
    assert assistant.search("and his family?", 10, history=history) == assistant.search(
        "and his family?", 10, history=history
    )


def test_the_shipped_weights_fit_the_features() -> None:
    assert weights().shape == (len(GATES), len(FEATURES))


@pytest.mark.parametrize(
    ("typed", "leans"),
    [
        ("how long tho", True),
        ("and his mother?", True),
        ("Why did she go there with the others?", True),
        ("Why did people join the Red Brigades?", False),
    ],
)
def test_a_turn_of_its_own_is_not_judged_as_one_that_rests_on_the_others(typed: str, leans: bool) -> None:
    assert rests(typed) is leans
