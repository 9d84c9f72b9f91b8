"""Stopping, interrupting and failing: the conversation keeps what was shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from rag.assistant import Anew, Assistant, Event, Said
from rag.embed import EmbeddingUnavailable
from rag.index import Index
from rag.model import Filters, Sentence, Turn
from rag.settings import Settings
from rag.web.conversation import Conversation, Exchange

QUESTION = "Why did people go to Syria?"


class Unhurried(Assistant):
    """Waits after the first sentence, as an assistant that writes does, until the test lets it go on."""

    def __init__(self, settings: Settings, index: Index) -> None:
        super().__init__(settings, index)
        self.go_on = threading.Event()
        self.histories: list[Sequence[Turn]] = []

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None, *rest: Any
    ) -> Iterator[Event]:
        self.histories.append(history)
        for event in super().stream(question, history, filters, *rest):
            yield event
            if isinstance(event, Said):
                self.go_on.wait(30)


class Broken(Assistant):
    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None, *rest: Any
    ) -> Iterator[Event]:
        if "model" in question:
            raise EmbeddingUnavailable("The model is gone. Put it back.")
        raise ZeroDivisionError


@pytest.fixture
def unhurried(settings: Settings, index: Index) -> Iterator[Unhurried]:
    slow = Unhurried(settings, index)
    yield slow
    slow.go_on.set()


def wait_for_a_sentence(conversation: Conversation) -> None:
    while conversation.busy and not conversation.exchanges[-1].sentences:
        conversation.receive(5)
    assert conversation.exchanges[-1].sentences


def test_stop_keeps_the_sentences_that_were_shown(unhurried: Unhurried) -> None:
    conversation = Conversation()
    conversation.ask(QUESTION)
    conversation.begin(unhurried)
    wait_for_a_sentence(conversation)
    shown = list(conversation.exchanges[-1].sentences)
    conversation.stop()
    unhurried.go_on.set()
    conversation.receive(0.2)
    assert conversation.exchanges[-1].sentences == shown
    assert conversation.exchanges[-1].stopped
    assert not conversation.busy


def test_the_question_is_kept_before_any_answer_comes() -> None:
    conversation = Conversation()
    conversation.ask(QUESTION)
    assert [e.question for e in conversation.exchanges] == [QUESTION]
    assert conversation.busy


def test_a_new_question_ends_the_answer_before_it_and_knows_what_was_said(unhurried: Unhurried) -> None:
    conversation = Conversation()
    conversation.ask(QUESTION)
    conversation.begin(unhurried)
    wait_for_a_sentence(conversation)
    conversation.ask("And the others?")
    conversation.begin(unhurried)
    unhurried.go_on.set()
    conversation.receive(20, whole=True)
    first, second = conversation.exchanges
    assert first.stopped
    assert second.answer
    assert [t.content for t in unhurried.histories[1]] == [QUESTION, first.sentences[0].text]


def test_a_fault_is_one_plain_sentence_and_the_next_question_works(
    settings: Settings, index: Index, assistant: Assistant
) -> None:
    conversation = Conversation()
    broken = Broken(settings, index)
    for question, said in (("model", "The model is gone. Put it back."), (QUESTION, "not answered")):
        conversation.ask(question)
        conversation.begin(broken)
        conversation.receive(20, whole=True)
        assert said in conversation.exchanges[-1].problem
    conversation.ask(QUESTION)
    conversation.begin(assistant)
    conversation.receive(20, whole=True)
    assert conversation.exchanges[-1].answer


def test_sentences_that_are_taken_back_are_gone_and_what_comes_after_them_stays() -> None:
    exchange = Exchange(id=1, question="Why?")
    first, second = Sentence(text="One.", citations=("a/p1#1",)), Sentence(text="Two.", citations=("a/p1#2",))
    for event in (Said(sentence=first, citations=()), Anew(), Said(sentence=second, citations=())):
        exchange.take(event)
    assert exchange.sentences == [second]
    assert exchange.citations == []
