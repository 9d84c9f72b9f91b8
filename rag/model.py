"""The domain's types, all frozen: what the corpus holds and what an answer is made of.

`Passage` is the unit of retrieval and `Statement` (one self-contained sentence of a passage) the unit of citation.
Their ids never change: `<source-id>/<locator>` and `<source-id>/<locator>#<n>`, n counted from 1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PassageType = Literal[
    "testimony", "testimony_reported", "family_or_victim", "analysis", "method", "context", "opinion"
]
Stance = Literal["remorse", "ambivalent", "minimises", "still_supports", "not_stated"]
Standing = Literal["good", "disputed", "retracted"]
SourceKind = Literal[
    "interview",
    "research",
    "journalism",
    "court_record",
    "government",
    "memoir",
    "talk",
    "programme",
    "review",
]
LegalState = Literal["not_charged", "accused", "on_trial", "convicted", "acquitted", "withdrawn", "unknown"]
Flag = Literal[
    "graphic", "suicide", "sexual_violence", "minor", "propaganda", "operational", "named_accused", "detainee"
]
Voice = Literal["insider", "family", "researcher", "journalist", "official", "public_figure", "mentioned"]

PASSAGE_ID = r"^[a-z0-9]+(?:-[a-z0-9]+)*/[a-z]+[0-9]+[a-z]*$"
ISO_DATE = r"^\d{4}(?:-\d{2}(?:-\d{2})?)?$"


def _as_text(value: object) -> object:
    """YAML reads 2020 as a number and 2020-01-02 as a date; both are meant as text here."""
    if isinstance(value, (dt.date, int)) and not isinstance(value, bool):
        return str(value)
    return value


IsoDate = Annotated[str, Field(pattern=ISO_DATE), BeforeValidator(_as_text)]


class Frozen(BaseModel):
    """A value that cannot be changed after it was made and that refuses fields nobody defined."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- the corpus ------------------------------------------------------------------------------------------------


class Locator(Frozen):
    """The place in the original: exactly one of paragraph (non-empty lines from 1), page, or timecode."""

    paragraph: int | None = Field(None, ge=1)
    page: int | None = Field(None, ge=1)
    timecode: str | None = Field(None, pattern=r"^\d{2}:\d{2}:\d{2}(?:\.\d+)?$")
    also: tuple[int, ...] = Field((), description="Further paragraphs that give the base of a figure.")

    @model_validator(mode="after")
    def _one_place(self) -> Locator:
        if sum(x is not None for x in (self.paragraph, self.page, self.timecode)) != 1:
            raise ValueError("give exactly one of paragraph, page or timecode")
        return self

    @property
    def paragraphs(self) -> tuple[int, ...]:
        return () if self.paragraph is None else (self.paragraph,)

    def __str__(self) -> str:
        if self.paragraph is not None:
            return f"paragraph {self.paragraph}"
        return f"page {self.page}" if self.page is not None else f"at {self.timecode}"


class Statement(Frozen):
    id: str
    text: str

    @property
    def passage(self) -> str:
        return self.id.partition("#")[0]


LONGEST_OFFER = 16  # words of a question that is offered


class Reviewed(Frozen):
    """Who accepted a verbatim passage, and which words: `digest` is that of its statements (see `digest_of`)."""

    by: str = Field(min_length=1)
    on: IsoDate
    digest: str = Field(pattern=r"^[0-9a-f]{16}$")


def digest_of(statements: Sequence[str]) -> str:
    """Sixteen hex digits over the words that a reviewer accepted: a later change of them is seen."""
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()[:16]


