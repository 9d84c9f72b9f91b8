"""Which words mean nearly the same: embeddings of single words, centred, compared by cosine.

"wages" is near "salary" (0.66) and "kids" near "children" (0.88); unrelated words lie below about 0.35. The words of
the corpus are embedded when the index is built; a word that it lacks is embedded when a question brings it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.embed import Vectors, unit_length
from rag.index.manifest import WORDS
from rag.text import REMEMBERED, content_words

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


class WordSpace:
    """Vectors of words, by word; unknown ones are embedded once and remembered."""

    def __init__(self, directory: Path, embeddings: Embeddings) -> None:
        with np.load(directory / WORDS) as stored:
            self._vectors: Vectors = stored["vectors"].astype(np.float32)
            self._mean: Vectors = stored["mean"]
            self._row = {str(w): i for i, w in enumerate(stored["words"])}
        self._rows_of = lru_cache(maxsize=REMEMBERED)(self._read)
        self._embed = lru_cache(maxsize=20_000)(embeddings.embed_query)

    def rows(self, *texts: str) -> frozenset[int]:
        """Rows of the content words of corpus texts."""
        return frozenset().union(*(self._rows_of(t) for t in texts))

    def _read(self, text: str) -> frozenset[int]:
        return frozenset(self._row[w] for w in content_words(text) if w in self._row)

    def of(self, words: Sequence[str]) -> Vectors:
        """One row a word, known or not."""
        found = np.zeros((len(words), self._vectors.shape[1]), dtype=np.float32)
        for i, word in enumerate(words):
            if word in self._row:
                found[i] = self._vectors[self._row[word]]
            else:
                raw = np.asarray([self._embed(word)], dtype=np.float32)
                found[i] = unit_length(raw - self._mean)[0]
        return found

    def at(self, rows: Iterable[int]) -> Vectors:
        return self._vectors[sorted(rows)]

    def nearness(self, asked: Vectors, rows: Iterable[int]) -> Vectors:
        """For each asked word the cosine of the nearest of these corpus words, never below 0."""
        wanted = sorted(rows)
        if not wanted:
            return np.zeros(len(asked), dtype=np.float32)
        return np.asarray(np.maximum(0.0, (asked @ self._vectors[wanted].T).max(axis=1)), dtype=np.float32)
