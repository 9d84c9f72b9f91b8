"""Fitting the words of the intent model, and blending them with what the encoder reads. Needs scipy, which only
developers install."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.guard.examples import Row
from rag.guard.features import SIZE, Hashed, hashed
from rag.guard.intent import DISTRESS, LABELS, UNSAFE, Array

STRENGTH = 30.0  # inverse of the penalty; grouped cross-validation is flat between 20 and 100
BALANCE = 0.5  # rare labels count more, by this power of how rare they are
ROUNDS = 80
MEMORY = 10  # steps that L-BFGS remembers


class Design(NamedTuple):
    """Texts as their words are seen, with what is needed to see others the same way."""

    rows: tuple[Row, ...]
    sparse: Any  # scipy CSR: the hashed blocks
    labels: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    families: npt.NDArray[np.str_]
    function: frozenset[str]


class Weights(NamedTuple):
    """A fitted model of words: one column a label."""

    sparse: Array
    bias: Array


class Blend(NamedTuple):
    """How much the two readings of a text count, and what is added to each label: one number for what is unsafe, one
    for need, none for what is harmless."""

    encoder: float
    words: float
    shift: Array


def design(rows: Sequence[Row], function: frozenset[str]) -> Design:
    """The features of rows. `function` are the words that frames keep."""
    return Design(
        rows=tuple(rows),
        sparse=_stacked([hashed(row.text, function) for row in rows]),
        labels=np.asarray([LABELS.index(row.label) for row in rows]),
        weights=np.asarray([row.weight for row in rows]),
        families=np.asarray([row.family for row in rows]),
        function=function,
    )


def fit(data: Design, chosen: npt.NDArray[np.int64]) -> Weights:
    """A model of the chosen rows: penalised likelihood, climbed by L-BFGS from zero for a fixed number of rounds.

    The fixed number of rounds makes cross-validation stop where the shipped model stops.
    """
    from scipy.optimize import minimize

    sparse, labels = data.sparse[chosen], data.labels[chosen]
    across = sparse.T.tocsr()
    weights = _balanced(labels, data.weights[chosen])
    true = np.eye(len(LABELS), dtype=np.float32)[labels]

    def loss(x: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        columns = x.reshape(-1, len(LABELS))
        logs = _log_probabilities(_scores(sparse, _weights(columns.astype(np.float32))))
        misfit = float(-(weights * (logs * true).sum(axis=1)).sum())
        off = (np.exp(logs) - true) * weights[:, None]
        slope = np.concatenate([across @ off, off.sum(axis=0, keepdims=True)])
        held = columns.copy()
        held[-1] = 0.0  # the bias is free
        return (
            (STRENGTH * misfit + 0.5 * float((held**2).sum())) / scale,
            ((STRENGTH * slope + held) / scale).ravel(),
        )

    scale = STRENGTH * float(weights.sum())
    start = np.zeros((sparse.shape[1] + 1) * len(LABELS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "maxcor": MEMORY})
    model = _weights(found.x.reshape(-1, len(LABELS)).astype(np.float32))
    unknown = np.bincount(labels, minlength=len(LABELS)) == 0
    return model._replace(bias=np.where(unknown, np.float32(-1e3), model.bias))  # never given


def blend(encoder: Array, words: Array, labels: npt.NDArray[np.int64], weights: Array) -> Blend:
    """The blend of two tables of raw scores under which the true labels are likeliest, on rows that neither learnt.

    It also calibrates: a temperature (Guo and others, 2017) for each reading, and a shift for each kind of decision.
    """
    from scipy.optimize import minimize

    heavy = (weights / weights.sum()).astype(np.float64)[:, None]
    true = np.eye(len(LABELS))[labels]
    kinds = np.stack([[label in kind for label in LABELS] for kind in (UNSAFE, DISTRESS)]).astype(np.float64)

    def loss(x: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        raw = x[0] * encoder + x[1] * words + x[2:] @ kinds
        logs = raw - np.logaddexp.reduce(raw, axis=1, keepdims=True)
        off = (np.exp(logs) - true) * heavy
        slope = [(off * encoder).sum(), (off * words).sum(), *(kinds @ off.sum(axis=0))]
        return float(-(heavy * logs * true).sum()), np.asarray(slope)

    x = minimize(loss, np.asarray([1.0, 0.5, 0.0, 0.0]), jac=True, method="L-BFGS-B").x
    return Blend(float(x[0]), float(x[1]), (x[2:] @ kinds).astype(np.float32))


def blended(how: Blend, encoder: Array, words: Array) -> Array:
    """Raw scores of both readings together."""
    return np.asarray(how.encoder * encoder + how.words * words + how.shift, dtype=np.float32)


def logits(data: Design, chosen: npt.NDArray[np.int64], model: Weights) -> Array:
    """The words' raw scores of the chosen rows, one column a label."""
    return _scores(data.sparse[chosen], model)


def _balanced(labels: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> Array:
    mass = np.bincount(labels, weights=weights, minlength=len(LABELS))
    balance = (weights.sum() / len(LABELS) / np.maximum(mass, 1e-9)) ** BALANCE
    return np.asarray(weights * balance[labels], dtype=np.float32)


def _weights(columns: Array) -> Weights:
    return Weights(columns[:-1], columns[-1])


def _scores(sparse: Any, model: Weights) -> Array:
    return np.asarray(sparse @ model.sparse + model.bias, dtype=np.float32)


def _log_probabilities(scores: Array) -> Array:
    moved = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=1, keepdims=True)), dtype=np.float32)


def _stacked(rows: Sequence[Hashed]) -> Any:
    from scipy import sparse

    ends = np.cumsum([0, *(len(row.at) for row in rows)])
    at = np.concatenate([row.at for row in rows])
    values = np.concatenate([row.values for row in rows])
    return sparse.csr_matrix((values, at, ends), shape=(len(rows), SIZE), dtype=np.float32)
