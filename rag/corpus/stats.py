"""What the corpus holds and what it lacks, counted: the balance that readers are shown (CORPUS.md rule 12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rag.corpus.read import Corpus
from rag.model import Frozen, Passage, Person, Tag

Counts = Mapping[str, int]

NOT_STATED = "not stated"
# Currents that a corpus on leaving violent extremism would have to cover before it may speak of "extremists".
IDEOLOGIES = ("jihadist", "far_right", "far_left", "separatist", "high_control")
GENDERS = ("man", "woman", "boy", "girl")
AGE_BANDS = (
    (0, 17, "under 18"),
    (18, 24, "18-24"),
    (25, 34, "25-34"),
    (35, 44, "35-44"),
    (45, 120, "45 and over"),
)
# From this share on, one value stands for nearly the whole corpus and readers must know.
LOPSIDED = 0.8


class SourceStats(Frozen):
    title: str
    kind: str
    standing: str
    passages: int
    statements: int
    questions: int


class Table(Frozen):
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


class Stats(Frozen):
    """Counts of a corpus. `speakers` are people who tell their own story (insiders and families) and have a passage."""

    corpus_version: str
    totals: Counts
    sources: Mapping[str, SourceStats]
    speakers: Mapping[str, Counts]
    passages: Mapping[str, Counts]
    without_passages: tuple[str, ...]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def tables(self) -> tuple[Table, ...]:
        """The same as tables to print: totals, sources, speakers, passages, and what is missing."""
        totals = Table(title="Corpus", columns=("", "number"), rows=tuple(self.totals.items()))
        sources = Table(
            title="Sources",
            columns=("source", "kind", "standing", "passages", "statements", "questions"),
            rows=tuple(
                (name, s.kind, s.standing, s.passages, s.statements, s.questions)
                for name, s in self.sources.items()
            ),
        )
        last = (
            Table(
                title="People without a passage",
                columns=("person",),
                rows=tuple((p,) for p in self.without_passages),
            ),
            Table(
                title="Missing", columns=("what this corpus lacks",), rows=tuple((m,) for m in self.missing)
            ),
        )
        return (
            totals,
            sources,
            *_facets("Speakers", self.speakers),
            *_facets("Passages", self.passages),
            *last,
        )


def stats(corpus: Corpus) -> Stats:
    passages = list(corpus.passages.values())
    heard = [p for p in corpus.people if p.voice in ("insider", "family") and corpus.by_person[p.id]]
    tags = corpus.taxonomy
    by_speaker: dict[str, Counts] = {
        "ideology": _count(heard, lambda p: [p.ideology or NOT_STATED], IDEOLOGIES),
        "gender": _count(heard, lambda p: [NOT_STATED if p.gender == "unknown" else p.gender], GENDERS),
        "age": _count(heard, lambda p: [_age_band(p)], [band for *_, band in AGE_BANDS]),
        "role": _count(heard, lambda p: p.role or (NOT_STATED,)),
        "country": _count(heard, lambda p: p.nationality or (NOT_STATED,)),
        "group": _count(heard, lambda p: p.group or (NOT_STATED,)),
        "voice": _count(heard, lambda p: [p.voice], ("insider", "family")),
    }
    by_passage: dict[str, Counts] = {
        "stage": _count(passages, lambda p: p.stage, _ids(tags.stages)),
        "movement": _count(passages, corpus.movements_of, _ids(tags.movements)),
        "basis": _count(passages, lambda p: [corpus.sources[p.source].basis], ("full", "digest")),
        "type": _count(passages, lambda p: [p.type], _ids(tags.types)),
        "motive": _count(passages, lambda p: p.motives, _ids(tags.motives)),
        "disillusionment": _count(passages, lambda p: p.disillusionment, _ids(tags.disillusionment)),
        "stance": _count(passages, lambda p: [p.stance] if p.stance else [], _ids(tags.stances)),
        "flag": _count(passages, lambda p: p.flags, _ids(tags.flags)),
        "standing": _count(
            passages, lambda p: [corpus.sources[p.source].standing], ("good", "disputed", "retracted")
        ),
    }
    return Stats(
        corpus_version=corpus.version,
        totals={
            "sources": len(corpus.sources),
            "passages": len(passages),
            "statements": len(corpus.statements),
            "questions": sum(len(p.questions) for p in passages),
            "people": len(corpus.people),
            "speakers": len(heard),
        },
        sources={
            f.source.id: _of_source(f.passages, f.source.title, f.source.kind, f.source.standing)
            for f in corpus.files
        },
        speakers=by_speaker,
        passages=by_passage,
        without_passages=tuple(p.id for p in corpus.people if not corpus.by_person[p.id]),
        missing=tuple(_missing(len(heard), by_speaker, by_passage)),
    )


def _count(
    items: Iterable[Any], values: Callable[[Any], Iterable[str]], expected: Iterable[str] = ()
) -> Counts:
    """How many items have each value: expected ones first, also where there are none, then others by frequency."""
    found = Counter(v for item in items for v in values(item))
    order = [*expected, *(v for v, _ in found.most_common())]
    return {v: found[v] for v in dict.fromkeys(order)}


def _of_source(passages: tuple[Passage, ...], title: str, kind: str, standing: str) -> SourceStats:
    return SourceStats(
        title=title,
        kind=kind,
        standing=standing,
        passages=len(passages),
        statements=sum(len(p.statements) for p in passages),
        questions=sum(len(p.questions) for p in passages),
    )


def _missing(
    speakers: int, by_speaker: Mapping[str, Counts], by_passage: Mapping[str, Counts]
) -> Iterable[str]:
    for facet, counts in by_speaker.items():
        absent = [value for value, n in counts.items() if n == 0]
        if absent:
            yield f"No speaker with {facet} {_or(absent)}."
        for value, n in counts.items():
            if speakers and n / speakers >= LOPSIDED and facet != "voice":
                share = "All" if n == speakers else f"{n} of"
                yield f"{share} {speakers} speakers have {facet} {_plain(value)}."
        if counts.get(NOT_STATED):
            yield f"The {facet} of {counts[NOT_STATED]} of {speakers} speakers is not stated."
    for facet, counts in by_passage.items():
        absent = [value for value, n in counts.items() if n == 0]
        if absent and facet not in ("standing", "flag", "basis"):
            yield f"No passage with {facet} {_or(absent)}."


def _facets(title: str, facets: Mapping[str, Counts]) -> Iterable[Table]:
    for facet, counts in facets.items():
        yield Table(title=f"{title} by {facet}", columns=(facet, title.lower()), rows=tuple(counts.items()))


def _age_band(person: Person) -> str:
    if person.age is None:
        return "under 18" if person.gender in ("boy", "girl") else NOT_STATED
    return next(name for low, high, name in AGE_BANDS if low <= person.age <= high)


def _ids(tags: Iterable[Tag]) -> list[str]:
    return [t.id for t in tags]


def _plain(value: str) -> str:
    return value if value.isupper() else value.replace("_", " ")


def _or(values: list[str]) -> str:
    *most, last = map(_plain, values)
    return f"{', '.join(most)} or {last}" if most else last
