"""Who may see which page, and what the privacy page says of an installation."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rag.ingest.run import ingest
from rag.settings import Settings
from rag.store import Feedback, Store
from rag.web.plain import TextView, privacy
from rag.web.roles import at_this_machine, may_see, may_see_unreleased, name_of, role_of
from tests.ingest.documents import INTERVIEW, write

from .conftest import Visit, ask, press, shown

SENT = dt.date(2026, 11, 20)
SIGNED_IN = {"is_logged_in": True}


@pytest.mark.parametrize(
    ("user", "role"),
    [
        ({}, "curator"),
        ({"is_logged_in": False, "roles": ["curator"]}, "reader"),
        (SIGNED_IN, "reader"),
        ({**SIGNED_IN, "roles": ["staff"]}, "reader"),
        ({**SIGNED_IN, "roles": "Practitioner"}, "practitioner"),
        ({**SIGNED_IN, "roles": ["reader", "evaluator", "practitioner"]}, "evaluator"),
        ({**SIGNED_IN, "roles": {"curator": True}}, "reader"),
        ({**SIGNED_IN, "roles": None}, "reader"),
    ],
)
def test_the_highest_role_of_the_claim_counts_and_nothing_else_opens_a_page(
    user: dict[str, Any], role: str
) -> None:
    assert role_of(user, "roles") == role


def test_a_claim_may_be_nested_or_named_by_an_address() -> None:
    assert role_of({**SIGNED_IN, "realm": {"roles": ["evaluator"]}}, "realm.roles") == "evaluator"
    assert role_of({**SIGNED_IN, "https://a.example/r": ["evaluator"]}, "https://a.example/r") == "evaluator"
    assert role_of({**SIGNED_IN, "realm": "evaluator"}, "realm.roles") == "reader"


def test_each_role_sees_what_those_before_it_see() -> None:
    assert [may_see(r, "ask") for r in ("reader", "curator")] == [True, True]
    assert [may_see(r, "prepare") for r in ("reader", "practitioner", "evaluator")] == [False, True, True]
    assert [may_see(r, "evaluate") for r in ("practitioner", "evaluator", "curator")] == [False, True, True]


def test_drafts_are_for_curators() -> None:
    assert [may_see(r, "review") for r in ("practitioner", "evaluator", "curator")] == [False, False, True]


HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize(
    ("headers", "address", "here"),
    [
        (HERE, None, True),
        ({"host": "[::1]:8501", "origin": "http://127.0.0.1:8501"}, None, True),
        (HERE, "192.0.2.7", False),
        ({**HERE, "Host": "voices.example.org"}, None, False),
        ({**HERE, "Origin": "https://voices.example.org"}, None, False),
        ({**HERE, "X-Forwarded-For": "192.0.2.7"}, None, False),
        ({**HERE, "via": "1.1 proxy"}, None, False),
        ({"Host": "localhost.example.org", "Origin": "http://localhost"}, None, False),
        ({"Host": "localhost"}, None, False),
        ({}, None, False),
    ],
)
def test_only_a_browser_at_the_machine_itself_counts_as_here(
    headers: dict[str, str], address: str | None, here: bool
) -> None:
    assert at_this_machine(headers, address) is here


def test_decisions_are_recorded_under_the_name_of_the_sign_in() -> None:
    assert name_of({**SIGNED_IN, "sub": "u1", "email": "ada@example.org", "name": " Ada "}) == "Ada"
    assert name_of({**SIGNED_IN, "sub": "u1", "name": ""}) == "u1"
    assert name_of({"is_logged_in": False, "name": "Ada"}) == ""
    assert name_of({}) == ""


def words(view: TextView) -> str:
    return " ".join((view.lede, *(x for s in view.sections for x in (*s.paragraphs, *s.items))))


def test_by_default_the_privacy_page_says_nothing_is_kept_or_sent(settings: Settings) -> None:
    view = privacy(settings)
    assert view.lede == "Nothing."
    assert "written to no file and no log" in words(view)
    assert "no accounts" in words(view)


@pytest.mark.parametrize(
    ("changed", "sign_in", "said"),
    [
        ({"write_model": "some-model"}, False, "are sent to the server of that model"),
        ({"embedding": "openai"}, False, "the text of a question is sent"),
        ({"moderation_model": "some-model"}, False, "sent to a moderation service"),
        ({"packs_dir": Path("packs")}, False, "folder in which session packs are kept"),
        ({}, True, "signed cookie"),
    ],
    ids=["model", "embedding", "moderation", "packs", "sign-in"],
)
def test_what_an_installation_keeps_or_sends_is_said(
    settings: Settings, changed: dict[str, Any], sign_in: bool, said: str
) -> None:
    view = privacy(settings.model_copy(update=changed), sign_in=sign_in)
    assert view.lede != "Nothing."
    assert said in words(view)
    sends = not sign_in and "packs_dir" not in changed
    assert ("Nothing. The page, its search" in words(view)) is not sends
    assert ("no accounts" in words(view)) is not sign_in


def test_a_visitor_who_asks_too_often_is_asked_to_wait_and_keeps_what_was_answered(visit: Visit) -> None:
    page = visit(ask_per_minute=2)
    for _ in range(2):
        assert not ask(page, "Why did Erion go to Syria?")["problem"]
    last = ask(page, "Why did Erion go to Syria?")
    assert "Please wait" in last["problem"]
    assert len(shown(page)["thread"]) == 3


def test_a_site_for_under_16_says_so_and_takes_no_words_with_feedback(visit: Visit) -> None:
    page = visit(under_16=True, feedback=True)
    assert any("teacher" in note for note in shown(page)["notes"])
    assert ask(page, "Why did Erion go to Syria?")["feedback"]["words"] is False


def offered_cases(page: AppTest) -> str:
    """What the Evaluate page offers to make a case of."""
    opened = page.switch_page("evaluate.py").run()
    view = shown(press(opened, "evaluate", "tab", "author"), "evaluate")
    return " ".join(s["label"] for s in view["authoring"]["sources"])


def pages(page: AppTest) -> set[str]:
    return {p["id"] for p in shown(page, "bar")["pages"]}


@pytest.fixture
def kept(indexed: Settings, tmp_path: Path) -> dict[str, object]:
    """An installation that holds what nobody has released: a draft, and a reader's feedback."""
    ingest(indexed, [write(tmp_path / "talk.txt", INTERVIEW[:2])], source="harbour-woman", job="talks")
    store = Store(indexed)
    store.add(
        Feedback(
            on=SENT, kind="missing", question="My cousin Tor left, why?", answer={"outcome": "abstained"}
        )
    )
    store.close()
    return {"corpus_dir": indexed.corpus_dir, "data_dir": indexed.data_dir, "feedback": True}


