"""Asking back: questions to the reader about a passage, of source criticism and of perspective, instead of an answer.

Which questions come is decided by facts of the passage alone (who speaks, how it reached the page, what its tags say),
so that the same passage always asks the same, and nothing is asked that the passage gives no ground for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus import Corpus
from rag.model import Frozen, Passage
from rag.web.labels import named, place
from rag.web.words import inside, listed, t

BEFORE = ("background", "grievance_trigger", "contact", "belief_shift", "joining_travel")
INSIDE = ("induction", "role_inside", "daily_life", "violence_exposure")


class AskedBack(Frozen):
    kind: str
    question: str


def asked_back(corpus: Corpus, passage: Passage) -> tuple[AskedBack, ...]:
    """The questions of a passage, the most telling first; both kinds in turn."""
    criticism = [AskedBack(kind=t("back.criticism"), question=q) for q in _criticism(corpus, passage)]
    perspective = [AskedBack(kind=t("back.perspective"), question=q) for q in _perspective(corpus, passage)]
    turns: list[AskedBack] = []
    while criticism or perspective:
        turns += [queue.pop(0) for queue in (criticism, perspective) if queue]
    return tuple(turns)


def _who(corpus: Corpus, passage: Passage) -> str:
    names = [corpus.persons[p].name for p in passage.people if p in corpus.persons]
    return names[0] if len(names) == 1 else t("back.speakers") if names else t("back.author")


def _criticism(corpus: Corpus, passage: Passage) -> Iterator[str]:
    source = corpus.sources[passage.source]
    who, author = _who(corpus, passage), listed(source.authors) or source.publisher
    if source.standing != "good":
        yield t(f"back.{source.standing}")
    for person in (corpus.persons[p] for p in passage.people if p in corpus.persons):
        if person.legal_status and person.legal_status.status in ("convicted", "accused", "on_trial"):
            yield t("back.legal", who=person.name, status=person.legal_status.text)
            break
    if "detainee" in passage.flags:
        yield t("back.detainee", who=who)
    if passage.type == "testimony_reported":
        yield t("back.reported", who=who, author=author)
    if passage.type in ("testimony", "family_or_victim"):
        yield t("back.told_to", who=who, author=author)
    if passage.type in ("analysis", "opinion"):
        yield t("back.analysis", author=author)
    if passage.type in ("context", "method"):
        yield t("back.context", author=author)
    if passage.stance in ("minimises", "still_supports"):
        yield t("back.plays_down", who=who)
    if source.rendering == "account":
        yield t("back.original", where=place(passage.locator), title=source.title)


def _perspective(corpus: Corpus, passage: Passage) -> Iterator[str]:
    who, stage = _who(corpus, passage), passage.stage[0] if passage.stage else ""
    if passage.disillusionment:
        yield t(
            "back.turning", who=who, what=inside(named("disillusionment", passage.disillusionment[0], corpus))
        )
    if passage.motives:
        yield t("back.other_ways", who=who, what=inside(named("motive", passage.motives[0], corpus)))
    if stage in BEFORE:
        yield t("back.who_noticed", who=who)
    if stage in INSIDE or {"graphic", "sexual_violence"} & set(passage.flags):
        yield t("back.harmed")
    if stage in ("doubt", "exit_barrier", "exit"):
        yield t("back.leaving", who=who)
    if stage in ("aftermath", "looking_back"):
        yield t("back.afterwards", who=who)
    yield t("back.missing")
