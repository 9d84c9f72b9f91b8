"""Asking on the page, without a browser: what a visitor is shown for what they type."""

from __future__ import annotations

import base64
import datetime as dt
import re
from pathlib import Path

import pytest

from rag.corpus import load_corpus
from rag.explore import Selection
from rag.settings import ROOT, Settings
from rag.web.exporting import EXPORTS, export
from rag.web.view import EXAMPLES
from rag.web.words import t

from .conftest import Visit, ask, shown

TODAY = dt.date(2026, 11, 22)


def test_the_empty_page_says_what_it_holds_and_offers_questions(visit: Visit) -> None:
    page = shown(visit())
    assert page["state"] == "ready"
    assert re.search(r"\d+ sources and \d+ people", page["about"]["holds"])
    assert 4 <= len(page["about"]["examples"]) <= 6
    assert page["thread"] == []


def test_an_answer_has_a_numbered_button_for_each_sentence(visit: Visit) -> None:
    answer = ask(visit(), "Why did Erion from Kosovo go to Syria?")
    sentences = [s for paragraph in answer["paragraphs"] for s in paragraph]
    numbers = [c["n"] for s in sentences for c in s["cites"]]
    assert sentences
    assert all(s["cites"] for s in sentences)
    assert sorted(set(numbers)) == list(range(1, len(set(numbers)) + 1))
    assert any("Erion" in s["text"] for s in sentences)
    assert not answer["busy"]


def test_a_follow_up_is_understood_from_the_talk_and_says_so(visit: Visit) -> None:
    page = visit()
    first = ask(page, "Why did Erion from Kosovo go to Syria?")
    second = ask(page, "And what did he want to do there?")
    assert first["understood"] == ""
    assert "Erion" in second["understood"]
    assert shown(page)["thread"][0]["question"] == first["question"]


def test_what_the_corpus_does_not_hold_is_said_and_nothing_is_cited(visit: Visit) -> None:
    page = visit()
    answer = ask(page, "Why did people join the Shining Path?")
    assert answer["outcome"] == "abstained"
    assert "does not say" in answer["lead"]
    assert answer["paragraphs"] == []
    assert answer["nearby"]
    assert shown(page)["sources"] == []


@pytest.mark.parametrize("typed", ["???", "\u202e\u200b …", "\x00\x07 !"])
def test_a_question_without_words_gets_a_hint_and_loses_nothing(visit: Visit, typed: str) -> None:
    page = visit()
    before = ask(page, "How were the interviews done?")
    refused = ask(page, typed)
    assert "type a question in words" in refused["problem"]
    assert shown(page)["thread"][0]["paragraphs"] == before["paragraphs"]
    assert ask(page, "How were the interviews done?")["paragraphs"] == before["paragraphs"]


def test_a_hundred_thousand_characters_are_refused_without_filling_the_page(visit: Visit) -> None:
    refused = ask(visit(), "why " * 25_000)
    assert "at most 2,000" in refused["problem"]
    assert len(refused["question"]) < 500


def test_the_evidence_panel_marks_the_sentence_that_was_cited(visit: Visit) -> None:
    page = visit()
    answer = ask(page, "Why did Erion from Kosovo go to Syria?")
    sentence = answer["paragraphs"][0][0]
    page.session_state["conversation"].open(answer["id"], sentence["cites"][0]["statement"])
    evidence = shown(page.run())["evidence"]
    assert [p["text"] for p in evidence["passage"]["parts"] if p["marked"]] == [sentence["text"]]
    assert shown(page)["thread"][0]["paragraphs"][0][0]["cites"][0]["open"]


def test_only_what_an_answer_cited_can_be_opened(visit: Visit) -> None:
    page = visit()
    answer = ask(page, "Why did Erion from Kosovo go to Syria?")
    page.session_state["conversation"].open(answer["id"], "khalifa-2021/p1#1' OR 1=1")
    page.session_state["conversation"].open(99, answer["paragraphs"][0][0]["cites"][0]["statement"])
    assert shown(page.run())["evidence"] is None


def test_a_new_conversation_forgets_the_old_one(visit: Visit) -> None:
    page = visit()
    ask(page, "Why did Erion from Kosovo go to Syria?")
    page.session_state["conversation"].clear()
    assert ask(page, "Why did he go?")["understood"] == ""
    assert len(shown(page)["thread"]) == 1


def test_help_services_are_there_before_anything_is_asked(visit: Visit) -> None:
    page = shown(visit(), "bar")
    assert page["help"]["chosen"] == ""
    assert {"GB", "US", "DE"} <= {c["code"] for c in page["help"]["countries"]}


