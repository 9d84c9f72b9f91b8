"""The page where people ask: each run draws what there is, then waits a moment for more of the answer."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from rag.settings import get_settings
from rag.web import component
from rag.web.conversation import Conversation
from rag.web.library import Library
from rag.web.support import help_view
from rag.web.view import page

WAIT = 0.25  # seconds until the page looks again, so that a press of Stop is never left waiting
AT_ONCE = 0.3  # seconds in which an answer may come whole, so that a quick one is drawn without a busy state


@st.cache_resource(show_spinner=False)
def library() -> Library:
    return Library(get_settings())


def read(value: object) -> None:
    match value:
        case {"exchange": int(exchange), "reference": str(reference)}:
            conversation.open(exchange, reference)


def ask(value: object) -> None:
    if isinstance(value, str) and value.strip():
        shared.renew()
        conversation.ask(value)


settings = get_settings()
shared = library()
conversation: Conversation = st.session_state.setdefault("conversation", Conversation())

above = st.container()
# In a container, or Streamlit would pin the field itself and scroll every visitor to the bottom of the page.
with st.container(key="ask_bar"):
    typed = st.chat_input("Ask a question", key="question")
if typed:
    ask(typed)
shared.wait(WAIT)
assistant = shared.assistant
if assistant and conversation.begin(assistant):
    conversation.receive(AT_ONCE, whole=True)

view = page(
    conversation,
    assistant.corpus if assistant else None,
    help_view(assistant.corpus.support, settings.country, dt.date.today()) if assistant else None,
    status=shared.status,
    problem=shared.problem,
    neutral_site=settings.neutral_site,
    today=dt.date.today(),
)
with above:
    component.draw(
        view,
        {
            "ask": ask,
            "read": read,
            "close": lambda _: conversation.close(),
            "stop": lambda _: conversation.stop(),
            "clear": lambda _: conversation.clear(),
            "retry": lambda _: shared.retry(),
        },
    )

if assistant is None and not shared.problem:
    st.rerun()
if conversation.busy:
    conversation.receive(WAIT)
    st.rerun()
