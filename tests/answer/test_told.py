"""The score of questions that are known to be answered here, or not: what it covers, and when it keeps silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from rag.answer.sufficiency import model
from rag.answer.told import Told, curated, key, opened
from rag.assistant import Assistant
from rag.index import Index
from rag.model import Passage

STALE = "Run 'python -m benchmarks.fit_sufficiency --write': curated questions have changed since told.npz was fitted."


@pytest.fixture(scope="module")
def stored() -> dict[str, np.ndarray]:
    with resources.files("rag.data").joinpath("told.npz").open("rb") as file, np.load(file) as data:
        return {name: data[name] for name in data.files}


def without(stored: dict[str, np.ndarray], gone: Sequence[Passage]) -> dict[str, np.ndarray]:
    """The stored score as if it had been fitted on other passages and questions in place of these."""
    questions = [key(q) for p in gone for q in p.questions]
    return {
        **stored,
        "keys": np.where(
            np.isin(stored["keys"], np.array(questions, np.uint64)), np.uint64(1), stored["keys"]
        ),
        "passages": np.where(
            np.isin(stored["passages"], np.array([key(p.id) for p in gone], np.uint64)),
            np.uint64(1),
            stored["passages"],
        ),
    }


def test_the_file_is_small_and_covers_the_curated_questions(
    index: Index, stored: dict[str, np.ndarray]
) -> None:
    assert sum(a.nbytes for a in stored.values()) < 11_000_000
    known = set(stored["keys"].tolist())
    assert np.mean([key(q) in known for q in curated(index.corpus)]) > 0.95, STALE


def test_a_curated_question_is_known_to_be_told_as_it_is_typed(assistant: Assistant) -> None:
    score = opened(assistant.index)
    assert score is not None
    found = [
        score.score(assistant.retriever.find(q).vector) for q in list(curated(assistant.index.corpus))[::150]
    ]
    assert np.mean([s > 0.3 for s in found]) > 0.8, STALE


@pytest.mark.parametrize(
    ("told", "not_told"),
    [
        ("How did Khalifa meet his wife?", "How did Albert meet his wife?"),
        ("How much was the cameraman paid?", "How much was the cameraman's bail?"),
        ("Which city did the bosses of ISIS retreat to?", "Who paid for the retreat of ISIS?"),
    ],
)
def test_a_told_detail_scores_above_one_that_nobody_told(
    assistant: Assistant, told: str, not_told: str
) -> None:
    score = opened(assistant.index)
    assert score is not None
    found = [score.score(assistant.retriever.find(q).vector) for q in (told, not_told)]
    assert found[0] > found[1]


def test_another_corpus_or_model_is_not_judged_by_it(
    small_index: Path, index: Index, stored: dict[str, np.ndarray]
) -> None:
    small = Index(next(small_index.rglob("manifest.json")).parent)
    try:
        assert Told.over(small, stored) is None
    finally:
        small.close()
    assert Told.over(index, {**stored, "model": np.array("another")}) is None


def test_after_a_source_left_its_questions_are_not_told_and_all_others_still_are(
    assistant: Assistant, stored: dict[str, np.ndarray]
) -> None:
    corpus = assistant.index.corpus
    largest = Counter(p.source for p in corpus.passages.values()).most_common(1)[0][0]
    theirs = [p for p in corpus.passages.values() if p.source == largest]
    rest = Told.over(assistant.index, without(stored, theirs))
    assert rest is not None

    def scores(questions: list[str]) -> list[float]:
        return [rest.score(assistant.retriever.find(q).vector) for q in questions]

    others = [q for p in corpus.passages.values() if p.source != largest for q in p.questions]
    assert np.mean([s > 0.3 for s in scores(others[::150])]) > 0.8
    assert np.mean([s < -0.9 for s in scores([q for p in theirs for q in p.questions][::20])]) > 0.8


def test_a_reworded_question_of_a_passage_that_is_there_is_still_told(
    assistant: Assistant, stored: dict[str, np.ndarray]
) -> None:
    passage = next(iter(assistant.index.corpus.passages.values()))
    reworded = np.isin(stored["passages"], np.uint64(key(passage.id)))
    told = Told.over(assistant.index, {**stored, "keys": np.where(reworded, np.uint64(1), stored["keys"])})
    assert told is not None
    found = [told.score(assistant.retriever.find(q).vector) for q in passage.questions]
    assert np.mean([s > 0.3 for s in found]) > 0.8


def test_a_passage_that_somebody_added_is_not_judged_by_what_others_were_asked(
    index: Index, stored: dict[str, np.ndarray]
) -> None:
    told = Told.over(index, stored)
    assert told is not None
    ours = next(iter(index.corpus.passages.values()))
    assert told.covers(ours)
    assert not told.covers(ours.model_copy(update={"id": "harbour-2024/p1"}))


def test_each_model_weighs_as_many_features_as_it_names() -> None:
    for name in ("told", "evident", "untold", "followed"):
        fitted = model(name)
        assert len(fitted.features) == len(fitted.weight) == len(fitted.scale)
        assert (fitted.scale > 0).all()
        assert ("told" in fitted.features) == (name in ("told", "followed"))
