"""The frame of every page: its name, the way to the others, help services and the quick exit, always in one place."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

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


def draw(current: str) -> str | None:
    """Draws the bar; returns the id of the page that the visitor chose in it, if any."""
    settings = get_settings()
    corpus = shared.corpus()
    st.session_state[EARLY] = corpus is None
    view = BarView(
        pages=tuple(
            NavView(id=p.id, label=t(f"bar.page_{p.id}"), path=f"/{p.path}", current=p.path == current)
            for p in PAGES
        ),
        help=help_view(corpus.support, settings.country, dt.date.today()) if corpus else None,
        neutral_site=settings.neutral_site,
    )
    with st.container(key="bar"):
        result = component.draw(
            "bar", view, {"clear": lambda _: _forget(), "go": lambda _: None}, texts=("bar", "help")
        )
    wanted = result.go
    return wanted if wanted in {p.id for p in PAGES} else None


def again_if_early() -> None:
    """Runs the page once more where the bar was drawn before the collection was open: its help must not stay away."""
    if st.session_state.get(EARLY) and shared.library().assistant is not None:
        st.rerun()


def _forget() -> None:
    """Drops everything that a visit has left in memory."""
    shared.conversation().clear()
    st.session_state.clear()
