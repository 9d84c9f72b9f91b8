"""The frame of every page: its name, the way to the others, help services and the quick exit, always in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple

import streamlit as st

from rag.model import Frozen
from rag.settings import get_settings
from rag.web import component, shared
from rag.web.support import HelpView, help_view
from rag.web.words import t

EARLY = "bar_early"
TAB = "Reading room"  # says nothing about the subject to somebody who sees the tab


class PageFile(NamedTuple):
    """A page: its id in the catalogue, its file beside this one, and its address (empty for the first)."""

    id: str
    file: str
    path: str

    @property
    def tab_title(self) -> str:
        """The title of the tab, which names the room and not the subject."""
        return f"{TAB}: {t(f'bar.page_{self.id}').lower()}" if self.path else TAB


PAGES = (
    PageFile("ask", "ask.py", ""),
    PageFile("explore", "explore.py", "explore"),
    PageFile("prepare", "prepare.py", "prepare"),
    PageFile("sources", "sources.py", "sources"),
    PageFile("evaluate", "evaluate.py", "evaluate"),
    PageFile("privacy", "privacy.py", "privacy"),
)


class NavView(Frozen):
    id: str
    label: str
    path: str
    current: bool


class BarView(Frozen):
    pages: tuple[NavView, ...]
    help: HelpView | None
    neutral_site: str
    sign: Literal["", "in", "out"] = ""


def draw(current: str, shown: Sequence[PageFile] = PAGES) -> str | None:
    """Draws the bar with the way to these pages; returns the id of the one that the visitor chose in it, if any."""
    settings = get_settings()
    corpus = shared.corpus()
    st.session_state[EARLY] = corpus is None
    view = BarView(
        pages=tuple(
            NavView(id=p.id, label=t(f"bar.page_{p.id}"), path=f"/{p.path}", current=p.path == current)
            for p in shown
        ),
        help=help_view(corpus.support, settings.country, dt.date.today()) if corpus else None,
        neutral_site=settings.neutral_site,
        sign=_sign(),
    )
    with st.container(key="bar"):
        result = component.draw(
            "bar",
            view,
            {"clear": lambda _: _forget(), "go": lambda _: None, "sign": lambda _: None},
            texts=("bar", "help"),
        )
    if result.sign and view.sign:
        (st.logout if view.sign == "out" else st.login)()
    wanted = result.go
    return wanted if wanted in {p.id for p in shown} else None


def again_if_early() -> None:
    """Runs the page once more where the bar was drawn before the collection was open: its help must not stay away."""
    if st.session_state.get(EARLY) and shared.library().assistant is not None:
        st.rerun()


def _sign() -> Literal["", "in", "out"]:
    """Whether a visitor can sign in or out; neither where the operator has set up no sign-in."""
    user = st.user.to_dict()
    return ("out" if user["is_logged_in"] is True else "in") if "is_logged_in" in user else ""


def _forget() -> None:
    """Drops everything that a visit has left in memory."""
    shared.conversation().clear()
    st.session_state.clear()
