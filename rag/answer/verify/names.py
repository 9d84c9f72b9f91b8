"""Names, places, groups and quotations of a sentence: each must stand in a cited statement, or be another name of
what stands there.

Other names come from people.yaml, glossary.yaml and the table of countries. Two records are never joined: what is
"probably the same person" stays two people. The publisher and authors of a cited source may always be named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from rag.answer.verify.lexicon import group
from rag.answer.verify.reading import QUOTED, Reading, read
from rag.corpus import Corpus
from rag.link import countries
from rag.model import Source
from rag.text import MONTHS, STOPWORDS, fold, words

LONGEST = 6
NAMED_KINDS = ("group", "place", "organisation", "event")
HARMLESS = frozenset("i tv god allah west western east eastern north south internet web mr mrs ms dr".split())
Form = tuple[str, ...]


class Names:
    """Every name of a corpus with what it stands for."""

    def __init__(self, corpus: Corpus, ordinary: Callable[[str], bool]) -> None:
        """`ordinary` says of a folded word whether it is a word of the language, which no name need be."""
        self._ordinary = ordinary
        self._of: dict[Form, set[str]] = {}
        for person in corpus.people:
            for form in (person.name, *person.aliases):
                self._add(form, f"person:{person.id}")
        for term in corpus.terms:
            if term.kind in NAMED_KINDS:
                for form in (term.term, *term.aliases):
                    self._add(form, f"term:{term.id}")
        self._capitals = frozenset(
            t.word for s in corpus.statements.values() for t in read(s.text).tokens[1:] if t.capital
        )
        for country in countries():
            for form in (*country.people, *country.names):
                self._add(form, f"country:{country.name}", plural=True)

    def _add(self, form: str, entity: str, *, plural: bool = False) -> None:
        key = _key(words(form))
        if not key or (len(key) == 1 and key[0] in STOPWORDS):
            return
        self._of.setdefault(key, set()).add(entity)
        if plural:
            self._of.setdefault((*key[:-1], key[-1] + "s"), set()).add(entity)

    def found(self, reading: Reading) -> list[tuple[int, int, frozenset[str]]]:
        """Where names stand (first token, one past the last) and what each may stand for; longest first, no overlap.

        Capitals-only short forms (IS, US) count only in capitals.
        """
        tokens = reading.tokens
        hits: list[tuple[int, int, frozenset[str]]] = []
        at = 0
        while at < len(tokens):
            for length in range(min(LONGEST, len(tokens) - at), 0, -1):
                piece = tokens[at : at + length]
                key = _key(t.word for t in piece)
                if key not in self._of or piece[0].word in ("the", "a", "an"):
                    continue
                if not any(t.capital for t in piece):
                    continue
                if len(key) == 1 and len(key[0]) <= 2 and not piece[0].raw.isupper():
                    continue
                hits.append((at, at + length, frozenset(self._of[key])))
                at += length - 1
                break
            at += 1
        return hits

    def persons(self, reading: Reading) -> list[tuple[int, int, frozenset[str]]]:
        """Where people are named, with the ids that the name may stand for."""
        return [
            (start, end, ids)
            for start, end, entities in self.found(reading)
            if (ids := frozenset(e.partition(":")[2] for e in entities if e.startswith("person:")))
        ]

    def stranger(
        self, sentence: Reading, cited: Sequence[Reading], sources: Iterable[Source], *, english: bool = True
    ) -> str | None:
        """A name of the sentence that the cited statements do not hold under any form; None where there is none.

        In another language than English a capital alone makes no name (German nouns): then only what some text of the
        corpus writes with a capital inside a sentence counts.
        """
        held = {e for r in cited for _, _, entities in self.found(r) for e in entities}
        spoken = {t.word for r in cited for t in r.tokens}
        texts = [f" {' '.join(t.word for t in r.tokens)} " for r in cited]
        cards = {w for s in sources for w in words(" ".join((s.publisher, *s.authors)))}
        taken: set[int] = set()
        for start, end, entities in self.found(sentence):
            piece = sentence.tokens[start:end]
            literal = f" {' '.join(t.word for t in piece)} "
            if (
                entities & held
                or any(literal in text for text in texts)
                or _same_country(entities, held)
                or all(t.word in cards for t in piece)
                or all(t.word in spoken or self.of(t.word) & held for t in piece)
            ):
                taken |= set(range(start, end))
            else:
                return " ".join(t.raw for t in piece)
        first = True
        for at, token in enumerate(sentence.tokens):
            opening, first = first, False
            if at in taken or not token.capital or token.word in HARMLESS:
                continue
            if opening and token.word in group("groups") | group("frame"):
                continue
            if token.word in spoken or token.word in cards:
                continue
            if not english and token.word not in self._capitals:
                continue
            if opening and not _shouted(token.raw) and self._ordinary(token.word):
                continue
            if token.word in STOPWORDS and token.word not in MONTHS:
                continue
            if token.word.rstrip("s") in spoken or self.of(token.word) & held:
                continue
            return token.raw
        return None

    def of(self, word: str) -> frozenset[str]:
        return frozenset(self._of.get(_key((word,)), ()))


def _same_country(entities: frozenset[str], held: set[str]) -> bool:
    """Whether a name stands for a country that is named under another form: "Kosovar" where "Kosovo" stands."""
    return bool({e for e in entities if e.startswith("country:")} & held)


def _shouted(raw: str) -> bool:
    return len(raw) > 1 and raw.isupper()


def _key(parts: Iterable[str]) -> Form:
    return tuple(w for w in parts if w not in ("the", "al", "el"))


def misquoted(sentence: str, cited: Sequence[str], sources: Sequence[Source]) -> str | None:
    """Words in quotation marks that are no quotation in a cited statement; None where all are.

    Statements of a source retold in our own words hold what was said only between quotation marks of their own; of a
    source given word for word, anywhere.
    """
    allowed = [
        _flat(t) if source.rendering == "verbatim" else " | ".join(_flat(q) for q in QUOTED.findall(t))
        for t, source in zip(cited, sources, strict=True)
    ]
    titles = [_flat(s.title) for s in sources]
    for quotation in QUOTED.findall(sentence):
        wanted = _flat(quotation)
        if wanted and not any(f" {wanted} " in f" {held} " for held in (*allowed, *titles)):
            return str(quotation)
    return None


def _flat(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text)))
