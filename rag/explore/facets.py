"""Filters and their counts: what is left of the corpus, and what each further choice would leave.

Two kinds of facet. Those of a passage (movement, stage, motive, disillusionment, voice) count passages; those of a
person (ideology, role, gender, age, country) count people who tell their story. A passage stands for one of these when a
speaker in it has every chosen trait, so that "a woman, from Kosovo" is never met by a woman and a man from Kosovo.
Values of one facet are alternatives, facets add up, and a facet's own counts disregard what is chosen in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rag.corpus import Corpus
from rag.corpus.stats import AGE_BANDS, GENDERS, IDEOLOGIES, NOT_STATED, age_band, speakers
from rag.model import Frozen, Passage, Person

OF_PASSAGES = ("movement", "stage", "motive", "disillusionment", "voice")
OF_PEOPLE = ("ideology", "role", "gender", "age", "country")
VOICES = ("insider", "family", "researcher", "journalist", "official", "public_figure", "mentioned")

Values = Mapping[str, frozenset[str]]


class Selection(Frozen):
    """What a reader chose: for each facet the values that are let through; an empty facet lets all through."""

    movement: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    motive: tuple[str, ...] = ()
    disillusionment: tuple[str, ...] = ()
    voice: tuple[str, ...] = ()
    ideology: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    gender: tuple[str, ...] = ()
    age: tuple[str, ...] = ()
    country: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in type(self).model_fields)

    def of(self, facet: str) -> frozenset[str]:
        """The chosen values of a facet. Raises KeyError for a facet that there is not."""
        if facet not in type(self).model_fields:
            raise KeyError(f"no facet '{facet}'; there are {', '.join(type(self).model_fields)}")
        return frozenset(getattr(self, facet))

    def toggled(self, facet: str, value: str) -> Selection:
        """The same with one value more, or one less where it was chosen. Raises KeyError for an unknown facet."""
        held = self.of(facet)
        kept = tuple(sorted(held ^ {value}))
        return self.model_copy(update={facet: kept})


class Option(Frozen):
    """One value of a facet: how many passages or people choosing it would leave, and whether it is chosen."""

    value: str
    count: int
    chosen: bool


class Facet(Frozen):
    name: str
    of_people: bool
    options: tuple[Option, ...]


class Found(Frozen):
    """What a selection leaves, in corpus order. `total_people` is N of "k of the N people"."""

    passages: tuple[str, ...]
    people: tuple[str, ...]
    total_passages: int
    total_people: int
    facets: tuple[Facet, ...]

    def facet(self, name: str) -> Facet:
        return next(f for f in self.facets if f.name == name)


@dataclass(frozen=True)
class Holdings:
    """The facet values of every passage and speaker of a corpus, worked out once, so that filters are quick."""

    corpus: Corpus
    passages: Mapping[str, Values]
    people: Mapping[str, Values]
    speakers_of: Mapping[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def of(cls, corpus: Corpus) -> Holdings:
        heard = {p.id for p in speakers(corpus)}
        return cls(
            corpus,
            {p.id: _of_passage(p, corpus) for p in corpus.passages.values()},
            {p.id: _of_person(p) for p in corpus.people if p.id in heard},
            {p.id: tuple(x for x in p.people if x in heard) for p in corpus.passages.values()},
        )


def explore(held: Holdings, chosen: Selection) -> Found:
    """The passages and people that a selection leaves, and every facet with its counts."""
    passages = _fitting(held.passages, chosen, OF_PASSAGES)
    people = _fitting(held.people, chosen, OF_PEOPLE)
    by_person = any(chosen.of(f) for f in OF_PEOPLE)
    spoken = _spoken_by(held, people[None])
    kept = [p for p in passages[None] if not by_person or p in spoken]
    heard = {x for p in kept for x in held.speakers_of[p]} & set(people[None])
    there = {x for p in passages[None] for x in held.speakers_of[p]}
    facets = []
    for name in OF_PASSAGES:
        open_to = [p for p in passages[name] if not by_person or p in spoken]
        counts = Counter(v for p in open_to for v in held.passages[p][name])
        facets.append(_facet(held, name, counts, chosen, of_people=False))
    for name in OF_PEOPLE:
        counts = Counter(v for x in people[name] if x in there for v in held.people[x][name])
        facets.append(_facet(held, name, counts, chosen, of_people=True))
    return Found(
        passages=tuple(kept),
        people=tuple(x for x in held.people if x in heard),
        total_passages=len(held.passages),
        total_people=len(held.people),
        facets=tuple(facets),
    )


def _fitting(
    items: Mapping[str, Values], chosen: Selection, facets: Iterable[str]
) -> dict[str | None, list[str]]:
    """The items that meet every facet (under None), and for each facet those that meet all the others."""
    wanted = {f: chosen.of(f) for f in facets}
    found: dict[str | None, list[str]] = {None: [], **{f: [] for f in wanted}}
    for item, values in items.items():
        missed = [f for f, some in wanted.items() if some and not some & values[f]]
        if not missed:
            for some_facet in found:
                found[some_facet].append(item)
        elif len(missed) == 1:
            found[missed[0]].append(item)
    return found


def _spoken_by(held: Holdings, people: Iterable[str]) -> set[str]:
    return {passage for person in people for passage in held.corpus.by_person[person]}


def _facet(held: Holdings, name: str, counts: Counter[str], chosen: Selection, *, of_people: bool) -> Facet:
    """The values in the order of the codebook where it has one, else the most frequent first; none is left out."""
    picked = chosen.of(name)
    everything = held.people if of_people else held.passages
    present = Counter(v for values in everything.values() for v in values[name])
    ordered = _known_order(held.corpus, name)
    rest = sorted((v for v in present if v not in ordered), key=lambda v: (v == NOT_STATED, -present[v], v))
    values = [v for v in ordered if present[v] or v in picked] + rest + sorted(picked - {*ordered, *rest})
    return Facet(
        name=name,
        of_people=of_people,
        options=tuple(Option(value=v, count=counts[v], chosen=v in picked) for v in values),
    )


def _known_order(corpus: Corpus, name: str) -> tuple[str, ...]:
    tags = {
        "movement": corpus.taxonomy.movements,
        "stage": corpus.taxonomy.stages,
        "motive": corpus.taxonomy.motives,
        "disillusionment": corpus.taxonomy.disillusionment,
    }
    if name in tags:
        return tuple(t.id for t in tags[name])
    fixed = {
        "voice": VOICES,
        "ideology": IDEOLOGIES,
        "gender": GENDERS,
        "age": tuple(band for *_, band in AGE_BANDS),
    }
    return fixed.get(name, ())


def _of_passage(passage: Passage, corpus: Corpus) -> Values:
    voices: set[str] = {corpus.persons[x].voice for x in passage.people if x in corpus.persons}
    return {
        "movement": frozenset(corpus.movements_of(passage) or (NOT_STATED,)),
        "stage": frozenset(passage.stage),
        "motive": frozenset(passage.motives),
        "disillusionment": frozenset(passage.disillusionment),
        "voice": frozenset(voices or {NOT_STATED}),
    }


def _of_person(person: Person) -> Values:
    return {
        "ideology": frozenset([person.ideology or NOT_STATED]),
        "role": frozenset(person.role or (NOT_STATED,)),
        "gender": frozenset([NOT_STATED if person.gender == "unknown" else person.gender]),
        "age": frozenset([age_band(person)]),
        "country": frozenset(person.nationality or (NOT_STATED,)),
    }
