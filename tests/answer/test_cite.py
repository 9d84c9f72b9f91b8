"""Citation arithmetic, and the notices that travel with a passage."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.answer.cite import basis_notices, citations, legal_notice, notices, voices_notice
from rag.assistant import Assistant
from rag.model import LegalStatus, Person, Sentence

RELAXED = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@RELAXED
@given(data=st.data())
def test_numbers_run_from_one_in_order_of_use_and_each_leads_to_its_own_words(
    assistant: Assistant, data: st.DataObject
) -> None:
    corpus = assistant.corpus
    ids = st.sampled_from(sorted(corpus.statements))
    groups = data.draw(st.lists(st.lists(ids, max_size=3), max_size=6))
    sentences = [Sentence(text="x", citations=tuple(g)) for g in groups]
    cited = citations(sentences, corpus)
    assert [c.statement for c in cited] == list(dict.fromkeys(i for g in groups for i in g))
    assert [c.n for c in cited] == list(range(1, len(cited) + 1))
    for citation in cited:
        passage = corpus.passages[citation.passage]
        assert citation.quote == corpus.statements[citation.statement].text
        assert citation.quote in passage.statements
        assert citation.source == passage.source
        assert citation.locator == f"paragraph {passage.locator.paragraph}"
        assert citation.url == corpus.sources[citation.source].url


def person(status: str, as_of: str) -> Person:
    legal = LegalStatus.model_validate(
        {"status": status, "as_of": as_of, "source": "x", "text": "X was charged."}
    )
    return Person(id="x", name="X", voice="insider", legal_status=legal)


@pytest.mark.parametrize(
    ("status", "as_of", "stale"),
    [("accused", "2024-07", True), ("accused", "2026-06-01", False), ("convicted", "2010", False)],
)
def test_an_old_accusation_is_marked_as_old_and_a_verdict_is_not(
    status: str, as_of: str, stale: bool
) -> None:
    (notice,) = legal_notice(person(status, as_of), dt.date(2026, 11, 21))
    assert f"As of {as_of}" in notice.text
    assert ("not checked for more than 24 months" in notice.text) is stale


def test_a_reader_is_told_which_source_is_known_from_a_summary_only(assistant: Assistant) -> None:
    full = next(s for s in assistant.corpus.sources.values() if s.basis == "full")
    digest = full.model_copy(update={"id": "d", "title": "Nine defectors", "basis": "digest"})
    (notice,) = basis_notices([full, digest, digest])
    assert notice.kind == "basis"
    assert notice.text == "“Nine defectors” is told from a summary; the original was not read in full."


def test_a_notice_is_given_once_however_many_passages_call_for_it(assistant: Assistant) -> None:
    corpus = assistant.corpus
    passages = [p for p in corpus.passages.values() if "mohammed-khalifa" in p.people]
    found = notices(passages, corpus, dt.date(2026, 11, 21))
    assert len(found) == len({(n.kind, n.text) for n in found})
    assert sum(n.kind == "legal_status" and "Khalifa" in n.text for n in found) == 1


def test_what_is_shown_beside_an_answer_brings_its_notices_but_counts_no_voices(assistant: Assistant) -> None:
    corpus, today = assistant.corpus, dt.date(2026, 11, 21)
    contested = next(
        p for p in corpus.passages.values() if corpus.sources[p.source].standing == "disputed" and p.people
    )
    shown = {n.kind for n in notices((), corpus, today, nearby=[contested])}
    assert "standing" in shown
    assert "representativeness" not in shown
    assert notices((), corpus, today) == ()


@pytest.mark.parametrize(
    ("cited", "of"),
    [
        (("emmanuel-jal-2009/p8",), "this corpus, all SPLA;"),
        (("emmanuel-jal-2009/p8", "zak-ebrahim-2014/p7"), "this corpus, some of SPLA;"),
        (("emmanuel-jal-2009/p8", "picciolini-2019/p11"), "this corpus, of SPLA, and on what others report;"),
    ],
)
def test_whose_group_is_named_is_never_said_of_everybody_else(
    assistant: Assistant, cited: tuple[str, ...], of: str
) -> None:
    passages = assistant.corpus.passages
    notice = voices_notice([passages[p] for p in cited], assistant.corpus)
    assert notice
    assert of in notice.text


def test_a_question_about_somebody_says_that_an_account_was_withdrawn_whatever_is_cited(
    assistant: Assistant,
) -> None:
    corpus, today = assistant.corpus, dt.date(2026, 11, 21)
    (notice,) = (n for n in notices((), corpus, today, ["abu-huzaifa"]) if n.kind == "standing")
    assert "retracted" in notice.text.casefold()
    assert not any(n.kind == "standing" for n in notices((), corpus, today, ["mohammed-khalifa"]))
