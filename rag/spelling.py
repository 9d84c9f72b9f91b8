"""Slips of the keyboard in a question put right before it is searched: an encoder reads a misspelt word as another one.

A word is a slip if it is in no vocabulary and one letter away from a word that the corpus or its questions use often.
What is found is read with it; what the visitor typed is what is shown and screened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from re import Match

from rag.text import STOPWORDS, WORD, fold, words

SHORTEST = 4  # letters: shorter words have too many neighbours
KNOWN = 3  # a word that so many texts use is no slip of whoever wrote one of them
USUAL = 4  # and one that so many use may stand for a slip
FOREIGN = 0.45  # where a larger share of the words is in no vocabulary, it is another language, unless all are slips
ENDINGS = ("s", "ed", "ing", "er", "ers")


def one_slip(a: str, b: str) -> bool:
    """Whether two words differ by one letter added, dropped, changed, or swapped with its neighbour."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    x, y = a[i:], b[i:]
    return x[1:] == y or x == y[1:] or x[1:] == y[1:] or (len(x) > 1 and x[:2] == y[1::-1] and x[2:] == y[2:])


class Spelling:
    """The words of some texts, counted once; `corrected` reads one question."""

    def __init__(self, texts: Iterable[str], vocabulary: Collection[str]) -> None:
        """`vocabulary` has, in small letters, words that exist, used here or not; without it nothing is a slip."""
        self._vocabulary = vocabulary
        self._used: Counter[str] = Counter()
        for text in texts:
            self._used.update(set(words(text)))
        self._usual: dict[str, list[str]] = {}
        for word, n in sorted(self._used.items()):
            if n >= USUAL and len(word) >= SHORTEST:
                self._usual.setdefault(word[0], []).append(word)

    def corrected(self, question: str) -> str:
        """The question with its slips put right; as it is where there are none. Names keep the letters they have."""
        typed = list(WORD.finditer(question))
        slips = [m for m in typed if not self._known(fold(m.group()))] if self._vocabulary else []
        if not slips or _foreign(typed):
            return question
        read, at = [], 0
        names = {m for m in slips if m.group()[0].isupper() and m.start() > typed[0].start()}
        meanings = [None if m in names else self._meant(fold(m.group())) for m in slips]
        if len(slips) > FOREIGN * len(typed) and not (all(meanings) and _english(typed)):
            return question
        for m, meant in zip(slips, meanings, strict=True):
            if meant:
                read += [question[at : m.start()], meant]
                at = m.end()
        return "".join([*read, question[at:]])

    def _known(self, word: str) -> bool:
        return (
            len(word) < SHORTEST
            or not word.isalpha()
            or self._used[word] >= KNOWN
            or any(form in self._vocabulary for form in _forms(word))
        )

    def _meant(self, word: str) -> str | None:
        firsts = dict.fromkeys((word[0], word[1]))  # the first two letters may be swapped
        near = [w for first in firsts for w in self._usual.get(first, ()) if one_slip(word, w)]
        if len(word) == SHORTEST:  # of two so short words with another letter in one place each may be meant
            near = [w for w in near if len(w) != len(word) or sorted(w) == sorted(word)]
        return max(near, key=lambda w: (self._used[w], w), default=None)


def _forms(word: str) -> Iterator[str]:
    """Forms of a word of which one stands in a vocabulary where the word exists: itself and its base."""
    yield word
    for ending in ENDINGS:
        base = word.removesuffix(ending)
        if base != word and len(base) >= SHORTEST:
            yield base
            yield f"{base}e"


def _english(typed: Sequence[Match[str]]) -> bool:
    """Whether several small words of English stand in a text; one alone may be another language's."""
    return len({fold(m.group()) for m in typed} & STOPWORDS) > 1


def _foreign(typed: Sequence[Match[str]]) -> bool:
    """Whether no English small word stands in a text, or letters that English does without."""
    return not any(fold(m.group()) in STOPWORDS for m in typed) or not all(m.group().isascii() for m in typed)
