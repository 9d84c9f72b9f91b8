"""Sentences that speak to whatever machine reads a document, told by how they are put and what they are after.

The rules of rag.ingest.instructions know the worn forms. What is put politely, as a rule of the archive or as a note to
nobody by name is told by two logistic regressions, fitted on sentences that were written for this
(data/orders.jsonl; `python -m benchmarks.fit_orders`): one over hashed words and frames, which costs next to
nothing and lets most of a document pass, and for what is left one over the sentence's vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from rag.embed import Vectors
from rag.guard.features import hashed

FILE = "orders.npz"
LEAST = 4  # words: what is shorter is a heading, a call or a button


class Orders:
    """Both fits. Read-only after construction."""

    def __init__(self, fitted: dict[str, npt.NDArray[np.generic]], read: Callable[[str], Vectors]) -> None:
        """`fitted` is what `benchmarks.fit_orders` wrote; `read` is `rag.embed.tuned.encoder()`."""
        self._sparse = fitted["sparse"].astype(np.float32) * float(fitted["scale"])
        self._dense = fitted["dense"].astype(np.float32)
        self._first, self._second, self._passes, self._sure = (
            float(fitted[name]) for name in ("first", "second", "passes", "sure")
        )
        self._function = frozenset(bytes(fitted["function"]).decode().split("\n"))
        self._read = read

    def first(self, sentences: Iterable[str]) -> str | None:
        """The first sentence that gives a machine an order; None where none does."""
        return next((s for s in sentences if len(s.split()) >= LEAST and self.score(s) >= self._sure), None)

    def score(self, sentence: str) -> float:
        """Log-odds that it is one; minus infinity where its words alone let it pass."""
        row = hashed(sentence, self._function)
        if self._first + float(row.values @ self._sparse[row.at]) < self._passes:
            return -np.inf
        return self._second + float(self._read(sentence) @ self._dense)


@cache
def stored() -> dict[str, npt.NDArray[np.generic]]:
    """What ships."""
    with resources.files("rag.data").joinpath(FILE).open("rb") as file, np.load(file) as data:
        return {name: data[name] for name in data.files}
