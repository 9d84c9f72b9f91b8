"""The page of the shelves: sources, people, words, help services, the corpus. Links to a passage lead here."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from rag.corpus.ids import tombstones
from rag.settings import get_settings
from rag.web import component, shared
from rag.web.shelves import TABS, State, linked, opening, shelves

KEY = "sources_state"
NOTICE = "sources_notice"


def change(**fields: object) -> None:
    st.session_state[KEY] = state().model_copy(update=fields)
    st.session_state[NOTICE] = ""


def state() -> State:
    kept: State = st.session_state.setdefault(KEY, State())
    return kept


def choose_tab(value: object) -> None:
    if value in TABS:
        change(tab=value, query="", page=1, detail=None, opened=None)


def search(value: object) -> None:
    if isinstance(value, str):
        change(query=value[:200], page=1)


def open_detail(value: object) -> None:
    if value is None or isinstance(value, str):
        change(detail=value, detail_page=1, opened=None)


def turn(value: object) -> None:
    if isinstance(value, int):
        change(page=value)


def turn_passages(value: object) -> None:
    if isinstance(value, int):
        change(detail_page=value)


def read(value: object) -> None:
    if isinstance(value, str):
        change(opened=value)


corpus = shared.corpus()
if corpus:
    stones = tombstones(get_settings().corpus_dir)
    asked = {name: st.query_params.get(name) for name in ("passage", "source", "person")}
    # A link is followed once; from then on the visitor moves about freely.
    if any(asked.values()) and st.session_state.get("sources_link") != asked:
        st.session_state["sources_link"] = asked
        notice = ""
        if asked["passage"]:
            st.session_state[KEY], notice = linked(corpus, stones, asked["passage"])
        elif asked["source"]:
            st.session_state[KEY] = State(detail=asked["source"])
        else:
            st.session_state[KEY] = State(tab="people", detail=asked["person"])
        st.session_state[NOTICE] = notice
    view = shelves(
        corpus,
        state(),
        dt.date.today(),
        stones,
        status=shared.state()[1],
        notice=st.session_state.get(NOTICE, ""),
    )
else:
    view = opening(shared.state())
component.draw(
    "sources",
    view,
    {
        "tab": choose_tab,
        "search": search,
        "open": open_detail,
        "page": turn,
        "passages": turn_passages,
        "read": read,
        "close": lambda _: change(opened=None),
        "retry": lambda _: shared.library().retry(),
    },
    texts=("sources", "evidence", "help"),
)
shared.again_if_opening()
