"""What the corpus dates: statements that name a day, month or year, legal steps, and publications.

Nothing is inferred. A statement is dated by the first date that it spells out; one without a year has no place here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from rag.corpus import Corpus
from rag.model import Frozen
from rag.text import MONTHS

_MONTH = "|".join(m.capitalize() for m in MONTHS)
_YEAR = r"(?P<year>1[89]\d\d|20[0-4]\d)"
_DATES = (
    re.compile(rf"\b(?P<day>[0-3]?\d) (?P<month>{_MONTH}),? {_YEAR}\b"),
    re.compile(rf"\b(?P<month>{_MONTH}) (?P<day>[0-3]?\d), {_YEAR}\b"),
    re.compile(rf"\b(?P<month>{_MONTH})(?: of)? {_YEAR}\b"),
    # A bare number is a year only after a word that places it in time: "in 2014", but not "2014 fighters".
    re.compile(
        r"\b(?:in|since|until|till|by|from|between|after|before|during|early|late|mid|around|about|of|the year|"
        rf"spring|summer|autumn|winter)[ -]{_YEAR}\b(?!s)(?! (?:people|men|women|fighters|members))",
        re.IGNORECASE,
    ),
)

Kind = Literal["told", "legal", "published"]


class Event(Frozen):
    """Something with a date. `date` is as exact as its source: 2014, 2014-06 or 2014-06-29."""

    date: str
    kind: Kind
    text: str
    reference: str
    people: tuple[str, ...] = ()


def date_in(text: str) -> str | None:
    """The first date that a sentence spells out, or None: "On 29 July 2022 ..." gives 2022-07-29."""
    found = [(m.start(), -n, m) for n, pattern in enumerate(reversed(_DATES)) if (m := pattern.search(text))]
    for *_, match in sorted(found, key=lambda f: f[:2]):
        parts = match.groupdict()
        date = parts["year"]
        if parts.get("month"):
            date += f"-{MONTHS.index(parts['month'].lower()) + 1:02}"
        day = int(parts.get("day") or 0)
        return f"{date}-{day:02}" if 1 <= day <= 31 else date
    return None


def timeline(corpus: Corpus, passages: Iterable[str], people: Iterable[str] = ()) -> tuple[Event, ...]:
    """The dated events of these passages, of these people's cases, and the publication of the sources involved.

    Oldest first; a year stands before its months and days.
    """
    held = list(passages)
    events = [*_told(corpus, held), *_legal(corpus, people), *_published(corpus, held)]
    return tuple(sorted(events, key=lambda e: (e.date, e.kind, e.reference)))


def _told(corpus: Corpus, passages: Iterable[str]) -> Iterator[Event]:
    for passage in (corpus.passages[p] for p in passages):
        for statement in passage.cited():
            date = date_in(statement.text)
            if date:
                yield Event(
                    date=date,
                    kind="told",
                    text=statement.text,
                    reference=statement.id,
                    people=passage.people,
                )


def _legal(corpus: Corpus, people: Iterable[str]) -> Iterator[Event]:
    for person in (corpus.persons[p] for p in people):
        status = person.legal_status
        if status is not None and status.status not in ("unknown", "not_charged"):
            yield Event(
                date=status.as_of, kind="legal", text=status.text, reference=person.id, people=(person.id,)
            )


def _published(corpus: Corpus, passages: Iterable[str]) -> Iterator[Event]:
    for source in dict.fromkeys(corpus.passages[p].source for p in passages):
        card = corpus.sources[source]
        yield Event(date=card.published, kind="published", text=card.title, reference=source)
