"""Fitting the intent model: rows of features in, weights out. Needs scipy, which only developers install."""

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
ROUNDS = 80
MEMORY = 10  # steps that L-BFGS remembers


class Design(NamedTuple):
    """Texts as the model sees them, with what is needed to see others the same way."""

    rows: tuple[Row, ...]
    dense: Array  # a centred sentence vector a row
    sparse: Any  # scipy CSR: the hashed blocks
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
    """The features of rows whose sentence vectors are given."""
    return Design(
        rows=tuple(rows),
        dense=centred(vectors, mean),
        sparse=_stacked([hashed(row.text, function) for row in rows]),
        labels=np.asarray([LABELS.index(row.label) for row in rows]),
        weights=np.asarray([row.weight for row in rows]),
        families=np.asarray([row.family for row in rows]),
        mean=mean,
        function=function,
    )


def fit(data: Design, chosen: npt.NDArray[np.int64]) -> Weights:
    """A model of the chosen rows: penalised likelihood, climbed by L-BFGS from zero for a fixed number of rounds.

    Vectors and hashed blocks are multiplied apart, each in its own form: as one sparse matrix they take three times
    as long. The fixed number of rounds makes cross-validation stop where the shipped model stops.
    """
    from scipy.optimize import minimize

    dense, sparse, labels = data.dense[chosen], data.sparse[chosen], data.labels[chosen]
    across, sparse_across = np.ascontiguousarray(dense.T), sparse.T.tocsr()
    weights = _balanced(labels, data.weights[chosen])
    true = np.eye(len(LABELS), dtype=np.float32)[labels]

    def loss(x: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        columns = x.reshape(-1, len(LABELS))
        model = _weights(columns.astype(np.float32), dense.shape[1])
        logs = _log_probabilities(_scores(dense, sparse, model))
        misfit = float(-(weights * (logs * true).sum(axis=1)).sum())
        off = (np.exp(logs) - true) * weights[:, None]
        slope = np.concatenate([across @ off, sparse_across @ off, off.sum(axis=0, keepdims=True)])
        held = columns.copy()
        held[-1] = 0.0  # the bias is free
        return (
            (STRENGTH * misfit + 0.5 * float((held**2).sum())) / scale,
            ((STRENGTH * slope + held) / scale).ravel(),
        )

    scale = STRENGTH * float(weights.sum())
    start = np.zeros((dense.shape[1] + sparse.shape[1] + 1) * len(LABELS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "maxcor": MEMORY})
    model = _weights(found.x.reshape(-1, len(LABELS)).astype(np.float32), dense.shape[1])
    unknown = np.bincount(labels, minlength=len(LABELS)) == 0
    return model._replace(bias=np.where(unknown, np.float32(-1e3), model.bias))  # never given


def logits(data: Design, chosen: npt.NDArray[np.int64], model: Weights) -> Array:
    """The model's raw scores of the chosen rows, one column a label."""
    return _scores(data.dense[chosen], data.sparse[chosen], model)


def _balanced(labels: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> Array:
    mass = np.bincount(labels, weights=weights, minlength=len(LABELS))
    balance = (weights.sum() / len(LABELS) / np.maximum(mass, 1e-9)) ** BALANCE
    return np.asarray(weights * balance[labels], dtype=np.float32)


def _weights(columns: Array, dense: int) -> Weights:
    return Weights(columns[:dense], columns[dense:-1], columns[-1])


def _scores(dense: Array, sparse: Any, model: Weights) -> Array:
    return np.asarray(dense @ model.dense + sparse @ model.sparse + model.bias, dtype=np.float32)


def _log_probabilities(scores: Array) -> Array:
    moved = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=1, keepdims=True)), dtype=np.float32)


def _stacked(rows: Sequence[Hashed]) -> Any:
    from scipy import sparse

    ends = np.cumsum([0, *(len(row.at) for row in rows)])
    at = np.concatenate([row.at for row in rows])
    values = np.concatenate([row.values for row in rows])
    return sparse.csr_matrix((values, at, ends), shape=(len(rows), SIZE), dtype=np.float32)
