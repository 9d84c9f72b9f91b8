"""How much a question is like those that the corpus answers, and unlike those that it only seems to answer.

In: the question's vector, the curated questions of the opened index (all answered), and the vectors of questions that
were written from the sources for this, answered and not (evals/cases/answerability_train.jsonl). Out: a score near 1
for "told" and near -1 for "not told". It is a kernel ridge regression over those vectors, fitted by
`python -m benchmarks.fit_sufficiency`; rag/data/told.npz holds its weights and no text.

Why: similarity to the evidence cannot know that nobody's shoe size is told, because the person is there; similarity to
questions that are known to have no answer can. A curated question that left the corpus takes its weight with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from rag.embed import Vectors
from rag.index.reader import KINDS, Index

FILE = "told.npz"
WIDTH = 1.0  # of the kernel: exp(-WIDTH * squared distance); 0.5 and 2 do as well on dev, 4 does worse
LEAST_KNOWN = 0.5  # share of the fitted curated questions below which this is another corpus


def kernel(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Gaussian kernel between the unit rows of both."""
    return np.asarray(np.exp(2 * WIDTH * (a @ b.T - 1)))


def question_key(text: str) -> int:
    """A question by the first eight bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def curated(index: Index) -> tuple[list[str], Vectors]:
    """The curated questions of an index in row order, and their vectors. Strangers' questions are not among them: as
    they lie in the index they are not turned as a query is, and would be told from those without an answer by that."""
    rows = np.flatnonzero(index.unit_kind == KINDS.index("question"))
    texts, kept = [], []
    for row in rows:
        questions = index.corpus.passages[index.passage_ids[index.unit_passage[row]]].questions
        if index.unit_number[row] <= len(questions):
            texts.append(questions[index.unit_number[row] - 1])
            kept.append(row)
    return texts, index.vectors(np.array(kept, dtype=np.intp))


class Told:
    """The fitted score over one opened index."""

    def __init__(self, points: Vectors, weights: Vectors) -> None:
        self._points = points
        self._weights = weights

    @classmethod
    def over(cls, index: Index, stored: Mapping[str, npt.NDArray[Any]]) -> Told | None:
        """The score for an index; None where it holds another corpus, or another model's vectors, than was fitted."""
        if str(stored["model"]) != index.manifest.model:
            return None
        weight = dict(zip(stored["curated_keys"].tolist(), stored["curated_weights"].tolist(), strict=True))
        texts, vectors = curated(index)
        known = [i for i, text in enumerate(texts) if question_key(text) in weight]
        if len(known) < LEAST_KNOWN * len(weight):
            return None
        asked = index.query_vectors(stored["asked"].astype(np.float32))
        weights = [*(weight[question_key(texts[i])] for i in known), *stored["asked_weights"].tolist()]
        return cls(np.concatenate([vectors[known], asked]), np.array(weights, dtype=np.float32))

    def score(self, vector: Vectors) -> float:
        return float(kernel(vector[None, :], self._points)[0] @ self._weights)


@cache
def _stored() -> Mapping[str, npt.NDArray[Any]]:
    with resources.files("rag.data").joinpath(FILE).open("rb") as file, np.load(file) as data:
        return {name: data[name] for name in data.files}


_OPENED: WeakKeyDictionary[Index, Told | None] = WeakKeyDictionary()


def opened(index: Index) -> Told | None:
    """The shipped score over an index, made once."""
    if index not in _OPENED:
        _OPENED[index] = Told.over(index, _stored())
    return _OPENED[index]
