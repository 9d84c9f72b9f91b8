"""Duties toward the people spoken of and toward the reader: legal status, withdrawn accounts, whose judgement it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from rag.corpus.lint.context import Check, Context, in_source
from rag.corpus.read import Problem
from rag.model import LegalStatus, Passage, Person

STALE_MONTHS = 24
FROM_A_SUMMARY = ("analysis", "context")
WITHDRAWN_PHRASE = "in an account later withdrawn as invented"
# A court's final word stays true; these can be overtaken by a charge, a trial or an acquittal.
_CAN_CHANGE = ("not_charged", "accused", "on_trial", "unknown")
_DEAD = re.compile(r"\b(?:died|dead|was killed|were killed|killed in)\b", re.IGNORECASE)
_MARKED_STALE = re.compile(r"\bstale\b", re.IGNORECASE)
_WITHOUT_SPEAKER = ("analysis", "method", "context", "opinion")


def legal_status_is_current(context: Context) -> Iterator[Problem]:
    for person in context.corpus.people:
        if person.legal_status is not None:
            yield from _legal(person, person.legal_status, context.today)
        elif person.voice in ("insider", "mentioned"):
            what = "a person told of as part of a group has no legal status"
            todo = "Add legal_status: status, as_of, source and text; 'unknown' where no source tells."
            yield _of_person(person, "legal_status", what, todo)


def _legal(person: Person, legal: LegalStatus, today: dt.date) -> Iterator[Problem]:
    if _first_day(legal.as_of) > today:
        what, todo = f"the date {legal.as_of} lies ahead", "Give the day on which the status was known."
        yield _of_person(person, "legal_status.as_of", what, todo)
    if legal.status not in _CAN_CHANGE or _DEAD.search(legal.text):
        return
    months = (today.year - _last_day(legal.as_of).year) * 12 + today.month - _last_day(legal.as_of).month
    if months <= STALE_MONTHS:
        return
    marked = bool(person.notes and _MARKED_STALE.search(person.notes))
    yield Problem(
        file="people.yaml",
        entry=person.id,
        field="legal_status.as_of",
        what=f"'{legal.status}' was checked {months} months ago and may be out of date",
        todo="Check it and give the new date"
        + ("." if marked else "; where that cannot be done, write in notes 'stale:' and why."),
        check="legal",
        severity="warning" if marked else "error",
    )


def summaries_are_not_told_as_testimony(context: Context) -> Iterator[Problem]:
    """What is known only from a librarian's summary is nobody's testimony, however good the original."""
    for passage in context.corpus.passages.values():
        if context.corpus.sources[passage.source].basis == "digest" and passage.type not in FROM_A_SUMMARY:
            what = f"the source is known from a digest only, and the passage is told as {passage.type}"
            todo = f"Make it one of: {', '.join(FROM_A_SUMMARY)}; or read the original."
            yield in_source("basis", passage.id, "type", what, todo)


def withdrawn_accounts_are_told_as_withdrawn(context: Context) -> Iterator[Problem]:
    """CORPUS.md rule 8: a retracted account is a lesson in source criticism and nothing else."""
    corpus = context.corpus
    for source in corpus.sources.values():
        if source.standing == "good":
            continue
        for field in ("standing_note", "standing_source"):
            if not getattr(source, field).strip():
                what, todo = (
                    f"the source is {source.standing}, and nothing says why",
                    "Say what was found, and by whom.",
                )
                yield in_source("standing", source.id, field, what, todo)
    for passage in corpus.passages.values():
        if corpus.sources[passage.source].standing == "retracted":
            yield from _retracted(context, passage)


def _retracted(context: Context, passage: Passage) -> Iterator[Problem]:
    for field in ("stage", "motives", "disillusionment"):
        if getattr(passage, field):
            what = "a passage of a retracted source carries tags, as if it were testimony"
            yield in_source("standing", passage.id, field, what, "Take the tags out.")
    withdrawn = [
        p
        for p in context.corpus.people
        if p.legal_status and p.legal_status.status == "withdrawn" and p.id in passage.people
    ]
    for statement in passage.cited():
        text = statement.text
        named = [
            p for p in withdrawn if any(re.search(rf"\b{re.escape(n)}\b", text) for n in (p.name, *p.aliases))
        ]
        if named and WITHDRAWN_PHRASE not in text:
            what = f"the statement tells of {named[0].name} without saying that his account was withdrawn"
            todo = f'Add "{WITHDRAWN_PHRASE}", or tell only of the review.'
            yield in_source("standing", statement.id, "statements", what, todo)


def only_speakers_have_a_stance(context: Context) -> Iterator[Problem]:
    for passage in context.corpus.passages.values():
        if passage.type in _WITHOUT_SPEAKER and passage.stance is not None:
            what = f"'{passage.type}' has a stance, but only a speaker can judge his own past"
            yield in_source("stance", passage.id, "stance", what, "Leave the field out, or correct the type.")
        retracted = context.corpus.sources[passage.source].standing == "retracted"
        if passage.type not in _WITHOUT_SPEAKER and not passage.stage and not retracted:
            what = f"'{passage.type}' has no stage"
            yield in_source("tags", passage.id, "stage", what, "Name the primary stage first.")


def _first_day(date: str) -> dt.date:
    year, month, day = (*map(int, date.split("-")), 1, 1)[:3]
    return dt.date(year, month, day)


def _last_day(date: str) -> dt.date:
    """The latest day that a date of year, month or day can mean: a vague date is not older than it says."""
    year, month, day = (
        (*map(int, date.split("-")), 12, 28)[:3]
        if date.count("-") == 0
        else (*map(int, date.split("-")), 28)[:3]
    )
    return dt.date(year, month, day)


def _of_person(person: Person, field: str, what: str, todo: str) -> Problem:
    return Problem(file="people.yaml", entry=person.id, field=field, what=what, todo=todo, check="legal")


CHECKS: tuple[Check, ...] = (
    legal_status_is_current,
    summaries_are_not_told_as_testimony,
    withdrawn_accounts_are_told_as_withdrawn,
    only_speakers_have_a_stance,
)