class Passage(Frozen):
    id: str = Field(pattern=PASSAGE_ID)
    locator: Locator
    type: PassageType
    people: tuple[str, ...] = ()
    statements: tuple[str, ...] = Field(min_length=1, max_length=6)
    questions: tuple[str, ...] = Field(
        (), max_length=10, description="2 to 10 for an account; a verbatim passage needs none."
    )
    stage: tuple[str, ...] = Field((), max_length=3, description="The first is primary.")
    motives: tuple[str, ...] = Field((), max_length=3)
    disillusionment: tuple[str, ...] = Field((), max_length=3)
    stance: Stance | None = Field(None, description="Left out where no speaker judges.")
    flags: tuple[Flag, ...] = ()
    movements: tuple[str, ...] = Field(
        (), description="Families of movements it is about, where they are not those of the source's card."
    )
    notes: tuple[str, ...] = Field(
        (), description="Ids of the source's editorial notes that touch this passage."
    )
    reviewed: Reviewed | None = Field(None, description="Who accepted the words of a verbatim passage.")

    @property
    def source(self) -> str:
        return self.id.partition("/")[0]

    @property
    def text(self) -> str:
        return " ".join(self.statements)

    @property
    def offerable(self) -> tuple[str, ...]:
        """Its questions that are written well enough to be offered: whole questions of at most sixteen words."""
        return tuple(
            q
            for q in self.questions
            if q[0].isupper() and q.endswith("?") and len(q.split()) <= LONGEST_OFFER
        )

    def cited(self) -> tuple[Statement, ...]:
        return tuple(Statement(id=f"{self.id}#{n}", text=t) for n, t in enumerate(self.statements, 1))


class Asked(Frozen):
    """A question that a passage answers, in a stranger's words, and the statements that do; a curated question of the
    passage stands here too where somebody said which statements answer it."""

    passage: str = Field(pattern=PASSAGE_ID)
    answers: tuple[int, ...] = Field((), description="Numbers of the statements, the most important first.")
    question: str = Field(min_length=2)


class EditorialNote(Frozen):
    id: str = Field(pattern=r"^n\d+$")
    date: IsoDate
    paragraphs: tuple[int, ...] = ()
    contrast: bool = Field(False, description="The paragraphs say different things: answers show both sides.")
    note: str
    source: str


class LeftOut(Frozen):
    """A paragraph, or a closed range of them (first, last), that has no passage, and why."""

    paragraph: int | None = Field(None, ge=1)
    paragraphs: tuple[int, int] | None = None
    part: str | None = Field(
        None, description="Which part of the paragraph was left out, where the rest is a passage."
    )
    reason: str

    @model_validator(mode="after")
    def _one_place(self) -> LeftOut:
        if (self.paragraph is None) == (self.paragraphs is None):
            raise ValueError("give either paragraph or paragraphs: [first, last]")
        return self

    @property
    def covers(self) -> range:
        if self.paragraphs is not None:
            return range(self.paragraphs[0], self.paragraphs[1] + 1)
        assert self.paragraph is not None
        return range(self.paragraph, self.paragraph + 1)


class Source(Frozen):
    """The card of a source: what it is, who made it, how the testimony was obtained, and how far it can be trusted."""

    id: str = Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
    title: str
    authors: tuple[str, ...] = ()
    publisher: str
    published: IsoDate
    url: str = Field(pattern=r"^https?://")
    kind: SourceKind
    language: str = Field(pattern=r"^[a-z]{2}$")
    rendering: Literal["account", "verbatim"]
    basis: Literal["full", "digest"] = Field(
        "full", description="digest: written from a librarian's summary, the original was not read in full."
    )
    movements: tuple[str, ...] = Field(
        (), description="Families of movements that it is about; empty where it speaks of none in particular."
    )
    rights: str
    locator_unit: Literal["paragraph", "page", "timecode"]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    summary: str
    method: str
    standing: Standing
    standing_note: str = ""
    standing_source: str = ""
    as_of: IsoDate
    editorial_notes: tuple[EditorialNote, ...] = ()


class SourceFile(Frozen):
    """One file of corpus/sources: the card, what was left out, and the passages in their order."""

    source: Source
    left_out: tuple[LeftOut, ...] = ()
    passages: tuple[Passage, ...]

    @model_validator(mode="after")
    def _others_words_are_reviewed(self) -> SourceFile:
        """Words of others come into an index only as somebody accepted them; every reader of the corpus holds to it."""
        if self.source.rendering == "verbatim":
            for p in self.passages:
                if p.reviewed is None or p.reviewed.digest != digest_of(p.statements):
                    state = "was not reviewed" if p.reviewed is None else "was changed after its review"
                    raise ValueError(f"the verbatim passage {p.id} {state}: exitvoices ingest review")
        return self


