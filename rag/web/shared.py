"""What all pages share: the one library of the process, a visitor's conversation, and how long to wait for either."""

from __future__ import annotations

import streamlit as st

from rag.api.limits import RateLimit
from rag.corpus import Corpus
from rag.explore import Holdings
from rag.settings import get_settings
from rag.store import Store
from rag.web.conversation import Conversation
from rag.web.library import Library

WAIT = 0.25  # seconds until the page looks again, so that a press of Stop is never left waiting


@st.cache_resource(show_spinner=False)
def library() -> Library:
    return Library(get_settings())


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Where feedback goes, once the operator has turned it on and a reader has sent some."""
    return Store(get_settings())


@st.cache_resource(show_spinner=False, max_entries=2)
def _holdings(version: str, _corpus: Corpus) -> Holdings:
    return Holdings.of(_corpus)


def holdings(corpus: Corpus) -> Holdings:
    """The facet values of a corpus, worked out once for all visitors."""
    return _holdings(corpus.version, corpus)


def conversation() -> Conversation:
    """The visitor's conversation: as old as the tab, and nowhere else."""
    kept: Conversation = st.session_state.setdefault("conversation", Conversation())
    return kept


def asking() -> RateLimit:
    """How often this visitor may ask."""
    kept: RateLimit = st.session_state.setdefault("asking", RateLimit(get_settings().ask_per_minute))
    return kept


def corpus() -> Corpus | None:
    """The corpus once it is open; None while it is not, after a short wait."""
    shared = library()
    shared.wait(WAIT)
    return shared.assistant.corpus if shared.assistant else None


def state() -> tuple[str, str, str]:
    """(ready, opening or failed; what it waits for; what is the matter), as the pages say it."""
    shared = library()
    if shared.problem:
        return "failed", "", shared.problem
    if shared.assistant is None:
        return "opening", shared.status, ""
    return "ready", shared.status, ""


def again_if_opening() -> None:
    """Runs the page once more when the collection is still being opened."""
    if library().assistant is None and not library().problem:
        st.rerun()
