"""How much a question is like those that the corpus answers, and unlike those that it only seems to answer.

In: the question's vector, and the vectors of questions whose answer is known, all as their readers' words are read: the
curated ones of the corpus (all answered) and those that were written from the sources for this, answered and not
(evals/cases/answerability_train.jsonl, unanswerable_train.jsonl). Out: a score near 1 for "told" and near -1 for "not
told". It is a kernel ridge regression over those vectors, fitted by `python -m benchmarks.fit_sufficiency`;
rag/data/told.npz holds vectors and weights and no text.

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

from rag.corpus import Corpus
from rag.embed import Vectors
from rag.index.reader import Index

FILE = "told.npz"
WIDTH = 1.0  # of the kernel: exp(-WIDTH * squared distance); 0.5 and 2 do as well on dev, 4 does worse
WRITTEN = 0  # the key of a question that was written for the fit
LEAST_KNOWN = 0.5  # share of the fitted curated questions below which this is another corpus


def kernel(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Gaussian kernel between the unit rows of both."""
    return np.asarray(np.exp(2 * WIDTH * (a @ b.T - 1)))


def question_key(text: str) -> int:
    """A question by the first eight bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def curated(corpus: Corpus) -> tuple[str, ...]:
    """The curated questions of a corpus, each once. Strangers' questions are not among them."""
    return tuple(dict.fromkeys(q for p in corpus.passages.values() for q in p.questions))


class Told:
    """The fitted score over one opened index."""

    def __init__(self, points: Vectors, weights: Vectors) -> None:
        self._points = points
        self._weights = weights

    @classmethod
    def over(cls, index: Index, stored: Mapping[str, npt.NDArray[Any]]) -> Told | None:
        """The score for an index; None where it holds another corpus, or another model's vectors, than was fitted.

        `stored`: `vectors` in whole steps of `step`, `weights`, and `keys`, which name the curated questions and are
        WRITTEN for the rest.
        """
        if str(stored["model"]) != index.manifest.model:
            return None
        here = {question_key(q) for q in curated(index.corpus)}
        ours = stored["keys"] != WRITTEN
        known = np.array([int(k) in here for k in stored["keys"]])
        if known.sum() < LEAST_KNOWN * ours.sum():
            return None
        kept = known | ~ours
        vectors = stored["vectors"][kept].astype(np.float32) * stored["step"]
        return cls(index.query_vectors(vectors), stored["weights"][kept])

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
