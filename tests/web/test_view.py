"""What the page shows of an answer, a passage, a source and the help services."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.answer import cite
from rag.corpus import Corpus
from rag.model import Answer, Notice, Outcome, Passage, Sentence
from rag.web.ask_back import asked_back
from rag.web.conversation import Conversation, Exchange, Opened
from rag.web.evidence import evidence
from rag.web.support import help_view
from rag.web.view import announced_in_english, announcement, exchange_view, shown_question, source_lines

TODAY = dt.date(2026, 11, 21)


def quoted(corpus: Corpus, *statements: str, notices: tuple[Notice, ...] = ()) -> Exchange:
    """An exchange that was answered with these statements of the corpus."""
    sentences = tuple(Sentence(text=corpus.statements[s].text, citations=(s,)) for s in statements)
    exchange = Exchange(id=1, question="Why?")
    exchange.sentences, exchange.notices = list(sentences), list(notices)
    exchange.citations = list(cite.citations(sentences, corpus))
    exchange.answer = Answer(outcome=Outcome.ANSWERED, text="", sentences=sentences, notices=notices)
    return exchange


def first_passage(corpus: Corpus, source: str) -> Passage:
    return next(p for p in corpus.passages.values() if p.source == source)


@pytest.mark.parametrize("source", ["assad-2020", "khalifa-2021", "caliphate-review-2019"])
def test_a_copied_citation_leads_back_to_the_paragraph(corpus: Corpus, source: str) -> None:
    passage = first_passage(corpus, source)
    cited = evidence(corpus, passage.id, None, None, TODAY).citations
    assert [c.style for c in cited] == ["APA", "MLA", "Chicago", "BibTeX", "RIS"]
    assert [c.file for c in cited] == ["", "", "", "citation.bib", "citation.ris"]
    number = str(passage.locator).split()[-1]
    for c in cited:
        assert number in c.text
        assert corpus.sources[source].url in c.text


def test_a_passage_asks_back_by_its_own_facts(corpus: Corpus) -> None:
    withdrawn = first_passage(corpus, "caliphate-review-2019")
    asked = evidence(corpus, withdrawn.id, None, None, TODAY).ask_back
    assert "withdrawn" in asked[0].question
    assert {a.kind for a in asked} == {"Source criticism", "Another perspective"}
    for passage in corpus.passages.values():
        back = asked_back(corpus, passage)
        assert len(back) >= 2
        assert all("{" not in a.question and a.question.endswith("?") for a in back)
        assert back == asked_back(corpus, passage)


def test_a_retracted_source_is_called_so_in_words(corpus: Corpus) -> None:
    passage = first_passage(corpus, "caliphate-review-2019")
    shown = evidence(corpus, passage.id, f"{passage.id}#1", 1, TODAY)
    assert shown.standing == "Retracted account"
    assert "2020" in shown.standing_note
    exchange = quoted(corpus, f"{passage.id}#1")
    assert "(retracted account)" in exchange_view(exchange, corpus, None).paragraphs[0][0].cites[0].label
    assert source_lines(exchange, corpus)[0].standing == "Retracted account"


def test_the_evidence_shows_status_notes_and_method(corpus: Corpus) -> None:
    passage = next(
        p
        for p in corpus.passages.values()
        if "mohammed-khalifa" in p.people and p.notes and p.source == "khalifa-2021"
    )
    shown = evidence(corpus, passage.id, f"{passage.id}#1", 3, TODAY)
    assert shown.heading == "Citation 3"
    assert any("sentenced to life" in s and "As of 2022-07-29" in s for s in shown.status)
    assert any("probably, not certainly" in s for s in shown.status)
    assert [n.text for n in shown.notes] == [n.note for n in corpus.notes_of(passage)]
    assert shown.card.method == corpus.sources["khalifa-2021"].method
    assert [p.name for p in shown.people][:1] == ["Mohammed Khalifa"]


def test_the_first_passage_of_a_source_has_nothing_before_it(corpus: Corpus) -> None:
    passage = first_passage(corpus, "gazette-2016")
    shown = evidence(corpus, passage.id, None, None, TODAY)
    assert shown.before is None
    assert shown.after is not None
    assert not any(p.marked for p in shown.passage.parts)
    assert "not cited" in shown.heading


def test_a_citation_button_says_who_and_where(corpus: Corpus) -> None:
    passage = next(p for p in corpus.passages.values() if p.people == ("erion",))
    cites = exchange_view(quoted(corpus, f"{passage.id}#1"), corpus, None).paragraphs[0][0].cites
    assert cites[0].label.startswith(f"Citation 1: Erion, {passage.locator} of The Effects of Assad’s")


def test_the_content_note_and_the_gap_come_before_the_answer(corpus: Corpus) -> None:
    passage = first_passage(corpus, "assad-2020")
    notices = tuple(
        Notice(kind=k, text=k)  # type: ignore[arg-type]
        for k in ("standing", "note", "content", "representativeness", "gap")
    )
    shown = exchange_view(quoted(corpus, f"{passage.id}#1", notices=notices), corpus, None)
    assert [n.kind for n in shown.before] == ["content", "gap"]
    assert [n.kind for n in shown.after] == ["standing", "representativeness"]
    assert shown.editorial == ("note",)


def test_nearby_passages_carry_no_numbers(corpus: Corpus) -> None:
    passage = first_passage(corpus, "gazette-2016")
    exchange = Exchange(id=1, question="Why?")
    exchange.answer = Answer(
        outcome=Outcome.ABSTAINED, text="The corpus does not say that.", nearby=(f"{passage.id}#2",)
    )
    shown = exchange_view(exchange, corpus, Opened(1, f"{passage.id}#2"))
    assert [(n.text, n.open) for n in shown.nearby] == [(passage.statements[1], True)]
    assert shown.lead == "The corpus does not say that."
    assert shown.announced_in_english == "The corpus does not say that."
    assert shown.announcement == "No citations."


def test_an_answer_is_announced_once_it_is_whole(corpus: Corpus) -> None:
    passage = first_passage(corpus, "assad-2020")
    exchange = quoted(corpus, f"{passage.id}#1")
    whole = exchange.answer
    exchange.answer = None
    assert announcement(exchange) == ""
    exchange.answer = whole
    assert announced_in_english(exchange) == passage.statements[0]
    assert announcement(exchange) == "1 citation."


def test_what_was_understood_is_shown_only_where_it_differs() -> None:
    exchange = Exchange(id=1, question="  WHY did   Erion go?")
    exchange.answer = Answer(outcome=Outcome.ANSWERED, text="", standalone_question="Why did Erion go?")
    assert exchange_view(exchange, None, None).understood == ""
    exchange.answer = Answer(outcome=Outcome.ANSWERED, text="", standalone_question="Why did Albert go?")
    assert exchange_view(exchange, None, None).understood == "Why did Albert go?"


def test_a_question_is_shown_as_typed_but_without_control_characters() -> None:
    assert shown_question("<b>why</b> $x$ :red[y]\x07\ud800") == "<b>why</b> $x$ :red[y]"
    assert shown_question("a" * 1000).endswith("… (1,000 characters)")


def test_only_help_that_was_checked_lately_is_shown(corpus: Corpus) -> None:
    everywhere = [s for c in help_view(corpus.support, None, TODAY).countries for s in c.services]
    assert len(everywhere) == sum(s.shown_on(TODAY) for s in corpus.support.services)
    assert all(s.checked_on and s.who_answers for s in everywhere)
    a_year_later = help_view(corpus.support, None, TODAY + dt.timedelta(days=365))
    assert not any(c.services for c in a_year_later.countries)
    assert any(c.emergency for c in a_year_later.countries)
    assert a_year_later.directory_url.startswith("https://")


def test_help_numbers_can_be_called(corpus: Corpus) -> None:
    countries = {c.code: c for c in help_view(corpus.support, "gb", TODAY).countries}
    assert [c.href for c in countries["GB"].emergency] == ["tel:999", "tel:112"]
    calls = [c for country in countries.values() for s in country.services for c in s.calls]
    assert calls
    assert all(c.href.removeprefix("tel:").lstrip("+").isdigit() for c in calls)
    assert countries["GB"].directory.endswith("/GB")


def test_a_country_that_nobody_knows_falls_back_to_the_directory(corpus: Corpus) -> None:
    assert help_view(corpus.support, "XX", TODAY).chosen == ""


def test_an_empty_conversation_has_nothing_to_stop_or_close() -> None:
    conversation = Conversation()
    conversation.stop()
    conversation.close()
    assert not conversation.busy
