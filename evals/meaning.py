"""How alike two texts are in meaning: the cosine of their vectors by the embedding model of the settings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.embed import Vectors, make_embeddings
from rag.index import vector_store
from rag.settings import Settings


class Likeness:
    """Cosines of texts. Those given at the start are embedded together (or were stored), others as they come."""

    def __init__(self, settings: Settings, texts: Sequence[str]) -> None:
        self._settings = settings
        self._vectors: dict[str, Vectors] = {}
        self._learn(texts)

    def __call__(self, one: str, other: str) -> float:
        self._learn([t for t in (one, other) if t not in self._vectors])
        return float(self._vectors[one] @ self._vectors[other])

    def _learn(self, texts: Sequence[str]) -> None:
        if texts:
            rows = vector_store(self._settings).vectors(
                [("passage", t) for t in texts], lambda: make_embeddings(self._settings)
            )
            self._vectors |= {t: np.asarray(r, dtype=np.float32) for t, r in zip(texts, rows, strict=True)}
