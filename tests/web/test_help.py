"""An answer to a person in difficulty, as the page and the terminal show it."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.cli import render
from rag.corpus import Corpus
from rag.guard.support import CATEGORIES, Category, supported
from rag.model import Answer
from rag.web.conversation import Exchange
from rag.web.support import help_parts
from rag.web.view import exchange_view

TODAY = dt.date(2026, 11, 21)


def helped(corpus: Corpus, category: Category, text: str = "help me, i live in Chicago") -> Answer:
    return supported(text, category, corpus, TODAY)


def shown(corpus: Corpus, answer: Answer) -> Exchange:
    exchange = Exchange(id=1, question="help me, i live in Chicago")
    exchange.answer, exchange.notices = answer, list(answer.notices)
    return exchange


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_page_shows_every_word_of_the_help_once_and_in_its_order(
    corpus: Corpus, category: Category
) -> None:
    answer = helped(corpus, category)
    view = exchange_view(shown(corpus, answer), corpus, None)
    parts = [f"{p.name}: " * bool(p.name) + "".join(x.text for x in p.pieces) for p in view.help]
    assert "\n\n".join(parts) == answer.text
    assert (view.lead, view.before, view.after, view.nearby) == ("", (), (), ())
    assert view.outcome == "supported"
    assert view.understood == ""


def test_numbers_can_be_called_and_pages_opened_from_the_answer(corpus: Corpus) -> None:
    parts = help_parts(helped(corpus, "left_afraid"), corpus.support)
    links = {x.text: x.href for p in parts for x in p.pieces if x.href}
    assert links["911"] == "tel:911"
    assert links["988"] == "tel:988"
    assert links["1-844-49-PEACE (1-844-497-3223)"] == "tel:+18444973223"
    assert links["https://parents4peace.org/resources"] == "https://parents4peace.org/resources"
    names = [p.name for p in parts if p.name]
    assert names == ["988 Suicide & Crisis Lifeline", "Parents for Peace"]
    dutch = help_parts(helped(corpus, "worried", "wij wonen in Utrecht"), corpus.support)
    assert "mailto:info@hetlse.nl" in {x.href for p in dutch for x in p.pieces}


def test_a_screen_reader_hears_the_help_and_no_count_of_citations(corpus: Corpus) -> None:
    answer = helped(corpus, "worried")
    assert exchange_view(shown(corpus, answer), corpus, None).announcement == answer.text


def test_the_terminal_shows_the_help_once_in_paragraphs(corpus: Corpus) -> None:
    answer = helped(corpus, "worried")
    text = render.answer(answer)
    assert text.count("Parents for Peace:") == 1
    assert "Please note" not in text
    assert text.index("not alone") < text.index("Parents for Peace") < text.index("911")
    assert text.count("\n\n") >= len(answer.text.split("\n\n")) - 1
