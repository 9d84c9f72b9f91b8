"""Feedback: nothing is written before an item is sent, and what is removed from the corpus goes from here too."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from rag.settings import Settings
from rag.store import MOST_WORDS, Feedback, Store

SECRET = "Anne Speckhard keeps letters in a blue box"


def answer(statement: str) -> dict[str, Any]:
    return {"outcome": "answered", "text": SECRET, "citations": [{"statement": statement, "quote": SECRET}]}


def item(statement: str, words: str = "") -> Feedback:
    return Feedback(
        on=dt.date(2026, 11, 22), kind="missing", words=words, question="Why?", answer=answer(statement)
    )


def test_opening_and_reading_an_unused_store_leaves_no_trace(small: Settings) -> None:
    store = Store(small)
    assert store.items() == ()
    assert store.forget(["a/p1"]) == 0
    assert not small.data_dir.exists()


def test_an_item_comes_back_as_it_was_sent_and_long_words_are_cut(small: Settings) -> None:
    store = Store(small)
    store.add(item("a/p1#1", "x" * (MOST_WORDS + 50)))
    (kept,) = Store(small).items()
    assert (kept.kind, kept.question, kept.answer) == ("missing", "Why?", answer("a/p1#1"))
    assert len(kept.words) == MOST_WORDS


@pytest.mark.parametrize("removed", ["a/p1", "a"])
def test_what_cites_a_removed_passage_or_source_is_gone_to_the_last_byte(
    small: Settings, removed: str
) -> None:
    store = Store(small)
    store.add(item("a/p1#1"))
    kept = Feedback(
        on=dt.date(2026, 11, 22),
        kind="helpful",
        question="Who?",
        answer={"citations": [{"statement": "ab/p10#1"}]},
    )
    store.add(kept)
    assert store.forget([removed]) == 1
    assert [i.question for i in store.items()] == ["Who?"]
    store.close()
    assert SECRET.encode() not in b"".join(p.read_bytes() for p in small.data_dir.iterdir())
