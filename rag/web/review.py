"""The page for curators: drafts of documents, reviewed passage by passage and put into the collection."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from rag.corpus import Corpus, CorpusError
from rag.embed import EmbeddingUnavailable
from rag.index import IndexBuildError
from rag.ingest.draft import Draft, DraftError, Jobs
from rag.ingest.publish import publish
from rag.ingest.review import Review
from rag.settings import get_settings
from rag.web import component, shared
from rag.web.reviewing import TABS, ReviewView, State, reviewing
from rag.web.roles import name_of
from rag.web.words import t

KEY, PUBLISHING, SEEN = "review_state", "review_publishing", "review_seen"
LONGEST = 20_000  # characters of a passage or field that somebody types
today = dt.date.today()
settings = get_settings()
jobs = Jobs(settings)
signed = name_of(st.user.to_dict())


@st.cache_resource(show_spinner=False)
def one_at_a_time() -> threading.Lock:
    """Two publications would write the corpus at once."""
    return threading.Lock()


def state() -> State:
    kept: State = st.session_state.setdefault(KEY, State())
    return kept.model_copy(update={"by": signed}) if signed else kept


def change(**fields: object) -> None:
    st.session_state[KEY] = state().model_copy(update={"said": "", "problem": "", **fields})


def open_draft(value: object) -> None:
    if value is None or isinstance(value, str):
        change(draft=value or "", tab="passages", passage="")


def choose_tab(value: object) -> None:
    if value in TABS:
        change(tab=value)


def go(value: object) -> None:
    if isinstance(value, str):
        change(passage=value)


def sign(value: object) -> None:
    if isinstance(value, str) and not signed:
        change(by=value.strip()[:80])


def decide(value: object) -> None:
    """One decision; what is wrong with it is said, and nothing is changed."""
    match value:
        case {"what": str(what), "by": str(by), **given} if what in DECISIONS and corpus:
            if not signed:
                change(by=by.strip()[:80])
            if not state().by:
                change(problem=t("review.need_name"))
                return
            words: dict[str, Any] = {
                str(k): v[:LONGEST] if isinstance(v, str) else v for k, v in given.items()
            }
            try:
                job, draft = jobs.find(state().draft)
                seen: Draft | None = st.session_state.get(SEEN)
                if seen is None or seen.id != draft.id:
                    seen = draft
                work = Review(job, seen, corpus, state().by, today.isoformat())
                DECISIONS[what](work, words)
                st.session_state[SEEN] = work.draft
            except (DraftError, OSError) as e:
                change(problem=str(e))


def accept(work: Review, given: dict[str, Any]) -> None:
    tags = {k: tuple(map(str, v)) if isinstance(v, list) else str(v) for k, v in given["tags"].items()}
    work.accept(given["passage"], tags)
    onward(work, given["passage"], "review.said_accepted")


def leave_out(work: Review, given: dict[str, Any]) -> None:
    reasoned(given)
    work.leave_out(given["passage"], given["reason"])
    onward(work, given["passage"], "review.said_left_out")


def mask(work: Review, given: dict[str, Any]) -> None:
    n = work.mask(given["passage"], given.get("words") or None, everywhere=bool(given.get("everywhere")))
    change(passage=given["passage"], said=t("review.said_masked", n=n))


def keep(work: Review, given: dict[str, Any]) -> None:
    reasoned(given)
    n = work.keep(given["passage"], given["words"], given["reason"], everywhere=bool(given.get("everywhere")))
    change(passage=given["passage"], said=t("review.said_kept", n=n))


def edit(work: Review, given: dict[str, Any]) -> None:
    work.edit(given["passage"], given["text"])
    change(passage=given["passage"], said=t("review.said_edited"))


def card(work: Review, given: dict[str, Any]) -> None:
    work.state_card({str(k): str(v).strip() for k, v in given["fields"].items()})
    change(said=t("review.said_card"))


def onward(work: Review, passage: str, said: str) -> None:
    """To the next passage that is open; to publication where none is."""
    following = work.draft.next_open(passage)
    left = work.draft.count("open")
    told = f"{t(said)} {t('review.left', n=left) if left else t('review.none_left')}"
    change(
        passage=following.id if following else passage, tab="passages" if following else "publish", said=told
    )


def reasoned(given: dict[str, Any]) -> None:
    if not str(given.get("reason", "")).strip():
        raise DraftError(t("review.need_reason"))


DECISIONS: dict[str, Callable[[Review, dict[str, Any]], None]] = {
    "accept": accept,
    "leave_out": leave_out,
    "mask": mask,
    "keep": keep,
    "edit": edit,
    "card": card,
}


def ask_to_publish(_: object) -> None:
    st.session_state[PUBLISHING] = state().draft
    change()


def put_in(source: str) -> None:
    """The same function as `exitvoices ingest publish`; from then on the page answers from the new index."""
    try:
        with one_at_a_time():
            job, draft = jobs.find(source)
            done = publish(settings, job, draft, today)
    except (DraftError, CorpusError, EmbeddingUnavailable, IndexBuildError, OSError) as e:
        change(problem=str(e))
        return
    shared.library().renew()
    said = t("review.said_published", n=done.passages, file=done.file)
    change(said=" ".join((said, *done.warnings)))


def view(held: Corpus) -> ReviewView:
    try:
        drafts = [d for _, d in jobs.drafts()]
    except DraftError as e:
        return ReviewView(state="failed", problem=str(e))
    # What this visitor decides next, they decide on the draft as it is drawn now.
    st.session_state[SEEN] = next((d for d in drafts if d.id == state().draft), None)
    busy = t("review.publishing") if PUBLISHING in st.session_state else ""
    return reviewing(drafts, state(), held, signed=bool(signed), busy=busy)


corpus = shared.corpus()
ready, status, problem = shared.state()
component.draw(
    "review",
    view(corpus) if corpus else ReviewView(state=ready, status=status, problem=problem),
    {
        "open": open_draft,
        "tab": choose_tab,
        "go": go,
        "by": sign,
        "decide": decide,
        "publish": ask_to_publish,
        "retry": lambda _: shared.library().retry(),
    },
    texts=("review",),
)
# Embedding and building an index take seconds: the page says so before they begin.
if source := st.session_state.get(PUBLISHING):
    put_in(source)
    del st.session_state[PUBLISHING]
    st.rerun()
shared.again_if_opening()
