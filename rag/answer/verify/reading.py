"""A text as the checks read it: its words with place, clause, root and the operators that stand over them.

An operator is a word that turns or weakens what follows it: a negation, "may" or "wanted to", "more", "fewer", "than".
The same content word under other operators is another claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.verify.lexicon import group, root
from rag.text import STOPWORDS, WORD, fold

REMEMBERED = 4_000
NEGATION_REACH, IRREALIS_REACH, COMPARISON_REACH = 5, 6, 3
QUOTED = re.compile(r"[\"“”„«»]\s*([^\"“”„«»]+?)\s*[\"“”„«»]")
MARK = re.compile(r"[*_`#]+|^\s*(?:[-•–]|\d{1,2}[.)])\s+")
_BREAK = re.compile(r"[,;:—–()]|\s-\s")
_BREAKING = frozenset(
    "but although though while whereas because so and who which whose whom since unless".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    raw: str
    word: str
    root: str
    clause: int
    content: bool
    negated: bool
    weakened: bool
    compared: str  # "more", "less", "than" or ""
    capital: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    tokens: tuple[Token, ...]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(t.word for t in self.tokens)

    @property
    def content(self) -> tuple[Token, ...]:
        return tuple(t for t in self.tokens if t.content)


def plain(text: str) -> str:
    """The sentence without bullets and emphasis, its white space made one."""
    return " ".join(MARK.sub(" ", text).split())


@lru_cache(maxsize=REMEMBERED)
def read(text: str) -> Reading:
    """A text read once; statements come again and again."""
    spans = list(WORD.finditer(text))
    words = [fold(m.group()) for m in spans]
    heard = ["not" if w == "than" and words[max(0, i - 1)] == "rather" else w for i, w in enumerate(words)]
    clauses = _clauses(text, spans, words)
    tokens = []
    for at, (span, word) in enumerate(zip(spans, words, strict=True)):
        base = word.removesuffix("'s")
        start = max(0, at - IRREALIS_REACH)
        before = [heard[i] for i in range(start, at) if clauses[i] == clauses[at]]
        tokens.append(
            Token(
                raw=span.group(),
                word=base,
                root=root(base),
                clause=clauses[at],
                content=base not in STOPWORDS and not base.isdigit(),
                negated=_under_negation(before[-NEGATION_REACH:]),
                weakened="so" not in before and _weakens(before),
                compared=_comparison(before[-COMPARISON_REACH:]),
                capital=any(c.isupper() for c in span.group()),
                start=span.start(),
                end=span.end(),
            )
        )
    return Reading(text=text, tokens=tuple(tokens))


def _weakens(before: list[str]) -> bool:
    """Whether a "may" or "wanted to" governs what comes next; "asked" weakens only what follows its "to"."""
    return any(
        w in group("irrealis") and (w not in ("ask", "asked", "asks", "asking") or "to" in before[at:])
        for at, w in enumerate(before)
    )


def _negates(word: str) -> bool:
    return word in group("negators") or word.endswith("n't")


def _under_negation(before: list[str]) -> bool:
    """Whether a negation is the nearest word behind which only function words stand; "cannot not" cancels out."""
    count = 0
    for word in reversed(before):
        count += _negates(word)
        if word not in STOPWORDS:
            break
    return count % 2 == 1


def _clauses(text: str, spans: list[re.Match[str]], words: list[str]) -> list[int]:
    found, clause, end = [], 0, 0
    for span, word in zip(spans, words, strict=True):
        if _BREAK.search(text[end : span.start()]) or word in _BREAKING:
            clause += 1
        found.append(clause)
        end = span.end()
    return found


def _comparison(before: list[str]) -> str:
    for word in reversed(before):
        if word == "than":
            return "than"
        if word in ("more", "greater", "higher", "better", "most"):
            return "more"
        if word in ("less", "fewer", "lower", "worse", "least"):
            return "less"
    return ""


def negative(reading: Reading) -> int:
    """How many plain negations a text holds; words that only deny by their meaning ("failed") are left out."""
    return sum(_negates(t.word) and t.word not in group("denying") for t in reading.tokens)


def denies(reading: Reading) -> bool:
    """Whether anything in a text can carry a negation: a plain one, "fail", "rarely", or a prefix ("unjust")."""
    return any(
        _negates(t.word)
        or t.word in group("denying")
        or (
            t.content
            and not t.capital
            and t.word not in ("united", "university")
            and t.word.startswith(("un", "dis", "non", "mis", "ir", "insuf", "inab", "incap"))
        )
        or t.word.endswith("less")
        for t in reading.tokens
    )
