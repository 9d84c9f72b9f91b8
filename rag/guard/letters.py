"""Does a string read like language? A small character model and word list, made from our own examples.

An interpolated character trigram model over folded letters (after Shannon's letter guessing of 1951; the mixing of
orders is Jelinek and Mercer's) tells "how do they" from "ubj qb gurl" after a dozen letters, and a list of words with
their frequencies cuts letters that were run together into words (the best path over a unigram model). Both are written
by `python -m rag.guard.train` to data/letters.npz.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.text import fold, words

# What the model tells apart: a gap, the Latin letters, and the letters of Arabic. Everything else reads as a gap.
LATIN = "abcdefghijklmnopqrstuvwxyz"
ARABIC = "ءابةتثجحخدذرزسشصضطظعغفقكلمنهويىپچگک"
SYMBOLS = " " + LATIN + ARABIC
SIZE = len(SYMBOLS)
_CODE = {ord(c): i for i, c in enumerate(SYMBOLS)} | {ord("ı"): 9, ord("œ"): 15, ord("æ"): 1, ord("ø"): 15}
_MIX = (0.6, 0.3, 0.1)  # weight of the last two letters, of the last one, of none
UNKNOWN_LETTER = (
    -9.0
)  # log-probability a letter of an unknown word costs in a cut: dearer than any common word
LONGEST_WORD = 24

Codes = npt.NDArray[np.intp]


def codes(text: str) -> Codes:
    """One number a letter of the folded text, one zero for every gap, a zero before and after."""
    found = [0]
    for c in fold(text):
        code = _CODE.get(ord(c), 0)
        if code or found[-1]:
            found.append(code)
    if found[-1]:
        found.append(0)
    return np.asarray(found, dtype=np.intp)


class Letters:
    """The character model and the word list. Read-only after construction."""

    def __init__(self, table: npt.NDArray[np.float32], frequency: Mapping[str, int]) -> None:
        self._table = table.reshape(-1)
        total = sum(frequency.values()) or 1
        self._words = {w: math.log(n / total) for w, n in frequency.items()}

    @classmethod
    def load(cls, path: Path | None = None) -> Letters:
        """From the file that `save` wrote; the shipped one by default."""
        source = path or Path(str(resources.files("rag.guard") / "data" / "letters.npz"))
        with np.load(source, allow_pickle=False) as file:
            names = bytes(file["words"]).decode().split("\n")
            counts = [int(n) for n in file["counts"]]
            return cls(file["table"].astype(np.float32) / 16, dict(zip(names, counts, strict=True)))

    def score(self, text: str) -> float:
        """Mean log2-probability of a letter: about -3 for language, under -5 for what is none, -20 for no letters."""
        return self.score_codes(codes(text))

    def score_codes(self, seq: Codes) -> float:
        """The same of letters that are numbers already."""
        return float(self.each(seq).mean()) if len(seq) > 2 else -20.0

    def each(self, seq: Codes) -> npt.NDArray[np.float32]:
        """The log2-probability of every symbol after the first."""
        before = np.concatenate(([0], seq[:-2]))
        return np.asarray(self._table[(before * SIZE + seq[:-1]) * SIZE + seq[1:]], dtype=np.float32)

    def knows(self, word: str) -> bool:
        """Whether the folded word is on the list."""
        return word in self._words

    def frequency(self, word: str) -> float:
        """Log-probability of a folded word; minus infinity for one that is not on the list."""
        return self._words.get(word, -math.inf)

    def like(self, pattern: str) -> str | None:
        """The most frequent word that the regular expression matches whole."""
        fits = [(n, w) for w, n in self._words.items() if re.fullmatch(pattern, w)]
        return max(fits)[1] if fits else None

    def cut(self, run: str) -> tuple[list[str], float]:
        """Folded letters without gaps, as the likeliest words, and the share of letters in words of the list."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(run) + 1):
            choices = [(best[end - 1][0] + UNKNOWN_LETTER, end - 1)]
            for start in range(max(0, end - LONGEST_WORD), end):
                known = self._words.get(run[start:end])
                if known is not None:
                    choices.append((best[start][0] + known, start))
            best.append(max(choices))
        found: list[str] = []
        end = len(run)
        while end:
            start = best[end][1]
            found.append(run[start:end])
            end = start
        found.reverse()
        listed = sum(len(w) for w in found if w in self._words)
        return found, listed / max(len(run), 1)


@cache
def letters() -> Letters:
    """The shipped model, read once."""
    return Letters.load()


def count(texts: Iterable[str]) -> tuple[npt.NDArray[np.float32], Counter[str]]:
    """The table of log2-probabilities (flat, SIZE cubed) and the word frequencies of texts."""
    tri = np.zeros((SIZE, SIZE, SIZE))
    frequency: Counter[str] = Counter()
    for text in texts:
        seq = codes(text)
        if len(seq) > 2:
            np.add.at(tri, (np.concatenate(([0], seq[:-2])), seq[:-1], seq[1:]), 1)
        frequency.update(w for w in words(text) if w.isalpha())
    uni = (tri.sum((0, 1)) + 0.5) / (tri.sum() + 0.5 * SIZE)
    bi = (tri.sum(0) + 0.2 * uni * SIZE) / (tri.sum(0).sum(-1, keepdims=True) + 0.2 * SIZE)
    full = (tri + 2 * bi) / (tri.sum(-1, keepdims=True) + 2)
    mixed = _MIX[0] * full + _MIX[1] * bi + _MIX[2] * uni
    return np.log2(mixed).astype(np.float32).reshape(-1), frequency


def save(path: Path, table: npt.NDArray[np.float32], frequency: Mapping[str, int]) -> None:
    """Writes what `Letters.load` reads: the table in sixteenths of a bit, the words as one UTF-8 text."""
    kept = sorted(frequency)
    np.savez_compressed(
        path,
        table=np.clip(np.round(table * 16), -32000, 0).astype(np.int16),
        words=np.frombuffer("\n".join(kept).encode(), dtype=np.uint8),
        counts=np.asarray([frequency[w] for w in kept], dtype=np.int32),
    )
