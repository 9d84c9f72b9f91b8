"""Answers as a reader gets them: every sentence cited, the doubt beside the claim, none where there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evals.nuggets import vital_recall
from rag.assistant import Assistant, Done, Noted, Said
from rag.guard.intake import BadQuestion
from rag.model import Answer, Outcome, Turn
from rag.settings import ROOT

CASES = [json.loads(x) for x in Path(ROOT / "evals/cases/retrieval.jsonl").read_text("utf-8").splitlines()]
CONTRACT = {
    "outcome", "text", "sentences", "citations", "notices", "standalone_question", "suggestions", "mode", "model",
    "corpus_version", "timing_ms",
}  # fmt: skip


def kinds(answer: Answer) -> set[str]:
    return {n.kind for n in answer.notices}


def test_the_json_is_the_contract_and_nothing_more(assistant: Assistant) -> None:
    data = assistant.answer("Why did the German man go to Syria?").to_json()
    assert set(data) == CONTRACT
    assert set(data["citations"][0]) == {
        "n", "statement", "passage", "source", "person", "locator", "quote", "title", "publisher", "date", "url",
    }  # fmt: skip
    assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize("case", CASES[::40], ids=lambda c: c["id"])
def test_every_sentence_is_a_statement_and_every_citation_resolves_to_it(
    assistant: Assistant, case: dict
) -> None:  # type: ignore[type-arg]
    answer = assistant.answer(case["question"])
    if answer.outcome is Outcome.ABSTAINED:
        assert not answer.sentences
        assert not answer.citations
        return
    by_statement = {c.statement: c for c in answer.citations}
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    for sentence in answer.sentences:
        assert sentence.citations
        for cited in sentence.citations:
            assert assistant.corpus.statements[cited].text == sentence.text == by_statement[cited].quote
            assert by_statement[cited].passage == cited.partition("#")[0]
        assert sentence.text in answer.text
    assert len(answer.text.split()) <= 230


def test_an_answer_says_on_how_many_voices_it_rests(assistant: Assistant) -> None:
    answer = assistant.answer("Why did Erion from Kosovo go to Syria?")
    (notice,) = [n for n in answer.notices if n.kind == "representativeness"]
    assert re.search(r"1 of the \d+ people whose own testimony stands in this corpus, all ISIS", notice.text)


def test_a_withdrawn_account_is_never_told_without_its_doubt(assistant: Assistant) -> None:
    answer = assistant.answer("What did Abu Huzaifa do in ISIS?")
    assert "withdrawn as invented" in answer.text
    assert any(n.kind == "standing" and n.text.startswith("Retracted") for n in answer.notices)
    assert any(n.kind == "legal_status" and "8 October 2021" in n.text for n in answer.notices)


def test_a_conviction_since_and_a_probable_identity_travel_with_the_passage(assistant: Assistant) -> None:
    khalifa = assistant.answer("What did Khalifa say about minding his own business?")
    assert any(n.kind == "legal_status" and "life in prison" in n.text for n in khalifa.notices)
    ridwan = assistant.answer("Why did Abu Ridwan al Canadia go to Syria?")
    assert any(n.kind == "identity" and "not certainly" in n.text for n in ridwan.notices)


def test_two_names_that_are_probably_one_person_are_said_to_be_so_once(assistant: Assistant) -> None:
    both = assistant.answer(
        "Compare Mohammed Khalifa and Abu Ridwan al Canadia: how did each of them reach Syria?"
    )
    assert len([n for n in both.notices if n.kind == "identity"]) == 1
    told = " ".join(c.person or "" for c in both.citations)
    assert "Mohammed Khalifa" in told
    assert "Abu Ridwan al Canadia" in told


@pytest.mark.parametrize(
    "question",
    [
        "Are Mohammed Khalifa and Abu Ridwan al Canadia the same person?",
        "is abu ridwan al canadia the same man as mohammed khalifa",
        "Is Abu Ridwan al Canadia also known under another name?",
    ],
)
def test_who_asks_whether_two_names_are_one_person_reads_first_how_sure_that_is(
    assistant: Assistant, question: str
) -> None:
    assert "is probably, not certainly, the same person as" in assistant.answer(question).text.split(".")[0]


def test_who_asks_whether_strangers_are_one_person_gets_no_link_that_nobody_recorded(
    assistant: Assistant,
) -> None:
    answer = assistant.answer("Are Mohammed Khalifa and Abu Huzaifa the same person?")
    assert "the same person as Abu Huzaifa" not in answer.text


def test_an_accused_person_is_not_called_guilty_and_the_date_is_given(assistant: Assistant) -> None:
    answer = assistant.answer("Why did Kimberly Pullman go to Syria?")
    (status,) = [n.text for n in answer.notices if n.kind == "legal_status"]
    assert "As of 2025-03" in status
    assert "guilty" not in status.replace("not guilty", "")


@pytest.mark.parametrize(
    "question",
    [
        "Why do people leave the Proud Boys?",
        "What do former followers of Aum Shinrikyo say about their leader?",
        "why did guys join the shining path back in the day",
        "best pizza topping",
        "Who won the football world cup in 2018?",
    ],
)
def test_another_group_or_another_subject_gets_no_answer_and_no_citation(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.answer(question)
    assert answer.outcome is Outcome.ABSTAINED
    assert not answer.citations
    assert answer.nearby
    assert "nearby" in kinds(answer)


def test_a_question_in_french_is_answered_and_told_that_the_passages_are_english(
    assistant: Assistant,
) -> None:
    answer = assistant.answer("Combien gagnait le caméraman marocain par mois ?")
    assert "language" in kinds(answer)
    assert "$700" in answer.text or any(s.startswith("media-machine-2015/p27#") for s in answer.nearby)


def test_suggestions_are_questions_that_the_corpus_answers_from_other_passages(assistant: Assistant) -> None:
    answer = assistant.answer("Why did the German man go to Syria?")
    known = {q for p in assistant.corpus.passages.values() for q in p.questions}
    assert 1 <= len(answer.suggestions) <= 3
    assert set(answer.suggestions) <= known


def test_a_follow_up_is_answered_about_the_person_of_the_conversation(assistant: Assistant) -> None:
    first = "What did the Moroccan cameraman film in the desert?"
    history = [Turn(role="user", content=first), Turn(role="assistant", content=assistant.answer(first).text)]
    answer = assistant.answer("How did he feel about it?", history)
    assert "Abu Hajer" in answer.standalone_question
    assert any(c.passage == "media-machine-2015/p28" for c in answer.citations)


def test_a_stream_gives_notices_then_sentences_then_the_same_answer(assistant: Assistant) -> None:
    question = "How much was the cameraman paid?"
    events = list(assistant.stream(question))
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert [e.sentence for e in events if isinstance(e, Said)] == list(answer.sentences)
    assert [e.notice for e in events if isinstance(e, Noted)] == list(answer.notices)
    streamed = [c.statement for e in events if isinstance(e, Said) for c in e.citations]
    assert streamed == [c.statement for c in answer.citations]


@pytest.mark.parametrize("question", ["", "   ", "???", "\u202e\u200b", "\x00\x07"])
def test_an_empty_question_is_refused_with_an_example(assistant: Assistant, question: str) -> None:
    with pytest.raises(BadQuestion, match="for example"):
        assistant.answer(question)


def test_what_answers_say_holds_the_vital_facts_of_the_held_out_questions(assistant: Assistant) -> None:
    """A floor under the figure in docs/evaluation.md."""
    test = [c for c in CASES if c["split"] == "test"][::4]
    recalls = [vital_recall(c["nuggets"], assistant.answer(c["question"]).text) for c in test]
    assert sum(recalls) / len(recalls) >= 0.7