class LegalStatus(Frozen):
    status: LegalState
    as_of: IsoDate
    source: str
    text: str = Field(description="One neutral sentence, as readers see it.")


class SamePerson(Frozen):
    """A record that two names may belong to one person, with the evidence on both sides."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    person: str
    confidence: Literal["certain", "probable", "possible"]
    evidence_for: tuple[str, ...] = Field((), alias="for")
    evidence_against: tuple[str, ...] = Field((), alias="against")
    source: tuple[str, ...] = ()


class Person(Frozen):
    id: str = Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
    name: str
    aliases: tuple[str, ...] = ()
    described_as: tuple[str, ...] = Field((), description="How readers who forgot the name call the person.")
    is_pseudonym: bool = False
    voice: Voice
    gender: Literal["man", "woman", "boy", "girl", "unknown"] = "unknown"
    nationality: tuple[str, ...] = ()
    age: int | None = Field(None, ge=0, le=120)
    age_as_of: IsoDate | None = None
    role: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    ideology: str | None = None
    description: str = ""
    sources: tuple[str, ...] = ()
    same_as: tuple[SamePerson, ...] = ()
    legal_status: LegalStatus | None = None
    notes: str | None = None


class Term(Frozen):
    id: str
    term: str
    aliases: tuple[str, ...] = ()
    kind: Literal["group", "place", "word", "organisation", "event", "person_term"]
    definition: str
    sources: tuple[str, ...] = Field(
        (), description="Where it occurs; empty for groups that the corpus does not hold."
    )


class Tag(Frozen):
    id: str
    label: str
    definition: str
    sources: tuple[str, ...] = ()
    example: str | None = None


class Taxonomy(Frozen):
    stages: tuple[Tag, ...]
    motives: tuple[Tag, ...]
    disillusionment: tuple[Tag, ...]
    stances: tuple[Tag, ...]
    flags: tuple[Tag, ...]
    types: tuple[Tag, ...]
    movements: tuple[Tag, ...] = ()


class Phone(Frozen):
    number: str | None = Field(None, description="E.164, or null for a short code.")
    display: str
    short_code: bool = False
    note: str | None = None


class Service(Frozen):
    """A help service. Only `active` rows checked within 180 days are ever shown."""

    id: str
    name: str
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")
    region: str | None = None
    what: str
    phone: tuple[Phone, ...] = ()
    url: str | None = None
    email: str | None = None
    sms: str | None = None
    hours: str | None = None
    languages: tuple[str, ...] | None = None
    who_answers: Literal[
        "police", "state", "ngo", "church", "health", "community", "security_agency", "mixed"
    ]
    who_answers_text: str
    audience: tuple[Literal["self", "relative", "professional", "child", "anyone"], ...]
    topics: tuple[Literal["extremism", "suicide", "child", "emergency", "reporting"], ...]
    published_on_page: str = "undated"
    source: str
    mark: Literal["V", "O", "M"]
    checked_on: IsoDate | None = None
    conflict: str | None = None
    status: Literal["active", "to_be_verified"]

    def shown_on(self, day: dt.date) -> bool:
        """Whether the row may be shown on that day: a person checked it no more than 180 days before."""
        if self.status != "active" or self.checked_on is None:
            return False
        return (day - dt.date.fromisoformat(self.checked_on)).days <= 180


class Emergency(Frozen):
    country: str = Field(pattern=r"^[A-Z]{2}$")
    numbers: tuple[str, ...]
    mark: Literal["V", "O", "M"]
    note: str | None = None


class Directory(Frozen):
    """The international list of helplines, for a country without a row of its own."""

    name: str
    url: str
    url_by_country: str | None = Field(None, description="The same with {CC} where the country code goes.")
    what: str
    checked_on: IsoDate | None = None
    source: str


class Support(Frozen):
    services: tuple[Service, ...]
    emergency: tuple[Emergency, ...]
    directory: Directory


# --- answers ---------------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    ANSWERED = "answered"
    PARTIAL = "partial"
    ABSTAINED = "abstained"
    DECLINED = "declined"
    SUPPORTED = "supported"


class Turn(Frozen):
    role: Literal["user", "assistant"]
    content: str


class Filters(Frozen):
    """Facets that restrict retrieval; values of one facet are alternatives, facets add up."""

    stage: tuple[str, ...] = ()
    motive: tuple[str, ...] = ()
    disillusionment: tuple[str, ...] = ()
    movement: tuple[str, ...] = ()
    ideology: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    gender: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in type(self).model_fields)

    @classmethod
    def parse(cls, pairs: Sequence[str]) -> Filters:
        """From `facet=value` pairs; raises ValueError that names the unknown facet or the malformed pair."""
        chosen: dict[str, list[str]] = {}
        for pair in pairs:
            facet, sep, value = pair.partition("=")
            if not sep or not value.strip():
                raise ValueError(f"'{pair}' is not facet=value, for example stage=exit")
            if facet.strip() not in cls.model_fields:
                raise ValueError(f"no facet '{facet.strip()}'; there are {', '.join(cls.model_fields)}")
            chosen.setdefault(facet.strip(), []).extend(v.strip() for v in value.split(",") if v.strip())
        return cls(**{k: tuple(v) for k, v in chosen.items()})


class Hit(Frozen):
    """A passage that retrieval found, with the parts that its score is made of."""

    passage: Passage
    score: float
    parts: dict[str, float]


class Sentence(Frozen):
    text: str
    citations: tuple[str, ...] = Field((), description="Ids of the statements that the sentence rests on.")


class Citation(Frozen):
    n: int
    statement: str
    passage: str
    source: str
    person: str | None
    locator: str
    quote: str
    title: str
    publisher: str
    date: str
    url: str


NoticeKind = Literal[
    "standing",
    "basis",
    "legal_status",
    "note",
    "representativeness",
    "content",
    "gap",
    "nearby",
    "language",
    "identity",
    "mode",
    "help",
]


class Notice(Frozen):
    kind: NoticeKind
    text: str


Mode = Literal["quote", "write"]


class Writing(Frozen):
    """What a language model did for an answer, and what it cost; also where its words were not used."""

    model: str
    prompt: str = Field(description="Hash of the instructions that it was given.")
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = Field(
        False, description="The endpoint did not tell its tokens; they were counted here."
    )
    cost: float | None = Field(
        None, description="In the currency of the prices that are set; None where none are."
    )
    cached: bool = False
    written: int = Field(0, description="Sentences that the model wrote.")
    repaired: int = Field(0, description="Of those, how many passed only when they were written once more.")
    dropped: int = Field(0, description="Of those, how many never passed and were not shown.")
    fell_back: str | None = Field(None, description="Why the answer is quoted instead; None where it is not.")


class Answer(Frozen):
    """What a question gets. `to_json` is the contract that the library, the command line and the evals share."""

    outcome: Outcome
    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    notices: tuple[Notice, ...] = ()
    standalone_question: str = ""
    suggestions: tuple[str, ...] = ()
    mode: Mode = "quote"
    model: str | None = None
    corpus_version: str = ""
    timing_ms: dict[str, float] = Field(default_factory=dict)
    nearby: tuple[str, ...] = Field(
        (), description="Ids of statements near a question that was not answered, one a passage; not cited."
    )
    writing: Writing | None = Field(None, description="Only where a language model was asked.")
    trace: dict[str, Any] = Field(default_factory=dict)

    def to_json(self, *, trace: bool = False) -> dict[str, Any]:
        """The answer as plain data; `trace` adds why each passage came up and what the decision rested on."""
        apart = {"nearby"} if trace else {"nearby", "trace"}
        return self.model_dump(mode="json", exclude=apart if self.writing else {*apart, "writing"})
