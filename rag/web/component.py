"""The page's one component: takes a PageView, draws it as text nodes, and reports what was pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from rag.web.view import PageView

KEY = "reading_room"

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "exitvoices_reading_room",
    css=(_HERE / "component.css").read_text("utf-8"),
    js=(_HERE / "component.js").read_text("utf-8"),
    isolate_styles=False,  # one style sheet also quiets Streamlit's own chrome
)


def draw(view: PageView, on: Mapping[str, Callable[[object], None]]) -> None:
    """Draws the page. `on` maps the name of an action (ask, read, stop, …) to what happens with its value."""

    def reported(action: str) -> Callable[[], None]:
        return lambda: on[action](st.session_state[KEY][action])

    reports: dict[str, Any] = {f"on_{action}_change": reported(action) for action in on}
    _draw(key=KEY, data=view.model_dump(mode="json"), **reports)
