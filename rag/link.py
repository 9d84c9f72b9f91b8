"""Whom and what a question names: persons (by name, alias or description), groups, places, countries, numbers.

Retrieval gives passages about a named person a lead; the decision function asks whether the evidence is about the
same people and places as the question. Names match as whole words, capitals-only forms (IS, ETA) only in capitals,
and long names also with a letter wrong or two letters swapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from rag.corpus import Corpus
from rag.data import from_yaml
from rag.model import Frozen, Person, Term
from rag.spelling import one_slip
from rag.text import STOPWORDS, fold, numbers, words

MOST_DESCRIBED = 8  # a nationality that fits more people than this describes nobody in particular
MIN_OWNER = 5  # letters of a possessive without apostrophe: "pullmans", not "iss"
MEN = frozenset(
    """
    man men guy guys bloke husband father dad son brother boy boys he him his male lad
    """.split()
)
WOMEN = frozenset(
    """
    woman women wife wives mother mum mom daughter sister girl girls she her female lady ladies
    """.split()
)
# "the English-speaking narrator" and "English videos" are about the language, not about a person from England.
PEOPLE = (
    MEN
    | WOMEN
    | frozenset(
        """
    person fighter fighters member members recruit recruits defector defectors teenager student convert prisoner
    cameraman commander doctor nurse teacher youngster kid volunteer
    """.split()
    )
)
# After these a nationality is an adjective of a thing or a public body, not a person of the corpus.
THINGS = frozenset(
    """
    regime government war conflict official officials people civilian civilians army soldier soldiers troops
    uprising revolution city cities child children court courts police authorities state opposition rebel rebels
    president video videos women men village villages border town prison prisons crisis refugees refugee victims
    families society law soil territory side cause democracy embassy media newspaper newspapers forces passport
    """.split()
)
LANGUAGES = frozenset(
    [
        "english",
        "french",
        "german",
        "arabic",
        "turkish",
        "russian",
        "spanish",
        "italian",
        "dutch",
        "bosnian",
        "albanian",
    ]
)
LANGUAGE_NOUNS = frozenset(
    """
    speaking language voice voiceover voiceovers narrator narration video videos film films clip clips
    translator section word words text texts version subtitles propaganda magazine speaker
    """.split()
)


class Mentions(Frozen):
    """What a question names. `persons` are ids; when one phrase fits several people they are alternatives."""

    persons: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    other_terms: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    unknown_names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        return (*self.groups, *self.places, *self.other_terms)


class Country(Frozen):
    name: str
    people: tuple[str, ...]
    names: tuple[str, ...]


@cache
def countries() -> tuple[Country, ...]:
    raw: dict[str, dict[str, Any]] = from_yaml(
        resources.files("rag.data").joinpath("countries.yaml").read_text("utf-8")
    )
    return tuple(
        Country(name=name, people=tuple(data["people"]), names=(fold(name), *data.get("names", ())))
        for name, data in raw.items()
    )


@cache
def country_words() -> frozenset[str]:
    """Every word of a country's names and of the words for its people."""
    return frozenset(w for c in countries() for form in (*c.people, *c.names) for w in form.split())


