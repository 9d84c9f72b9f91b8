"""The page's one component: takes the view of a part of the page, draws it as text nodes, reports what was pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from rag.model import Frozen
from rag.web import words

_ASSETS = Path(__file__).parent / "assets"
_SCRIPTS = ("base", "bar", "evidence", "ask", "explore", "sources", "evaluate", "review", "text", "mount")
_STYLES = ("base", "pages", "review", "streamlit")

_draw = st.components.v2.component(
    "exitvoices_reading_room",
    css="\n".join((_ASSETS / f"{name}.css").read_text("utf-8") for name in _STYLES),
    js="\n".join((_ASSETS / f"{name}.js").read_text("utf-8") for name in _SCRIPTS),
    isolate_styles=False,  # one style sheet also quiets Streamlit's own chrome
)


def draw(part: str, view: Frozen, on: Mapping[str, Callable[[Any], None]], texts: tuple[str, ...]) -> Any:
    """Draws a part of the page: bar, mark, ask, explore, sources, evaluate, review or text.

    `on` maps the name of an action (ask, read, stop, …) to what happens with its value before the page runs again;
    `texts` names the sections of the catalogue that the part needs beside `common`. Returns Streamlit's result, which
    holds the value of an action during the run that it started.
    """
    key = f"part_{part}"

    def reported(action: str) -> Callable[[], None]:
        def report() -> None:
            # Streamlit forgets a component's state when a page is left; a press that comes in while the next page is
            # being drawn finds none. What only the result of a run tells (`go`) still reaches that run.
            if state := st.session_state.get(key):
                on[action](state[action])

        return report

    reports: dict[str, Any] = {f"on_{action}_change": reported(action) for action in on}
    data = {
        "part": part,
        "language": words.language(),
        "direction": words.direction(words.language()),
        "words": words.section("common", "date", "month", *texts),
        "view": view.model_dump(mode="json"),
    }
    return _draw(key=key, data=data, **reports)
