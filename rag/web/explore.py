"""The page for looking around: pathway, comparison, dates, countries, balance. State lives in the tab only."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from rag.explore import Selection
from rag.web import component, shared
from rag.web.exploring import TABS, State, exploring, opening

KEY = "explore_state"


def change(**fields: object) -> None:
    st.session_state[KEY] = state().model_copy(update=fields)


def state() -> State:
    kept: State = st.session_state.setdefault(KEY, State())
    return kept


def choose_tab(value: object) -> None:
    if value in TABS:
        change(tab=value, page=1, opened=None)


def choose(value: object) -> None:
    match value:
        case {"facet": str(facet), "value": str(chosen)} if facet in Selection.model_fields:
            change(chosen=state().chosen.toggled(facet, chosen), page=1)
        case None:
            change(chosen=Selection(), page=1)


def choose_sides(value: object) -> None:
    """All four at once: of two presses that come in before a run, Streamlit tells the last only."""
    match value:
        case [str(), str(), str(), str()] as sides:
            change(sides=tuple(sides))


def turn(value: object) -> None:
    if isinstance(value, int):
        change(page=value)


def read(value: object) -> None:
    if isinstance(value, str):
        change(opened=value)


corpus = shared.corpus()
view = (
    exploring(shared.holdings(corpus), state(), dt.date.today(), shared.state()[1])
    if corpus
    else opening(shared.state())
)
component.draw(
    "explore",
    view,
    {
        "tab": choose_tab,
        "filter": choose,
        "sides": choose_sides,
        "page": turn,
        "read": read,
        "close": lambda _: change(opened=None),
        "retry": lambda _: shared.library().retry(),
    },
    texts=("explore", "evidence"),
)
shared.again_if_opening()
