"""The page where people ask: each run draws what there is, then waits a moment for more of the answer."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from rag.explore import Selection
from rag.settings import get_settings
from rag.store import KINDS, Feedback
from rag.web import component, shared
from rag.web.conversation import READERS
from rag.web.exporting import EXPORTS, export
from rag.web.plain import sent_to
from rag.web.view import page
from rag.web.words import t

AT_ONCE = 0.3  # seconds in which an answer may come whole, so that a quick one is drawn without a busy state


def read(value: object) -> None:
    match value:
        case {"exchange": int(exchange), "reference": str(reference)}:
            conversation.open(exchange, reference)


def ask(value: object) -> None:
    if isinstance(value, str) and value.strip():
        library.renew()
        wait = shared.asking().wait()
        if wait:
            conversation.refuse(value, t("ask.too_often", n=max(1, round(wait))))
        else:
            conversation.ask(value)


def restrict(value: object) -> None:
    match value:
        case {"facet": str(facet), "value": str(chosen)} if facet in Selection.model_fields:
            conversation.scope = conversation.scope.toggled(facet, chosen)
        case None:
            conversation.scope = Selection()


def word_for(value: object) -> None:
    reader = next((r for r in READERS if r == value), None)
    if reader:
        conversation.reader = reader


def take_along(value: object) -> None:
    if corpus and value in EXPORTS:
        number = conversation.file.id + 1 if conversation.file else 1
        conversation.file = export(value, conversation.exchanges, corpus, dt.date.today(), number)


def say(value: object) -> None:
    match value:
        case {"exchange": int(number), "kind": str(kind), "words": str(said)} if settings.feedback:
            exchange = conversation.find(number)
            if exchange and exchange.answer and not exchange.feedback_sent and kind in KINDS:
                shared.store().add(
                    Feedback(
                        on=dt.date.today(),
                        kind=kind,
                        words="" if settings.under_16 else said.strip(),
                        question=exchange.question,
                        answer=exchange.answer.to_json(),
                    )
                )
                exchange.feedback_sent = True


settings = get_settings()
library = shared.library()
conversation = shared.conversation()

above = st.container()
# In a container, or Streamlit would pin the field itself and scroll every visitor to the bottom of the page.
with st.container(key="ask_bar"):
    typed = st.chat_input(t("ask.field"), key="question")
if typed:
    ask(typed)
library.wait(shared.WAIT)
assistant = library.assistant
corpus = assistant.corpus if assistant else None
if assistant and conversation.begin(assistant):
    conversation.receive(AT_ONCE, whole=True)

view = page(
    conversation,
    corpus,
    shared.holdings(corpus) if corpus else None,
    status=library.status,
    problem=library.problem,
    today=dt.date.today(),
    feedback=settings.feedback,
    under_16=settings.under_16,
    sent=any(sent_to(settings).values()),
    readers=READERS if settings.write_model else (),  # a quotation is the same for everybody
)
with above:
    component.draw(
        "ask",
        view,
        {
            "ask": ask,
            "read": read,
            "close": lambda _: conversation.close(),
            "stop": lambda _: conversation.stop(),
            "clear": lambda _: conversation.clear(),
            "retry": lambda _: library.retry(),
            "filter": restrict,
            "reader": word_for,
            "export": take_along,
            "feedback": say,
        },
        texts=("ask", "evidence"),
    )

shared.again_if_opening()
if conversation.busy:
    conversation.receive(shared.WAIT)
    st.rerun()
