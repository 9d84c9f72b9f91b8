"""A passage as a stimulus: what is read, whose word it is, what must be said with it, and questions of four kinds."""

from __future__ import annotations

import datetime as dt
import re

from rag.answer import cite
from rag.corpus import Corpus
from rag.export.cite import citation, in_text
from rag.model import Passage
from rag.pack.choose import Fitting, frightening, lines, role_of
from rag.pack.model import (
    HandoutPassage,
    Level,
    Line,
    Question,
    QuestionKind,
    Role,
    SourceNote,
    Speaker,
    Stimulus,
    Word,
)
from rag.pack.themes import fixed

MARKS = {"good": "", "disputed": "Disputed account. ", "retracted": "Account that was later withdrawn. "}
HEDGES = {"probable": "Probably", "possible": "Possibly"}
EXPLAINED = ("word", "organisation", "group", "person_term", "event")
_ADDRESS = re.compile(r"\s*[(\[]?\s*(?:https?://|www\.)[^\s)\]]+[)\]]?")


def stimulus(passage: Passage, role: Role, on: Fitting, today: dt.date) -> Stimulus:
    """The passage as it stands in a pack; its words and citation come from the corpus and from nowhere else."""
    corpus = on.corpus
    source = corpus.sources[passage.source]
    chosen = lines(passage, on.level)
    return Stimulus(
        passage=passage.id,
        role=role,
        title=who(passage, corpus),
        voice=fixed()["voices"][passage.type],
        lines=tuple(Line(statement=s.id, text=s.text) for s in chosen),
        citation=citation(passage.id, "apa", corpus, today),
        standing=source.standing,
        notes=said_with(passage, on, today),
        questions=questions(passage, on),
    )


def who(passage: Passage, corpus: Corpus) -> str:
    """Whose word a passage is: the people in it, or else who made the source."""
    people = [corpus.persons[p] for p in passage.people if p in corpus.persons]
    names = [f"{p.name} (changed name)" if p.is_pseudonym else p.name for p in people]
    source = corpus.sources[passage.source]
    return _listed(names or list(source.authors) or [source.publisher])


def said_with(passage: Passage, on: Fitting, today: dt.date) -> tuple[str, ...]:
    """What is read aloud with a passage: a withdrawn or disputed standing, legal status, uncertain identity.

    For the youngest, sentences about a standing that name violence are left to the facilitator's notes.
    """
    source = on.corpus.sources[passage.source]
    told = []
    if source.standing != "good":
        note = re.split(r"(?<=[.!?])\s+", source.standing_note)
        kept = [s for s in note if s and not (on.age == "14-15" and frightening(s))]
        told.append(" ".join([MARKS[source.standing].strip(), *kept]))
    notices = cite.notices([passage], on.corpus, today)
    return (*told, *(n.text for n in notices if n.kind in ("legal_status", "identity", "basis")))


def questions(passage: Passage, on: Fitting) -> tuple[Question, ...]:
    """One question of each of the four kinds, by the stage of the passage and by what weighs on its source."""
    words = fixed()["questions"]
    inside = role_of(passage, on) == "story"
    speaker = _speaker(passage, on.corpus)
    stage = passage.stage[0] if passage.stage else ""

    def asked(kind: QuestionKind) -> Question:
        held = words[kind if inside else f"{kind}_outsider"]
        text = held.get(stage) or held["plain" if on.level == "plain" else "default"]
        return Question(kind=kind, text=text.format(who=speaker))

    weighed = words["source_criticism"][_weak_point(passage, on.corpus, on.level)]
    return (
        asked("comprehension"),
        asked("perspective"),
        Question(kind="source_criticism", text=weighed),
        asked("alternatives"),
    )


def _weak_point(passage: Passage, corpus: Corpus, level: Level) -> str:
    """What a reader should be careful about first: the key of a question on the source."""
    people = [corpus.persons[p] for p in passage.people if p in corpus.persons]
    if corpus.sources[passage.source].standing != "good":
        return "withdrawn"
    if passage.stance == "minimises":
        return "minimises"
    if "detainee" in passage.flags:
        return "detainee"
    if passage.type == "testimony_reported":
        return "reported"
    if passage.type == "family_or_victim":
        return "family"
    if passage.type in ("analysis", "opinion"):
        return passage.type
    if corpus.notes_of(passage):
        return "contradicted"
    if any(p.is_pseudonym for p in people):
        return "pseudonym"
    return "plain" if level == "plain" else "default"


def _speaker(passage: Passage, corpus: Corpus) -> str:
    """The one who speaks, by name; where there are several or none, a word that fits the questions."""
    people = [corpus.persons[p].name for p in passage.people if p in corpus.persons]
    return (
        people[0] if len(people) == 1 else "the speaker" if passage.type in ("testimony",) else "this voice"
    )


def speakers(passage: Passage, corpus: Corpus, today: dt.date) -> tuple[Speaker, ...]:
    """Notes for the facilitator on each person of a passage: status with its date, what is told otherwise elsewhere."""
    found = []
    notes = tuple(f"{n.date}: {_plain(n.note)}" for n in corpus.notes_of(passage))
    for person in (corpus.persons[p] for p in passage.people if p in corpus.persons):
        status = " ".join(n.text for n in cite.legal_notice(person, today))
        same = [
            f"{HEDGES[link.confidence]} the same person as {corpus.persons[link.person].name}."
            for link in person.same_as
            if link.person in corpus.persons and link.confidence != "certain"
        ]
        own = [_plain(person.notes)] if person.notes else []
        found.append(
            Speaker(
                person=person.id,
                name=who_is(person.name, changed=person.is_pseudonym),
                about=_plain(person.description),
                legal_status=status or "No court record is known to the corpus.",
                contradictions=(*own, *same, *notes),
            )
        )
    return tuple(found)


def who_is(name: str, *, changed: bool) -> str:
    return f"{name} (changed name)" if changed else name


def source_note(passage: Passage, corpus: Corpus) -> SourceNote:
    """How the account was obtained and how far it stands, from the source's card."""
    source = corpus.sources[passage.source]
    return SourceNote(
        source=source.id,
        title=source.title,
        how=_plain(source.method),
        standing=source.standing,
        standing_note=_plain(source.standing_note),
        as_of=source.as_of,
    )


def glossary(texts: str, corpus: Corpus) -> tuple[Word, ...]:
    """The glossary's words that occur in what is read."""
    return tuple(
        Word(term=t.term, meaning=t.definition)
        for t in corpus.terms
        if t.kind in EXPLAINED and any(_occurs(form, texts) for form in (t.term, *t.aliases))
    )


def on_paper(stimulus: Stimulus, words: int, corpus: Corpus, today: dt.date) -> HandoutPassage:
    """As much of a stimulus as fits in so many words, one statement at least, marked where it is doubted."""
    taken: list[Line] = []
    used = 0
    for line in stimulus.lines:
        used += len(line.text.split())
        if taken and used > words:
            break
        taken.append(line)
    return HandoutPassage(
        who=f"{MARKS[stimulus.standing]}{stimulus.title}",
        lines=tuple(taken),
        source=in_text(stimulus.passage, "apa", corpus, today),
    )


def _occurs(form: str, text: str) -> bool:
    return form in text and re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None


def _plain(text: str) -> str:
    """Words of a card without the web addresses in them, which belong to the source itself."""
    return re.sub(r"\s+([.,;:])", r"\1", " ".join(_ADDRESS.sub("", text).split()))


def _listed(words: list[str]) -> str:
    if len(words) > 3:
        return f"{', '.join(words[:3])} and others"
    return cite.listed(words)
