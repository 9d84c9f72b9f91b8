"""Two to four people or groups side by side, stage by stage; what the corpus does not hold stays an empty cell."""

from __future__ import annotations

from collections.abc import Sequence

from rag.explore.facets import OF_PEOPLE, Holdings
from rag.model import Frozen

FEWEST, MOST = 2, 4


class Subject(Frozen):
    """A person (`facet` is "person", `value` an id) or everybody who shares a trait (`facet` one of OF_PEOPLE)."""

    facet: str
    value: str

    @property
    def key(self) -> str:
        return f"{self.facet}={self.value}"

    @classmethod
    def parse(cls, key: str) -> Subject:
        """From `facet=value`. Raises ValueError that says what there is."""
        facet, sep, value = key.partition("=")
        if not sep or facet not in ("person", *OF_PEOPLE):
            raise ValueError(f"'{key}' is not person=ID or one of {', '.join(OF_PEOPLE)}=VALUE")
        return cls(facet=facet, value=value)


class Column(Frozen):
    """One side of a comparison: whom it stands for, and how many passages they have at all."""

    subject: Subject
    people: tuple[str, ...]
    passages: int


class Cell(Frozen):
    """Passages of one side at one stage, in corpus order; none is a finding about the corpus, not about the people."""

    passages: tuple[str, ...]


class Comparison(Frozen):
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]

    @property
    def filled(self) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
        """The rows in which at least one side says something."""
        return tuple(r for r in self.rows if any(c.passages for c in r[1]))


def compare(held: Holdings, subjects: Sequence[Subject]) -> Comparison:
    """The comparison; each subject counts once. Raises ValueError for fewer than two or more than four."""
    sides = list(dict.fromkeys(subjects))
    if not FEWEST <= len(sides) <= MOST:
        raise ValueError(f"choose {FEWEST} to {MOST} people or groups; there are {len(sides)}")
    members = [_members(held, s) for s in sides]
    spoken = [[p for p, said_by in held.speakers_of.items() if who & set(said_by)] for who in members]
    columns = tuple(
        Column(subject=s, people=tuple(x for x in held.people if x in who), passages=len(said))
        for s, who, said in zip(sides, members, spoken, strict=True)
    )
    rows = tuple(
        (
            tag.id,
            tuple(
                Cell(passages=tuple(p for p in said if tag.id in held.passages[p]["stage"]))
                for said in spoken
            ),
        )
        for tag in held.corpus.taxonomy.stages
    )
    return Comparison(columns=columns, rows=rows)


def _members(held: Holdings, subject: Subject) -> set[str]:
    if subject.facet == "person":
        return {subject.value} & held.people.keys()
    return {x for x, values in held.people.items() if subject.value in values[subject.facet]}
