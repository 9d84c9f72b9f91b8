"""Fitting the intent model: rows of features in, weights out. Needs scikit-learn, which only developers install."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.guard.examples import Row
from rag.guard.features import SIZE, Hashed, hashed
from rag.guard.intent import LABELS, Array, centred

STRENGTH = 30.0  # inverse of the penalty; grouped cross-validation is flat between 20 and 100
BALANCE = 0.5  # rare labels count more, by this power of how rare they are
ROUNDS = 150
DENSE = 384


class Design(NamedTuple):
    """Texts as the model sees them, with what is needed to see others the same way."""

    rows: tuple[Row, ...]
    matrix: Any  # scipy CSR: the sentence vector, then the hashed blocks
    labels: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    families: npt.NDArray[np.str_]
    mean: Array
    function: frozenset[str]


class Weights(NamedTuple):
    """A fitted model: one column a label."""

    dense: Array
    sparse: Array
    bias: Array


def design(rows: Sequence[Row], vectors: Array, mean: Array, function: frozenset[str]) -> Design:
    """The feature matrix of rows whose sentence vectors are given."""
    from scipy import sparse

    found = [hashed(row.text, function) for row in rows]
    return Design(
        rows=tuple(rows),
        matrix=sparse.hstack([sparse.csr_matrix(centred(vectors, mean)), _stacked(found)]).tocsr(),
        labels=np.asarray([LABELS.index(row.label) for row in rows]),
        weights=np.asarray([row.weight for row in rows]),
        families=np.asarray([row.family for row in rows]),
        mean=mean,
        function=function,
    )


def fit(data: Design, chosen: npt.NDArray[np.int64]) -> Weights:
    """A model of the chosen rows."""
    from sklearn.linear_model import LogisticRegression

    labels, weights = data.labels[chosen], data.weights[chosen]
    mass = np.bincount(labels, weights=weights, minlength=len(LABELS))
    balance = (weights.sum() / len(LABELS) / np.maximum(mass, 1e-9)) ** BALANCE
    model = LogisticRegression(C=STRENGTH, max_iter=ROUNDS)
    model.fit(data.matrix[chosen], labels, sample_weight=weights * balance[labels])
    columns = np.zeros((data.matrix.shape[1], len(LABELS)), dtype=np.float32)
    columns[:, model.classes_] = model.coef_.T
    bias = np.full(len(LABELS), -1e3, dtype=np.float32)  # a label without examples is never given
    bias[model.classes_] = model.intercept_
    return Weights(columns[:DENSE], columns[DENSE:], bias)


def logits(data: Design, chosen: npt.NDArray[np.int64], model: Weights) -> Array:
    """The model's raw scores of the chosen rows, one column a label."""
    columns = np.concatenate([model.dense, model.sparse])
    return np.asarray(data.matrix[chosen] @ columns + model.bias, dtype=np.float32)


def _stacked(rows: Sequence[Hashed]) -> Any:
    from scipy import sparse

    ends = np.cumsum([0, *(len(row.at) for row in rows)])
    at = np.concatenate([row.at for row in rows])
    values = np.concatenate([row.values for row in rows])
    return sparse.csr_matrix((values, at, ends), shape=(len(rows), SIZE))
