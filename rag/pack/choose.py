"""Which passages a session reads: fit for the age, of different people and movements, and one voice from outside.

Everything is computed from the corpus: the same brief and corpus give the same passages. What a passage may not be
read for is decided by its flags, its source's standing and the check of what may leave; the rest is a score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from rag.corpus import Corpus
from rag.guard.forms import lists
from rag.guard.output import OutputGuard
from rag.model import Passage, Statement
from rag.pack.model import AgeBand, Level, Role

MOST_WORDS = {"plain": 65, "standard": 95}
FEWEST_WORDS = 20
LONG_SENTENCE = 18  # words; longer ones are hard for readers of plain language
NEVER = {
    "sexual_violence": "sexual violence is never read out in a session",
    "operational": "a detail was left out of it as harmful",
}
UNDER_16 = {"graphic": "violence is named in it", "suicide": "suicide is named in it"}
UNDER_18 = {"suicide": "suicide is named in it"}
LOSS = {
    "graphic": 3.0,
    "suicide": 3.0,
    "minor": 1.0,
    "named_accused": 1.0,
    "propaganda": 0.7,
    "detainee": 0.3,
}
STORY_TYPES = {"testimony": 1.5, "testimony_reported": 1.0}
NEW_MOVEMENT, NEW_SOURCE, NEW_GENDER, DISPUTED = 1.5, 0.8, 0.4, 2.5
RELATIVE, OUTSIDER, OTHER_MOVEMENT = 8.0, 3.5, 3.0
Match = Callable[[Passage], float]


class Fitting(NamedTuple):
    """What the choice rests on. `match` says how much a passage has to do with the subject."""

    corpus: Corpus
    output: OutputGuard
    age: AgeBand
    level: Level
    match: Match
    source_criticism: bool = False


class Chosen(NamedTuple):
    passage: Passage
    role: Role
    score: float


def unfit(passage: Passage, on: Fitting) -> str:
    """Why a passage may not be read in a session of this age and theme; empty where it may."""
    source = on.corpus.sources[passage.source]
    if source.standing == "retracted" and not on.source_criticism:
        return "the account was retracted"
    barred = {**NEVER, **(UNDER_16 if on.age == "14-15" else UNDER_18 if on.age == "16-18" else {})}
    for flag in passage.flags:
        if flag in barred:
            return barred[flag]
    if {"minor", "graphic"} <= set(passage.flags):
        return "it tells of a child and of violence"
    if on.age == "14-15" and frightening(passage.text):
        return "violence is named in it"
    if any(on.output.check_statement(s.text) for s in lines(passage, on.level)):
        return "it does not pass the check of what may be shown"
    if sum(len(s.text.split()) for s in lines(passage, on.level)) < FEWEST_WORDS:
        return "it is too short to be read alone"
    return ""


def frightening(text: str) -> bool:
    """Whether a text names killing, torture and the like, whatever its flags say."""
    return _frightening().search(text) is not None


@cache
def _frightening() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{lists()['graphic_for_minors']})\b", re.IGNORECASE)


def lines(passage: Passage, level: Level) -> tuple[Statement, ...]:
    """The statements that are read: from the first on, as many as the level bears, and one at least."""
    taken: list[Statement] = []
    words = 0
    for statement in passage.cited():
        words += len(statement.text.split())
        if taken and words > MOST_WORDS[level]:
            break
        taken.append(statement)
    return tuple(taken)


def role_of(passage: Passage, on: Fitting) -> str:
    """`story` of somebody who was inside, `relative` or somebody harmed, `outsider`, or empty for neither."""
    voices = {on.corpus.persons[p].voice for p in passage.people if p in on.corpus.persons}
    doubted = on.corpus.sources[passage.source].standing != "good"
    if passage.type == "family_or_victim" or "family" in voices:
        return "relative"
    if passage.type in STORY_TYPES and (not voices or voices & {"insider", "mentioned"}):
        return "story"
    if on.source_criticism and doubted and passage.type == "opinion":
        return "story"
    if passage.type in ("analysis", "opinion") and not doubted:
        return "outsider"
    return "outsider" if on.source_criticism and passage.type == "method" and not doubted else ""


def choose(on: Fitting, wanted: int) -> tuple[Chosen, ...]:
    """Up to `wanted` passages: the stories in the order of the path, then a voice from outside.

    May be shorter, and may lack one of the two roles, where the corpus does not hold them.
    """
    picked: list[Chosen] = []
    for _ in range(max(wanted - 1, 1)):
        best = next(ranked(stories(on, [c.passage for c in picked]), on), None)
        if best is None:
            break
        picked.append(best)
    outside = next(ranked(counter_voices(on, [c.passage for c in picked]), on), None)
    order = {s.id: n for n, s in enumerate(on.corpus.taxonomy.stages)}
    stages = [[order.get(s, len(order)) for s in c.passage.stage[:1]] or [len(order)] for c in picked]
    ordered = [c for _, c in sorted(zip(stages, picked, strict=True), key=lambda x: (x[0], x[1].passage.id))]
    return (*ordered, *([outside] if outside else []))


def stories(on: Fitting, beside: Sequence[Passage]) -> Iterator[Chosen]:
    """Stories beside passages that are taken, with their scores; whether they may be read is not looked at yet."""
    for passage in _open(on, beside):
        told = on.match(passage)
        if told > 0 and role_of(passage, on) == "story":
            yield Chosen(passage, "story", told + _worth(passage, on) + _fresh(passage, beside, on))


def counter_voices(on: Fitting, beside: Sequence[Passage]) -> Iterator[Chosen]:
    """Voices that look from elsewhere: a relative or somebody harmed, an outsider, another movement."""
    stages = {s for p in beside for s in p.stage}
    here = {m for p in beside for m in on.corpus.movements_of(p)}
    for passage in _open(on, beside):
        role = role_of(passage, on)
        told = on.match(passage)
        near = told > 0 or not stages.isdisjoint(passage.stage)
        if role == "relative":
            score = RELATIVE * (1.0 if told > 0 else 0.6) + told
        elif role == "outsider" and near:
            score = OUTSIDER + told - (1.0 if passage.type == "opinion" else 0.0)
        elif role == "story" and told > 0 and here and not here & set(on.corpus.movements_of(passage)):
            score = OTHER_MOVEMENT + told if on.corpus.movements_of(passage) else 0.0
        else:
            continue
        if score > 0:
            yield Chosen(passage, "counter_voice", score + _worth(passage, on))


def _open(on: Fitting, beside: Sequence[Passage]) -> Iterator[Passage]:
    """Passages that are of nobody and of no paragraph that is taken already."""
    taken = {q for p in beside for q in _same_people(p, on.corpus)}
    places = {(p.source, str(p.locator)) for p in beside}
    for passage in on.corpus.passages.values():
        speaks = role_of(passage, on) != "outsider"
        if (passage.source, str(passage.locator)) in places:
            continue
        if speaks and taken & set(passage.people):
            continue
        yield passage


def _same_people(passage: Passage, corpus: Corpus) -> set[str]:
    """The people of a passage with those who may be the same under another name."""
    people = set(passage.people)
    for person in corpus.people:
        for link in person.same_as:
            if {person.id, link.person} & set(passage.people):
                people |= {person.id, link.person}
    return people


def _worth(passage: Passage, on: Fitting) -> float:
    """What speaks for a passage whatever the subject, and what against it."""
    worth = STORY_TYPES.get(passage.type, 0.0) - sum(LOSS.get(f, 0.0) for f in passage.flags)
    if on.corpus.sources[passage.source].standing != "good" and not on.source_criticism:
        worth -= DISPUTED
    if passage.type in STORY_TYPES and len(passage.people) != 1:
        worth -= 0.6
    if passage.stance in ("minimises", "still_supports"):
        worth -= 0.7
    read = lines(passage, on.level)
    if on.level == "plain":
        mean = sum(len(s.text.split()) for s in read) / len(read)
        worth -= 0.1 * max(0.0, mean - LONG_SENTENCE)
    return worth


def _fresh(passage: Passage, beside: Sequence[Passage], on: Fitting) -> float:
    """What a passage adds to those that are taken: another movement, another source, another gender."""
    if not beside:
        return 0.0
    corpus = on.corpus
    seen = {m for p in beside for m in corpus.movements_of(p)}
    genders = {corpus.persons[q].gender for p in beside for q in p.people if q in corpus.persons}
    own = {corpus.persons[q].gender for q in passage.people if q in corpus.persons}
    fresh = NEW_MOVEMENT * bool(set(corpus.movements_of(passage)) - seen)
    fresh += NEW_SOURCE * (passage.source not in {p.source for p in beside})
    fresh += NEW_GENDER * bool(own - genders)
    tags = {t for p in beside for t in (*p.motives, *p.disillusionment)}
    return fresh + 0.5 * bool(set(passage.motives + passage.disillusionment) - tags)


def ranked(found: Iterable[Chosen], on: Fitting) -> Iterator[Chosen]:
    """Those that may be read, the best first, of equals the first in the corpus; each is looked at only when asked."""
    for chosen in sorted(found, key=lambda c: -c.score):
        if not unfit(chosen.passage, on):
            yield chosen
