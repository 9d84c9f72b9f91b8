"""Which words of English mean nearly the same: a small table of word vectors that ships with the verifier.

The table holds the commonest words (those that cl100k's vocabulary has as one token, in its order), embedded one by one
with multilingual-e5-small, less their mean, projected on their first principal axes and kept in eight bits:
`python -m benchmarks.fit_verify words`. Nothing is embedded while a sentence is checked; a word that the table lacks
means only itself.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np

from rag.embed import Vectors, unit_length

FILE = "words.npz"
NEAR, SAME = (
    0.40,
    0.80,
)  # cosines of the table below which words share nothing, and above which they are the same


class Meanings:
    """Vectors of the words of the table."""

    def __init__(self, words: list[str], vectors: Vectors) -> None:
        self._row = {w: i for i, w in enumerate(words)}
        self._vectors = vectors
        self._count = len(words)

    def known(self, word: str) -> bool:
        """Whether this is an ordinary word of the language, itself or less an ending."""
        return self._at(word) is not None

    def rarity(self, word: str) -> float:
        """0 for the commonest word of the table to 1 for the rarest and for every word that it lacks."""
        at = self._at(word)
        return 1.0 if at is None else float(np.log1p(at) / np.log1p(self._count))

    def nearness(self, one: str, other: str) -> float:
        """How near two words are, 0 to 1."""
        a, b = self._at(one), self._at(other)
        if a is None or b is None:
            return 0.0
        cosine = float(self._vectors[a] @ self._vectors[b])
        return min(1.0, max(0.0, (cosine - NEAR) / (SAME - NEAR)))

    def _at(self, word: str) -> int | None:
        for ending, instead in (("", ""), ("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"),
                                ("ies", "y"), ("ly", ""), ("d", "")):  # fmt: skip
            if ending and not (word.endswith(ending) and len(word) > len(ending) + 2):
                continue
            found = self._row.get(word.removesuffix(ending) + instead if ending else word)
            if found is not None:
                return found
        return None


@cache
def shipped() -> Meanings:
    """The table that comes with the program."""
    with resources.files("rag.answer.verify").joinpath(FILE).open("rb") as file, np.load(file) as data:
        vectors = unit_length(data["vectors"].astype(np.float32))
        return Meanings([str(w) for w in data["words"]], vectors)
