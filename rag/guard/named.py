"""What may not be said of whom: guilt without a court, names behind pseudonyms, two names made one, a way to a door."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rag.corpus import Corpus
from rag.guard.forms import Text, lists
from rag.link import countries
from rag.model import Person
from rag.text import fold

NEAR = 80  # characters between a pseudonym and words that give it away
_ON_TRIAL = re.compile(r"\b(?:the|a) (?:suspect|defendant)\b")
_BRACKET = re.compile(r"(?:'s|’s)?\s*\(([^)]*)\)")
_CAPITALS = re.compile(r"[A-Z][\w'’-]+(?:\s+(?:al|el|bin|ibn|abu|van|von|de|[A-Z]\.?)?[- ]?[A-Z][\w'’-]+)*")


class People:
    """The rules about the people of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        said = lists()
        self._crime = re.compile(rf"\b(?:{said['crimes']}|{said['crime_verbs']})\b")
        self._doubted = re.compile(rf"\b(?:{said['doubt_of_crime']}|{said['attribution']})\b")
        open_cases = (
            p for p in corpus.people if not (p.legal_status and p.legal_status.status == "convicted")
        )
        self._unconvicted = _named(
            p for p in open_cases if p.voice not in ("researcher", "journalist", "official")
        )
        hidden = [p for p in corpus.people if p.is_pseudonym]
        self._any_hidden = _named(hidden)
        self._hidden = [(_named([p]), frozenset(_words((p.name, *p.aliases)))) for p in hidden]
        self._reveals = re.compile(
            rf"(?i:\b(?:{said['reveals']})\b)|\b(?:{said['reveals_a_name']}) (?=[A-Z])"
        )
        self._findable = re.compile(rf"\b(?:{said['findable']})\b")
        self._tellers = _named(p for p in corpus.people if p.voice in ("insider", "family", "mentioned"))
        self._same = re.compile(rf"\b(?:{said['same_person']})\b")
        self._hedged = re.compile(rf"\b(?:{said['hedged']})\b")
        links = ((p, s) for p in corpus.people for s in p.same_as if s.confidence != "certain")
        self._twins = [
            (_named([p]), _named([corpus.persons[s.person]])) for p, s in links if s.person in corpus.persons
        ]
        self._person_names = frozenset(
            " ".join(_words([f])) for p in corpus.people for f in (p.name, *p.aliases)
        )
        self._no_names = _no_names(corpus)

    def broken_by(self, text: Text) -> Iterator[str]:
        """The rules that a text breaks: accused, unmasked, address, identity."""
        if self._calls_guilty(text):
            yield "accused"
        if self._any_hidden.search(text.raw) and self._unmasks(text.raw):
            yield "unmasked"
        if self._findable.search(text.own) and self._tellers.search(text.raw):
            yield "address"
        if self._same.search(text.own) and not self._hedged.search(text.own) and self._joins(text.raw):
            yield "identity"

    def _calls_guilty(self, text: Text) -> bool:
        """A named person without a conviction, or somebody on trial, called guilty in our own voice."""
        if not self._crime.search(text.own) or self._doubted.search(_ON_TRIAL.sub(" ", text.own)):
            return False
        return bool(self._unconvicted.search(text.raw) or _ON_TRIAL.search(text.own))

    def _unmasks(self, text: str) -> bool:
        """Whether a name that nobody published stands beside a pseudonym, by words that say so or in brackets."""
        for named, own in self._hidden:
            for found in named.finditer(text):
                after = _BRACKET.match(text, found.end())
                beside = [after.group(1)] if after else []
                if text[: found.start()].endswith("("):
                    beside += _CAPITALS.findall(text[max(0, found.start() - NEAR) : found.start()])[-1:]
                for reveal in self._reveals.finditer(text):
                    if abs(reveal.start() - found.start()) <= NEAR:
                        beside.append(text[max(0, reveal.start() - NEAR) : reveal.end() + NEAR])
                names = (name for part in beside for name in _CAPITALS.findall(part))
                if any(self._is_stranger(name, own) for name in names):
                    return True
        return False

    def _is_stranger(self, name: str, own: frozenset[str]) -> bool:
        """A name with a word that belongs neither to the published names nor to groups, places, sources, or prose."""
        said = _words([name])
        if " ".join(said) in self._person_names:
            return False
        return any(w not in own and w not in self._no_names for w in said)

    def _joins(self, text: str) -> bool:
        return any(a.search(text) and b.search(text) for a, b in self._twins)


def _no_names(corpus: Corpus) -> frozenset[str]:
    """Words with a capital that name nobody: groups, places, sources, and whatever the corpus writes small."""
    known = [w for t in corpus.terms for w in (t.term, *t.aliases)]
    known += [w for s in corpus.sources.values() for w in (s.publisher, s.title, *s.authors)]
    known += [form for c in countries() for form in (c.name, *c.people, *c.names)]
    texts = [s.text for s in corpus.statements.values()] + [s.summary for s in corpus.sources.values()]
    return frozenset(_words(known)) | {w for text in texts for w in re.findall(r"\b[a-z]+\b", text)}


def _named(people: Iterable[Person]) -> re.Pattern[str]:
    """Any name of these people, as whole words in their own capitals; nothing where there are none."""
    forms = {form for p in people for form in (p.name, *p.aliases) if form[:1].isupper() and "(" not in form}
    if not forms:
        return re.compile(r"(?!)")
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(forms, key=len, reverse=True)))})\b")


def _words(texts: Iterable[str]) -> list[str]:
    return [
        w.removesuffix("'s") for text in texts for w in re.findall(r"[^\W_]+(?:['’][^\W_]+)?", fold(text))
    ]
