"""The frame of every page: its name, the way to the others, help services and the quick exit, always in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import streamlit as st

from rag.ingest.draft import Jobs
from rag.model import Frozen
from rag.settings import get_settings
from rag.web import component, shared, words
from rag.web.roles import may_see, may_see_unreleased, role_of
from rag.web.support import HelpView, help_view
from rag.web.words import inside, t

EARLY = "bar_early"
LANGUAGE = "language"


class PageFile(NamedTuple):
    """A page: its id in the catalogue, its file beside this one, and its address (empty for the first)."""

    id: str
    file: str
    path: str

    @property
    def tab_title(self) -> str:
        """The title of the tab, which says nothing about the subject to somebody who sees it."""
        return t("bar.tab_of", page=inside(t(f"bar.page_{self.id}"))) if self.path else t("bar.tab")


PAGES = (
    PageFile("ask", "ask.py", ""),
    PageFile("explore", "explore.py", "explore"),
    PageFile("prepare", "prepare.py", "prepare"),
    PageFile("sources", "sources.py", "sources"),
    PageFile("evaluate", "evaluate.py", "evaluate"),
    PageFile("review", "review.py", "review"),
    PageFile("privacy", "privacy.py", "privacy"),
)


def seen(user: Mapping[str, Any]) -> list[PageFile]:
    """The pages that this visitor may see. Drafts are for curators; where nobody signs in, for whoever sits at the
    machine that keeps them, once there are any."""
    settings = get_settings()
    role = role_of(user, settings.roles_claim)
    drafts = unreleased() and ("is_logged_in" in user or Jobs(settings).there())
    return [p for p in PAGES if may_see(role, p.id) and (p.id != "review" or drafts)]


def unreleased() -> bool:
    """Whether this visitor may see what people left here and nobody has released, on the pages that are theirs."""
    return may_see_unreleased(st.user.to_dict(), st.context.headers.to_dict(), st.context.ip_address)


class NavView(Frozen):
    id: str
    label: str
    path: str
    current: bool


class LanguageView(Frozen):
    code: str
    name: str
    chosen: bool


class MarkView(Frozen):
    """What stands under the bar of a page in a language that no person has read over."""

    text: str


class BarView(Frozen):
    pages: tuple[NavView, ...]
    languages: tuple[LanguageView, ...]
    help: HelpView | None
    neutral_site: str
    sign: Literal["", "in", "out"] = ""


def speak() -> None:
    """Sets the language of this run: what the address asks for, else what was chosen, else the operator's."""
    asked = st.query_params.get("lang")
    if asked in words.languages():
        st.session_state[LANGUAGE] = asked
    words.use(st.session_state.get(LANGUAGE, get_settings().language))


def address() -> dict[str, str]:
    """What an address needs so that a page comes in the language of this one; nothing in the operator's."""
    return {} if words.language() == get_settings().language else {"lang": words.language()}


def draw(current: str, shown: Sequence[PageFile] = PAGES) -> str | None:
    """Draws the bar with the way to these pages; returns the id of the one that the visitor chose in it, if any."""
    settings = get_settings()
    corpus = shared.corpus()
    st.session_state[EARLY] = corpus is None
    kept = "".join(f"?{k}={v}" for k, v in address().items())
    view = BarView(
        pages=tuple(
            NavView(id=p.id, label=t(f"bar.page_{p.id}"), path=f"/{p.path}{kept}", current=p.path == current)
            for p in shown
        ),
        languages=tuple(
            LanguageView(code=x, name=words.own_name(x), chosen=x == words.language())
            for x in words.languages()
        ),
        help=help_view(corpus.support, settings.country, dt.date.today()) if corpus else None,
        neutral_site=settings.neutral_site,
        sign=_sign(),
    )
    with st.container(key="bar"):
        result = component.draw(
            "bar",
            view,
            {"clear": lambda _: _forget(), "go": lambda _: None, "language": _choose, "sign": lambda _: None},
            texts=("bar", "help"),
        )
    if words.machine_made(words.language()):
        component.draw("mark", MarkView(text=t("bar.machine")), {}, texts=())
    if result.sign and view.sign:
        (st.logout if view.sign == "out" else st.login)()
    wanted = result.go
    return wanted if wanted in {p.id for p in shown} else None


def again_if_early() -> None:
    """Runs the page once more where the bar was drawn before the collection was open: its help must not stay away."""
    if st.session_state.get(EARLY) and shared.library().assistant is not None:
        st.rerun()


def _choose(value: object) -> None:
    """A language chosen in the bar stands in the address, so that a reload or a shared link keeps it."""
    if isinstance(value, str) and value in words.languages():
        st.session_state[LANGUAGE] = value
        st.query_params["lang"] = value


def _sign() -> Literal["", "in", "out"]:
    """Whether a visitor can sign in or out; neither where the operator has set up no sign-in."""
    user = st.user.to_dict()
    return ("out" if user["is_logged_in"] is True else "in") if "is_logged_in" in user else ""


def _forget() -> None:
    """Drops everything that a visit has left in memory."""
    shared.conversation().clear()
    st.session_state.clear()