def test_the_country_of_an_installation_is_chosen_first(visit: Visit) -> None:
    assert shown(visit(country="de"), "bar")["help"]["chosen"] == "DE"


def test_an_unusable_corpus_is_one_plain_sentence(visit: Visit, tmp_path: Path) -> None:
    page = shown(visit(corpus_dir=tmp_path, data_dir=tmp_path / "data"))
    assert page["state"] == "failed"
    assert str(tmp_path) in page["problem"]
    assert "EXITVOICES_CORPUS_DIR" in page["problem"]
    assert "Traceback" not in page["problem"]


def test_a_corpus_that_breaks_later_leaves_the_page_answering_from_before(
    visit: Visit, indexed: Settings
) -> None:
    next((indexed.corpus_dir / "sources").iterdir()).write_text("source: [", "utf-8")
    page = visit(corpus_dir=indexed.corpus_dir, data_dir=indexed.data_dir)
    assert "not the newest" in shown(page)["status"]
    assert "Speckhard" in ask(page, "Who is Anne Speckhard?")["paragraphs"][0][0]["text"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_question_to_start_with_is_answered(visit: Visit, example: str) -> None:
    assert ask(visit(), t(f"ask.example_{example}"))["outcome"] == "answered"


def test_answers_can_be_limited_to_a_part_of_the_corpus_and_say_so(visit: Visit) -> None:
    page = visit()
    page.session_state["conversation"].scope = Selection(country=("Kosovo",))
    limited = ask(page, "Why did people go to Syria?")
    assert limited["scope"] == "Only from: Country of origin: Kosovo"
    statements = {c["statement"] for p in limited["paragraphs"] for s in p for c in s["cites"]}
    corpus = load_corpus(ROOT / "corpus")
    people = [corpus.passages[s.partition("#")[0]].people for s in statements]
    assert people
    assert all(any("Kosovo" in corpus.persons[x].nationality for x in held) for held in people)
    assert "Kosovo" in shown(page)["scope"]["chips"][0]["label"]


def test_an_answer_says_how_it_came_about(visit: Visit) -> None:
    told = ask(visit(), "Why did Erion from Kosovo go to Syria?")["details"]
    facts = {f["term"]: f["text"] for f in told["facts"]}
    assert facts["Question as read"] == "Why did Erion from Kosovo go to Syria?"
    assert "no language model" in facts["Way of answering"]
    assert told["passages"]
    assert all(p["where"].startswith("[") and p["why"] for p in told["passages"])
    assert any("the person named" in p["why"] for p in told["passages"])


def test_a_conversation_can_be_taken_along_with_its_bibliography(visit: Visit) -> None:
    page = visit()
    assert shown(page)["exports"] == []
    ask(page, "Why did Erion from Kosovo go to Syria?")
    assert [e["id"] for e in shown(page)["exports"]] == ["markdown", "docx", "bibtex", "ris"]
    exchanges = page.session_state["conversation"].exchanges
    corpus = load_corpus(ROOT / "corpus")
    made = {kind: export(kind, exchanges, corpus, TODAY, 1) for kind in EXPORTS}
    assert "Why did Erion from Kosovo go to Syria?" in made["markdown"].text
    assert base64.b64decode(made["docx"].base64).startswith(b"PK")
    assert made["bibtex"].text.count("@article{assad-2020") >= 1
    assert "TY  - JOUR" in made["ris"].text
    assert not any("exit" in f.name or "isis" in f.name for f in made.values())


def test_feedback_is_offered_only_where_the_operator_turned_it_on(visit: Visit) -> None:
    assert ask(visit(), "Why did Erion from Kosovo go to Syria?")["feedback"] is None
    offered = ask(visit(feedback=True), "Why did Erion from Kosovo go to Syria?")["feedback"]
    assert [k["id"] for k in offered["kinds"]] == ["helpful", "wrong_citation", "missing", "unsafe"]
    helped = ask(visit(feedback=True), "I want to kill myself")
    assert helped["outcome"] == "supported"
    assert helped["feedback"] is None


def test_whom_an_answer_is_worded_for_is_asked_only_where_a_model_words_it(visit: Visit) -> None:
    assert shown(visit())["scope"]["readers"] == []
    readers = shown(visit(write_model="some-model"))["scope"]["readers"]
    assert [(r["label"], r["chosen"]) for r in readers] == [("Students", True), ("Practitioners", False)]
