"""The calibrated probability that the statements say a sentence: a logistic model over `features`, fitted by
`python -m benchmarks.fit_verify` and kept as plain numbers in model.json.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.answer.verify.features import NAMES

FILE = "model.json"


class Scorer:
    """Weights of one fitted model. Raises ValueError when they were fitted for other features."""

    def __init__(self, stored: dict[str, Any]) -> None:
        if tuple(stored["features"]) != NAMES:
            raise ValueError(
                "rag/answer/verify/model.json was fitted for other features: run benchmarks.fit_verify"
            )
        self._centre = np.asarray(stored["centre"])
        self._weights = np.asarray(stored["weights"])
        self._offset = float(stored["offset"])
        self.threshold = float(stored["threshold"])
        """Least support with which a sentence passes."""
        self.foreign = tuple(map(float, stored["foreign"]))
        """Offset, weight and threshold on the cosine, for sentences in another language than English."""
        self.mean = np.asarray(stored["mean"], dtype=np.float32)
        """The common direction of statement vectors, taken off before cosines."""

    def support(self, features: npt.NDArray[np.float64]) -> float:
        return _logistic(self._offset + float((features - self._centre) @ self._weights))

    def foreign_support(self, cosine: float) -> float:
        offset, weight, _ = self.foreign
        return _logistic(offset + weight * cosine)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


@cache
def shipped() -> Scorer:
    with resources.files("rag.answer.verify").joinpath(FILE).open(encoding="utf-8") as file:
        return Scorer(json.load(file))
