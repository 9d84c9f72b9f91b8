"""The page without a browser: Streamlit's own test runner on the real index."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.context import StreamlitHeaders
from streamlit.testing.v1 import AppTest

from rag.corpus import Corpus, load_corpus
from rag.index import Index
from rag.settings import ROOT, Settings, get_settings

Visit = Callable[..., AppTest]


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return load_corpus(ROOT / "corpus")


@pytest.fixture(scope="session")
def opened() -> Iterator[dict[str, object]]:
    """The settings that the process-wide library was opened with; opening it anew costs a second."""
    overrides: dict[str, object] = {}
    yield overrides
    get_settings.cache_clear()
    st.cache_resource.clear()


@pytest.fixture
def visit(
    settings: Settings, index: Index, opened: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> Visit:
    """Opens the page once its index is there; settings may be overridden by name."""
    # Streamlit puts the page's own module there, which a process that is started later would try to run.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])

    def open_page(**overrides: object) -> AppTest:
        wanted = {"data_dir": settings.data_dir, **overrides}
        for name, value in wanted.items():
            monkeypatch.setenv(f"EXITVOICES_{name.upper()}", str(value))
        if opened != wanted:
            opened.clear()
            opened.update(wanted)
            get_settings.cache_clear()
            st.cache_resource.clear()
        return AppTest.from_file(ROOT / "rag" / "web" / "main.py", default_timeout=60).run()

    return open_page


def shown(page: AppTest, part: str = "ask") -> dict[str, Any]:
    """What the page's component was given to draw in one of its places."""
    drawn = [e.proto for e in page.main if e.type == "bidi_component"]
    data = [json.loads(proto.json or proto.mixed.json) for proto in drawn]
    (found,) = [d["view"] for d in data if d["part"] == part]
    view: dict[str, Any] = found
    return view


def press(page: AppTest, part: str, action: str, value: object) -> AppTest:
    """What the page does when its component reports an action, as the browser sends it."""
    drawn = [e.proto for e in page.main if e.type == "bidi_component"]
    (pressed,) = [p for p in drawn if json.loads(p.json or p.mixed.json)["part"] == part]
    states = page._tree.get_widget_states()
    told = json.dumps([{"event": action, "value": value}])
    states.widgets.append(WidgetState(id=_make_trigger_id(pressed.id, "events"), json_trigger_value=told))
    return page._run(states)


@pytest.fixture
def at_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits come from a browser on the machine that serves the page, as their headers say."""
    sent = [("Host", "localhost:8501"), ("Origin", "http://localhost:8501")]
    monkeypatch.setattr(type(st.context), "headers", StreamlitHeaders(sent))
    monkeypatch.setattr(type(st.context), "ip_address", None)


def ask(page: AppTest, question: str) -> dict[str, Any]:
    """Types a question and returns the last exchange as the page shows it."""
    page.chat_input[0].set_value(question).run()
    last: dict[str, Any] = shown(page)["thread"][-1]
    return last
