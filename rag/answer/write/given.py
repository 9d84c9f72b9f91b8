"""The statements that the model is given: under opaque ids, with who speaks, marked off as data.

The ids are made from the question and the statement, so that neither a model nor a text in the evidence can guess one.
The mark around the evidence is made from all of it, so that no statement can close it. This is spotlighting by
delimiters (Hines et al. 2024, arXiv 2403.14720); what holds is the check of every sentence afterwards.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from rag.corpus import Corpus
from rag.model import Passage
from rag.text import fold
from rag.tokens import count

MOST_STATEMENTS = 12
LETTERS, DIGITS = (
    "bcdfghjkmnpqrstvwxz",
    "23456789",
)  # no vowels: an id is never a word, and never looks like a number
TOLD_BY_PEOPLE = ("testimony", "testimony_reported", "family_or_victim", "opinion")


class GivenStatement(NamedTuple):
    ref: str
    id: str
    text: str
    speaker: str
    about: str


class Given:
    """The statements of one question, in the order in which they are shown to the model."""

    def __init__(self, question: str, statements: Iterable[tuple[str, str, str, str]]) -> None:
        """`statements` are (id, text, speaker, about)."""
        taken: dict[str, GivenStatement] = {}
        for name, text, speaker, about in statements:
            ref = _ref(question, name, taken)
            taken[ref] = GivenStatement(ref, name, text, speaker, about)
        self.by_ref = taken
        whole = "\0".join([question, *(s.text for s in self)])
        self._mark = f"testimony-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"

    def __iter__(self) -> Iterator[GivenStatement]:
        return iter(self.by_ref.values())

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(s.id for s in self)

    @cached_property
    def key(self) -> str:
        """A hash over all that the model is shown of the evidence."""
        return hashlib.sha256(self.marked().encode()).hexdigest()

    def marked(self) -> str:
        """The evidence as the model sees it."""
        lines = [f"[{s.ref}] (speaker: {s.speaker}; {s.about}) {_tame(s.text)}" for s in self]
        return "\n".join([f"<{self._mark}>", *lines, f"</{self._mark}>"])

    def whose(self, said: str | None, cited: Sequence[str], corpus: Corpus) -> str | None:
        """The person whom a model named as speaking, as an id; None where it named none, or just as it was told.

        Raises ValueError for a name that is nobody's.
        """
        name = fold(said or "").strip()
        if not name or name in {fold(s.speaker) for s in self if s.id in cited}:
            return None
        for person in corpus.people:
            if name in {fold(n) for n in (person.id, person.name, *person.aliases)}:
                return person.id
        raise ValueError("nobody of that name")

    def cleaned(self, sentence: str) -> str:
        """A sentence without the ids that a model put into it although it was asked not to."""
        refs = "|".join(map(re.escape, self.by_ref)) or "(?!)"
        bare = re.sub(rf"\s*[\[(]\s*(?:(?:{refs})[\s,;]*)+[\])]", "", sentence)
        return " ".join(bare.split())


def select(
    ids: Sequence[str], corpus: Corpus, question: str, budget: int, allowed: Callable[[str], bool]
) -> Given:
    """The first statements of `ids` that may be shown, as many as the budget of tokens holds, best first.

    A statement that could not be shown to a reader (see rag.guard.rules) is not shown to the model either.
    """
    chosen: list[tuple[str, str, str, str]] = []
    for name in dict.fromkeys(ids):
        passage = corpus.passage_of(name)
        text = corpus.statements[name].text
        row = (name, text, speaker(passage, corpus), _about(passage, corpus))
        budget -= count(" ".join(row[1:])) + 8
        if budget < 0 or len(chosen) == MOST_STATEMENTS:
            break
        if allowed(text):
            chosen.append(row)
    return Given(question, chosen)


def speaker(passage: Passage, corpus: Corpus) -> str:
    """Whose word a passage is: the people of a testimony, else who wrote the source."""
    source = corpus.sources[passage.source]
    people = [corpus.persons[p].name for p in passage.people if p in corpus.persons]
    if people and passage.type in TOLD_BY_PEOPLE:
        return " and ".join(people)
    return " and ".join(source.authors) or source.publisher


def _about(passage: Passage, corpus: Corpus) -> str:
    source = corpus.sources[passage.source]
    return f"{passage.type.replace('_', ' ')}; standing: {source.standing}; {source.published[:4]}"


def _ref(question: str, name: str, taken: dict[str, GivenStatement]) -> str:
    for turn in range(1000):
        raw = hashlib.sha256(f"{question}\0{name}\0{turn}".encode()).digest()
        ref = LETTERS[raw[0] % len(LETTERS)] + DIGITS[raw[1] % len(DIGITS)] + LETTERS[raw[2] % len(LETTERS)]
        if ref not in taken:
            return ref
    raise AssertionError("there are thousands of ids for a dozen statements")


def _tame(text: str) -> str:
    """A statement on one line that opens and closes no brackets of ours."""
    return " ".join(text.replace("<", "‹").replace(">", "›").replace("[", "(").replace("]", ")").split())
