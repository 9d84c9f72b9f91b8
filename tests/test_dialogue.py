"""A turn that leans on the conversation is understood as its reader meant it; one that stands alone is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.dialogue import standalone
from rag.model import Turn
from rag.settings import ROOT


def understood(assistant: Assistant, *turns: str, told: str = "") -> str:
    history = []
    for turn in turns[:-1]:
        history += [Turn(role="user", content=turn), Turn(role="assistant", content=told)]
    return standalone(turns[-1], history, assistant.retriever.linker, assistant.corpus)


@pytest.mark.parametrize(
    ("first", "then", "meant"),
    [
        (
            "What did the Moroccan cameraman film?",
            "How did he feel about it?",
            "How did Abu Hajer al Maghribi feel about it?",
        ),
        (
            "Why did the Tunisian join al Nusra?",
            "Sorry, I meant the Libyan.",
            "Why did the Libyan join al Nusra?",
        ),
        (
            "From how many countries were the men in the study?",
            "And the women?",
            "From how many countries were the women in the study?",
        ),
        (
            "how does the podcast end",
            "ok other topic. how did prisoners give consent",
            "how did prisoners give consent",
        ),
        ("Why did Albert go?", "What did ISIS promise people?", "What did ISIS promise people?"),
        ("Where is Abu Imran's family now?", "No, Cassandra's.", "Where is Cassandra's family now?"),
    ],
)
def test_pronouns_corrections_swaps_and_new_topics(
    assistant: Assistant, first: str, then: str, meant: str
) -> None:
    assert understood(assistant, first, then) == meant


def test_who_said_that_asks_for_the_speaker_of_the_last_answer(assistant: Assistant) -> None:
    told = "The media people had a higher monthly income and better cars than soldiers."
    assert (
        understood(assistant, "Who earned more?", "who told them that?", told=told)
        == f"Who says this: {told.rstrip('.')}?"
    )


def test_a_first_question_is_never_changed(assistant: Assistant) -> None:
    assert understood(assistant, "and what about him?") == "and what about him?"


def test_no_name_appears_that_was_not_in_the_conversation(assistant: Assistant) -> None:
    linker = assistant.retriever.linker
    for line in Path(ROOT / "evals/cases/followups.jsonl").read_text("utf-8").splitlines():
        turns = json.loads(line)["turns"]
        there = {p for t in turns for p in linker.mentions(t).persons}
        assert set(linker.mentions(understood(assistant, *turns)).persons) <= there