def test_without_sign_in_drafts_and_feedback_are_shown_at_the_machine_and_nowhere_else(
    visit: Visit, kept: dict[str, object], at_the_machine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(**kept)
    assert "review" in pages(page)
    assert "My cousin Tor left" in offered_cases(page)
    # What a container sees of a browser on its host: the address of the bridge between them.
    monkeypatch.setattr(type(st.context), "ip_address", "172.17.0.1")
    page = visit(**kept)
    assert {"review", "evaluate"} & pages(page) == {"evaluate"}
    assert "Tor" not in offered_cases(page)


def test_with_sign_in_feedback_is_for_evaluators_wherever_they_sit(
    visit: Visit, kept: dict[str, object]
) -> None:
    page = visit(**kept)
    page.user = {"is_logged_in": False}
    assert not {"review", "evaluate"} & pages(page.run())
    page.user = {"is_logged_in": True, "roles": ["evaluator"]}
    assert {"review", "evaluate"} & pages(page.run()) == {"evaluate"}
    assert "My cousin Tor left" in offered_cases(page)


@pytest.mark.parametrize(
    ("user", "at", "may"),
    [
        ({}, None, True),
        ({}, "172.17.0.1", False),
        ({"is_logged_in": False}, None, False),
        ({"is_logged_in": True}, "192.0.2.7", True),
    ],
)
def test_what_is_unreleased_is_for_who_signed_in_or_where_nobody_can_for_who_sits_here(
    user: dict[str, Any], at: str | None, may: bool
) -> None:
    assert may_see_unreleased(user, HERE, at) is may
