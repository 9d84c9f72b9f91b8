"""A site set for readers under 16: what is graphic is not answered with, not found, not opened, and not asked for."""

from __future__ import annotations

import pytest

from rag.assistant import NOT_FOR_UNDER_16, Assistant
from rag.settings import Settings

from .conftest import Held, Serve

ASKED = (
    "How were people executed?",
    "What happened to Yazidi women who were enslaved?",
    "Did anybody think of suicide?",
    "What violence did the children see?",
    "Why did people go to Syria?",
)


@pytest.fixture(scope="module")
def young(settings: Settings, assistant: Assistant) -> Assistant:
    return Assistant(settings.model_copy(update={"under_16": True}), assistant.index)


def flags(assistant: Assistant, passage: str) -> set[str]:
    return set(assistant.index.corpus.passages[passage].flags) & set(NOT_FOR_UNDER_16)


@pytest.mark.parametrize("question", ASKED)
def test_no_answer_and_no_search_shows_what_is_withheld(
    young: Assistant, assistant: Assistant, question: str
) -> None:
    answer = young.answer(question)
    shown = {c.passage for c in answer.citations} | {s.partition("#")[0] for s in answer.nearby}
    assert not [p for p in shown if flags(assistant, p)]
    found = young.search(question, 100)
    assert len(found) >= 60
    assert not [h for h in found if flags(assistant, h.passage.id)]


def test_the_same_questions_do_find_such_passages_elsewhere(assistant: Assistant) -> None:
    assert all(any(flags(assistant, h.passage.id) for h in assistant.search(q, 60)) for q in ASKED[:4])


def test_whoever_opens_such_a_passage_is_told_why_it_is_not_shown(
    serve: Serve, young: Assistant, assistant: Assistant, settings: Settings
) -> None:
    hidden = next(p.id for p in assistant.corpus.passages.values() if "graphic" in p.flags)
    plain = next(p.id for p in assistant.corpus.passages.values() if not p.flags)
    client = serve(Held(young))
    reply = client.get(f"/api/v1/passages/{hidden}")
    assert reply.status_code == 403
    assert "under 16" in reply.json()["error"]
    assert client.get(f"/api/v1/passages/{plain}").status_code == 200
    assert serve().get(f"/api/v1/passages/{hidden}").status_code == 200


def test_sources_and_people_stay_known(young: Assistant, assistant: Assistant) -> None:
    assert young.corpus.sources == assistant.corpus.sources
    assert young.corpus.people == assistant.corpus.people
    assert 0 < len(assistant.corpus.passages) - len(young.corpus.passages) < len(young.corpus.passages)
