"""What a session pack is made of. A pack is a value: saved as YAML or JSON, changed by a person, read again.

The parts follow the packs of the field (UNODC E4J, UNESCO's guide, Extreme Dialogue): prepare, read, question, act,
debrief, follow up. What rests on the corpus (stimuli, notes on people, warnings, help) can be made anew from it.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

from pydantic import Field, model_validator

from rag.model import Flag, Frozen, Standing

FORMAT: Literal["exitvoices-pack/1"] = "exitvoices-pack/1"
AgeBand = Literal["14-15", "16-18", "18+"]
AGE_BANDS: tuple[AgeBand, ...] = get_args(AgeBand)
Minutes = Literal[30, 50, 60, 90]
LENGTHS: tuple[Minutes, ...] = get_args(Minutes)
Level = Literal["plain", "standard"]
LEVELS: tuple[Level, ...] = get_args(Level)
QuestionKind = Literal["comprehension", "perspective", "source_criticism", "alternatives"]
QUESTION_KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)
Role = Literal["story", "counter_voice"]


class Brief(Frozen):
    """What a facilitator asks for: a theme or a question of their own, and for whom."""

    theme: str | None = Field(None, description="An id of themes.yaml, or kind:tag such as stage:doubt.")
    question: str | None = None
    age: AgeBand = "16-18"
    minutes: Minutes = 50
    group_size: int = Field(24, ge=2, le=60)
    level: Level = "standard"
    curriculum: str | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")

    @model_validator(mode="after")
    def _one_subject(self) -> Brief:
        if (self.theme is None) == (self.question is None):
            raise ValueError("give either a theme or a question")
        return self


class Aims(Frozen):
    cognitive: str
    socio_emotional: str
    behavioural: str


class Speaker(Frozen):
    """Who speaks in a stimulus, for the facilitator's eyes."""

    person: str
    name: str
    about: str
    legal_status: str = ""
    contradictions: tuple[str, ...] = ()


class SourceNote(Frozen):
    """Where a stimulus comes from: how the account was obtained, and how far it stands."""

    source: str
    title: str
    how: str
    standing: Standing
    standing_note: str
    as_of: str


class Word(Frozen):
    term: str
    meaning: str


class FacilitatorBrief(Frozen):
    speakers: tuple[Speaker, ...] = ()
    sources: tuple[SourceNote, ...]
    glossary: tuple[Word, ...] = ()
    limits: tuple[str, ...]


class Warned(Frozen):
    kind: Flag | Literal["group"]
    text: str


class Line(Frozen):
    """A statement as it stands in the corpus."""

    statement: str
    text: str


class Question(Frozen):
    kind: QuestionKind
    text: str


class Stimulus(Frozen):
    """A short passage to read, with whose word it is, what must be said with it, and questions."""

    passage: str
    role: Role
    title: str
    voice: str
    lines: tuple[Line, ...] = Field(min_length=1)
    citation: str
    standing: Standing = "good"
    notes: tuple[str, ...] = Field(
        (), description="Read aloud with it: status of people, doubts, later events."
    )
    questions: tuple[Question, ...] = Field(min_length=1)


class Section(Frozen):
    title: str
    steps: tuple[str, ...]


class Slot(Frozen):
    """Minutes of a part, in the order of the session. Passages are `stimulus 1`, `stimulus 2`, …"""

    part: str
    minutes: int = Field(ge=1)


class HelpRow(Frozen):
    service: str = Field(description="Id in corpus/support.yaml, or `directory`.")
    name: str
    reach: str
    what: str
    who_answers: str = ""
    hours: str = ""
    checked_on: str = ""


class SupportBox(Frozen):
    country: str | None
    title: str
    text: str
    emergency: str
    services: tuple[HelpRow, ...]
    local: str


class Evaluation(Frozen):
    scale: tuple[str, ...]
    pupil_form: tuple[str, ...]
    facilitator_log: tuple[str, ...]


class HandoutPassage(Frozen):
    who: str
    lines: tuple[Line, ...]
    source: str


class Handout(Frozen):
    """One page for the reader's hand, in large print."""

    title: str
    content_note: str
    passages: tuple[HandoutPassage, ...]
    questions: tuple[str, ...]
    help: tuple[str, ...]


class Quoted(Frozen):
    source: str
    words: int
    rights: str


class Licence(Frozen):
    text: str
    quoted: tuple[Quoted, ...]


class Pack(Frozen):
    format: Literal["exitvoices-pack/1"] = FORMAT
    title: str
    brief: Brief
    adults_only: bool = False
    aims: Aims
    curriculum_links: tuple[str, ...] = ()
    facilitator_brief: FacilitatorBrief
    before_you_start: tuple[str, ...]
    content_warnings: tuple[Warned, ...]
    ground_rules: tuple[str, ...]
    schedule: tuple[Slot, ...]
    opening: Section
    warm_up: Section
    stimuli: tuple[Stimulus, ...]
    stimulus_steps: tuple[str, ...]
    activity: Section
    tolerance_task: Section
    debrief: Section
    support_box: SupportBox
    follow_up: tuple[str, ...]
    evaluation: Evaluation
    handout: Handout
    missing: tuple[str, ...] = Field((), description="What the corpus could not give for this session.")
    balance: str
    licence: Licence
    corpus_version: str
    generated_by: str
    reviewed_by: str = ""
    date: dt.date


class NoPack(Exception):
    """There is no pack for this brief; the message says why, kindly, and what could be done instead."""


class EditRefused(ValueError):
    """A change that would leave the pack unfit; the message says why."""
