"""How much a question is like those that the corpus answers, and unlike those that it only seems to answer.

In: the question's vector, and the vectors of questions whose answer is known, all as their readers' words are read:
the curated ones of the corpus and strangers' broad ones (all answered) and those that were written from the sources
for this, answered and not (evals/cases/answerability_train.jsonl, unanswerable_train.jsonl). Out: a score near 1 for
"told" and near -1 for "not told". It is a kernel ridge regression over those vectors, fitted by `python -m
benchmarks.fit_sufficiency`; rag/data/told.npz holds vectors and weights and no text.

Why: similarity to the evidence cannot know that nobody's shoe size is told, because the person is there; similarity to
questions that are known to have no answer can. The weights lean on each other, so none is taken away when a
passage leaves the corpus; a question that comes nearest to one that only that passage answers is held to be not told.
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
from rag.model import Passage

FILE = "told.npz"
WIDTH = 1.0  # of the kernel: exp(-WIDTH * squared distance); 0.5 and 2 do as well on dev, 4 does worse
WRITTEN = 0  # the key of a question that was written for the fit
NOT_TOLD = -1.0
LEAST_KNOWN = 0.5  # share of the fitted curated questions below which this is another corpus


def kernel(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Gaussian kernel between the unit rows of both."""
    return np.asarray(np.exp(2 * WIDTH * (a @ b.T - 1)))


def key(text: str) -> int:
    """A question, or the id of a passage, by the first eight bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def curated(corpus: Corpus) -> dict[str, str]:
    """The curated questions of a corpus, each once, with the id of the first passage that answers it.

    Strangers' questions are not among them; the fit takes their broad ones as written for it.
    """
    first: dict[str, str] = {}
    for passage in corpus.passages.values():
        for question in passage.questions:
            first.setdefault(question, passage.id)
    return first


class Told:
    """The fitted score over one opened index."""

    def __init__(
        self, points: Vectors, weights: Vectors, passages: npt.NDArray[np.uint64], held: npt.NDArray[np.bool_]
    ) -> None:
        """`passages` and `held` by point: which one answers it, and whether that or the question is in the corpus."""
        self._points = points
        self._weights = weights
        self._held = held
        self._left = (passages != WRITTEN) & ~held
        self._fitted = frozenset(int(k) for k in passages if k != WRITTEN)

    @classmethod
    def over(cls, index: Index, stored: Mapping[str, npt.NDArray[Any]]) -> Told | None:
        """The score for an index; None where it holds another corpus, or another model's vectors, than was fitted.

        `stored`: `vectors` in whole steps of `step`, `weights`, and `keys` and `passages`, which name the curated
        questions and what answers them, and are WRITTEN for the rest.
        """
        if str(stored["model"]) != index.manifest.model:
            return None
        questions = {key(q) for q in curated(index.corpus)}
        ids = {key(p) for p in index.corpus.passages}
        held = np.array(
            [
                int(q) in questions or int(p) in ids
                for q, p in zip(stored["keys"], stored["passages"], strict=True)
            ]
        )
        if held.sum() < LEAST_KNOWN * (stored["keys"] != WRITTEN).sum():
            return None
        vectors = stored["vectors"].astype(np.float32) * stored["step"]
        return cls(index.query_vectors(vectors), stored["weights"], stored["passages"], held)

    def covers(self, passage: Passage) -> bool:
        """Whether it was fitted on questions of that passage; one that an operator has added says nothing to it."""
        return key(passage.id) in self._fitted

    def score(self, vector: Vectors) -> float:
        near = kernel(vector[None, :], self._points)[0]
        score = float(near @ self._weights)
        gone = near.max(initial=0, where=self._left) > near.max(initial=0, where=self._held)
        return min(score, NOT_TOLD) if gone else score


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