class Linker:
    """Knows every name of a corpus. Built once per index; `mentions` reads one question."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._names: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._capitals: dict[str, tuple[str, str]] = {}
        for person in corpus.people:
            self._add("person", person.id, (person.name, *person.aliases, *person.described_as))
        nations = {form for c in countries() for form in c.names}
        for term in corpus.terms:
            if fold(term.term) not in nations:  # countries are read from their own table, with their people
                self._add(term.kind, term.id, (term.term, *term.aliases))
        self._longest = max((len(n) for n in self._names), default=0)
        self._fuzzy: dict[str, list[tuple[str, ...]]] = {}
        for name in self._names:
            if len(name) <= 3 and max(map(len, name)) >= 6:
                self._fuzzy.setdefault(name[0][0], []).append(name)
        self._terms: Mapping[str, Term] = {t.id: t for t in corpus.terms}
        self.known_words = {
            w for p in corpus.passages.values() for t in (p.text, *p.questions) for w in words(t)
        }

    def mentions(self, question: str) -> Mentions:
        tokens = [(m.group(), fold(m.group())) for m in re.finditer(r"[^\W_]+(?:['’.][^\W_]+)*", question)]
        shouting = question.isupper()
        taken: set[int] = set()
        found: dict[str, list[str]] = {}
        for at in range(len(tokens)):
            if at in taken:
                continue
            length, hits = self._match(tokens, at, shouting)
            if hits:
                taken |= set(range(at, at + length))
                for kind, name in hits:
                    found.setdefault(kind, []).append(name)
        folded = [f.removesuffix("'s") for _, f in tokens]
        persons = tuple(dict.fromkeys(found.get("person", ())))
        named_countries, described = self._countries(folded, taken)
        if described and not persons:
            persons = self._described(described, folded, question)
        return Mentions(
            persons=persons,
            groups=tuple(dict.fromkeys(found.get("group", ()))),
            places=tuple(dict.fromkeys(found.get("place", ()))),
            other_terms=tuple(
                dict.fromkeys(n for k in ("organisation", "event", "word") for n in found.get(k, ()))
            ),
            countries=named_countries,
            unknown_names=self._unknown(tokens, taken, shouting),
            numbers=tuple(sorted(numbers(question))),
        )

    def is_about(self, term_id: str, text: str) -> bool:
        """Whether a text names a group, place or word in any of its forms."""
        term = self._terms[term_id]
        return _names(text, (term.term, *term.aliases))

    def mentions_person(self, person_id: str, text: str) -> bool:
        """Whether a text names a person by name or alias."""
        person = self._corpus.persons[person_id]
        return _names(text, (person.name, *person.aliases))

    def covered(self, term_id: str) -> bool:
        """Whether the corpus holds anything on a term; its glossary entry names no source where it does not."""
        return bool(self._terms[term_id].sources)

    def label(self, term_id: str) -> str:
        return self._terms[term_id].term

    def _add(self, kind: str, name: str, forms: Iterable[str]) -> None:
        for form in forms:
            key = tuple(words(form.removeprefix("the ").removeprefix("The ")))
            if len(form) <= 4 and form.isupper():
                self._capitals.setdefault(form, (kind, name))
            if not key or (len(key) == 1 and (len(key[0]) < 3 or key[0] in STOPWORDS)):
                continue
            entries = self._names.setdefault(key, [])
            if (kind, name) not in entries:
                entries.append((kind, name))

    def _match(
        self, tokens: list[tuple[str, str]], at: int, shouting: bool
    ) -> tuple[int, list[tuple[str, str]]]:
        raw = tokens[at][0].removesuffix("'s").removesuffix("’s")
        if not shouting and raw in self._capitals:
            return 1, [self._capitals[raw]]
        folded = [f.removesuffix("'s") for _, f in tokens[at : at + self._longest]]
        for length in range(len(folded), 0, -1):
            key = self._known_form(folded[:length])
            if key in self._names:
                short = length == 1 and len(key[0]) <= 3
                if short and not shouting and raw.islower() and key[0] in self.known_words:
                    continue
                return length, self._names[key]
        if not folded or folded[0] in self.known_words or len(folded[0]) < 4:
            return 0, []
        for key in self._fuzzy.get(folded[0][0], ()):
            if len(key) <= len(folded) and all(
                one_slip(a, b) if len(b) >= 6 else a == b for a, b in zip(folded, key, strict=False)
            ):
                return len(key), self._names[key]
        return 0, []

    def _known_form(self, said: Sequence[str]) -> tuple[str, ...]:
        """The words as they are, or without the s of a possessive that was typed without its apostrophe."""
        key, last = tuple(said), said[-1]
        owner = (*said[:-1], last[:-1])
        owned = (
            last.endswith("s") and len(last) >= MIN_OWNER and key not in self._names and owner in self._names
        )
        return owner if owned and any(kind == "person" for kind, _ in self._names[owner]) else key

    def _countries(self, folded: list[str], taken: set[int]) -> tuple[tuple[str, ...], dict[str, int]]:
        text = f" {' '.join(folded)} "
        named: list[str] = []
        described: dict[str, int] = {}
        for country in countries():
            for form in country.people:
                for plural in ("", "s"):
                    if f" {form}{plural} " not in text:
                        continue
                    first = form.split()[0] + ("" if " " in form else plural)
                    at = folded.index(first) if first in folded else -1
                    after = folded[at + 1] if at >= 0 and at + 1 < len(folded) else ""
                    if form in LANGUAGES and after in LANGUAGE_NOUNS:
                        continue
                    named.append(country.name)
                    if (
                        not plural
                        and at not in taken
                        and (after in PEOPLE or after in STOPWORDS or after not in THINGS)
                    ):
                        described[country.name] = at
            for form in country.names:
                if f" {form.replace('.', ' ')} " in text or f" {form} " in text:
                    named.append(country.name)
                    if re.search(rf"\b(?:from|of) (?:the )?{re.escape(form)}\b", text):
                        described.setdefault(country.name, -1)
        return tuple(dict.fromkeys(named)), described

    def _described(self, described: Mapping[str, int], folded: list[str], question: str) -> tuple[str, ...]:
        """People of a nationality that the question asks about, narrowed by gender and age where it gives them."""
        present = set(folded)
        people = [
            p
            for p in self._corpus.people
            if p.voice in ("insider", "mentioned")
            and set(p.nationality) & described.keys()
            and self._corpus.by_person[p.id]
        ]
        women, men = present & WOMEN, present & MEN
        if bool(women) != bool(men):
            wanted = ("woman", "girl") if women else ("man", "boy")
            people = [p for p in people if p.gender in wanted]
        ages = {int(n) for n in numbers(question) if n.isdigit() and 10 <= int(n) <= 90}
        fitting = [p for p in people if p.age in ages] or people
        return tuple(p.id for p in fitting) if len(fitting) <= MOST_DESCRIBED else ()

    def _unknown(self, tokens: list[tuple[str, str]], taken: set[int], shouting: bool) -> tuple[str, ...]:
        """Capitalised words inside a sentence that no name, country or word of the corpus accounts for."""
        if shouting:
            return ()
        unknown = []
        for i, (raw, folded) in enumerate(tokens):
            plain = folded.removesuffix("'s")
            if i == 0 or i in taken or not raw[0].isupper() or plain in STOPWORDS or plain == "i":
                continue
            if plain in self.known_words or plain.rstrip("s") in country_words() or plain in country_words():
                continue
            unknown.append(raw)
        return tuple(dict.fromkeys(unknown))


def _names(text: str, forms: Iterable[str]) -> bool:
    """Whether a text holds one of the forms of a name, as whole words."""
    folded = f" {' '.join(words(text))} "
    return any(f" {' '.join(words(form))} " in folded for form in forms)


def person_facts(person: Person) -> str:
    """What is known of a person in one line of words, for the lexical leg and for showing who speaks."""
    return " ".join(
        [
            person.name,
            *person.aliases,
            *person.described_as,
            *person.nationality,
            *person.role,
            person.description,
        ]
    )
