"""The cases: what is asked, of what kind it is, and what a right answer must and must not do.

One file of JSON lines for each kind under `evals/cases/`. Every case carries its split (`dev` may be looked at while
building, `test` only measured), its author's note and a hash over everything else, so that no case changes unnoticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from rag.model import Frozen, Turn
from rag.settings import ROOT

CASES = ROOT / "evals" / "cases"
Split = Literal["dev", "test"]


class CaseError(ValueError):
    """A case file that cannot be used; the message names the file, the line and what to do."""


class Place(Frozen):
    """A paragraph of an original; grade 2 answers the question, grade 1 helps."""

    source: str
    paragraph: int = Field(ge=1)
    grade: Literal[1, 2] = 2


class Nugget(Frozen):
    """One atomic fact. It is said when every list of `must` has an alternative in the text."""

    text: str
    vital: bool
    must: tuple[tuple[str, ...], ...] = Field(min_length=1)


class Case(Frozen):
    """What all cases share. `group` ties cases that must be resampled together: a pair, a family, a source."""

    id: str = Field(pattern=r"^[a-z]+[0-9]?-[0-9]+[a-z]?$")
    split: Split
    tags: tuple[str, ...] = ()
    note: str = ""
    hash: str = ""

    @property
    def group(self) -> str:
        return self.id

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything that the case can be picked and counted by."""
        return self.tags

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation as the system gets it, ending with the turn to be answered."""
        raise NotImplementedError

    @property
    def evidence(self) -> tuple[Place, ...]:
        return ()


class Single(Case):
    """A case of one question, or of one given conversation whose last turn is to be answered."""

    question: str | None = None
    messages: tuple[Turn, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_ask(self) -> Self:
        if (self.question is None) == (not self.messages):
            raise ValueError("give either question or messages")
        if self.messages and self.messages[-1].role != "user":
            raise ValueError("messages must end with a user turn")
        return self

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.messages or (Turn(role="user", content=self.question or ""),)

    @property
    def asked(self) -> str:
        return self.turns[-1].content


class AnswerCase(Single):
    """A question that the corpus answers, with the paragraphs, the facts and the sources that it needs."""

    kind: Literal["single_fact", "figure", "why_how", "several_passages", "several_sources", "paraphrase"]
    voice: Literal["student", "practitioner", "evaluator", "clumsy"]
    relevant: tuple[Place, ...] = Field(min_length=1)
    nuggets: tuple[Nugget, ...] = Field(min_length=1)
    sources_needed: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _something_vital(self) -> Self:
        if not any(n.vital for n in self.nuggets):
            raise ValueError("at least one nugget must be vital")
        return self

    @property
    def group(self) -> str:
        return self.relevant[0].source

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.kind, self.voice, *self.tags)))

    @property
    def evidence(self) -> tuple[Place, ...]:
        return self.relevant


class UnanswerableCase(Single):
    """A question that the corpus does not answer, with the paragraphs that sound as if they did."""

    kind: str
    voice: str = ""
    near: tuple[Place, ...] = ()
    why: str = ""
    correction: str = Field("", description="What the corpus does say where the premise is false.")
    status_note_ok: bool = Field(
        False, description="An editorial note or legal status holds the later event."
    )

    @property
    def group(self) -> str:
        return self.near[0].source if self.near else self.id

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.kind, *([self.voice] if self.voice else []), *self.tags)

    @property
    def evidence(self) -> tuple[Place, ...]:
        return self.near


class ConversationTurn(Frozen):
    """One user turn: what it means in full and what its answer needs."""

    user: str
    standalone: str = ""
    answerable: bool | None = Field(None, description="None where the turn only leads up to the next.")
    relevant: tuple[Place, ...] = ()
    nuggets: tuple[Nugget, ...] = ()
    link: str = ""


class ConversationCase(Case):
    dialogue: tuple[ConversationTurn, ...] = Field(min_length=2, max_length=5)

    @property
    def group(self) -> str:
        places = self.evidence
        return places[0].source if places else self.id

    @property
    def labels(self) -> tuple[str, ...]:
        return (*dict.fromkeys(t.link for t in self.dialogue if t.link), *self.tags)

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(Turn(role="user", content=t.user) for t in self.dialogue)

    @property
    def evidence(self) -> tuple[Place, ...]:
        return tuple(p for t in self.dialogue for p in t.relevant)


class Expected(Frozen):
    """What an answer about a contested person, source or figure must carry. Phrases are lower case."""

    say: tuple[tuple[str, ...], ...] = ()
    not_say: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    not_cite: tuple[str, ...] = ()
    attributed_to: tuple[str, ...] = ()
    allow_abstain: bool = False


class ProvenanceCase(Single):
    kind: str
    places: tuple[Place, ...] = ()
    expect: Expected

    @property
    def group(self) -> str:
        return self.places[0].source if self.places else self.id

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.kind, *self.tags)

    @property
    def evidence(self) -> tuple[Place, ...]:
        return self.places


class IntentCase(Single):
    """One half of a pair that shares its words and differs in intent."""

    pair: str
    intent: Literal["unsafe", "benign"]
    category: str
    severity: int | None = Field(None, ge=3, le=4)

    @property
    def group(self) -> str:
        return self.pair

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.category, self.intent, *(["multi-turn"] if self.messages else []), *self.tags)


class DistressCase(Single):
    """Somebody in difficulty (`distress`), or a harmless question with the same words (`study`)."""

    label: Literal["distress", "study"]
    kind: str
    explicit: bool | None = None
    urgent: bool = False
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")

    @property
    def labels(self) -> tuple[str, ...]:
        plain = {True: ("explicit",), False: ("indirect",), None: ()}[self.explicit]
        return tuple(dict.fromkeys((self.label, self.kind, *plain, *self.tags)))


class ParityCase(Single):
    """One of two cases that differ only in the group they ask about."""

    pair: str
    about: str
    axis: str
    nature: Literal["neutral", "loaded", "unsafe"]

    @property
    def group(self) -> str:
        return self.pair

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.nature, self.axis, *self.tags)


class Effect(Frozen):
    """What an injection tries to bring about; it succeeded when the effect is there."""

    type: Literal["contains", "leaks_prompt", "uncited", "notices_lost", "language"]
    any: tuple[str, ...] = ()
    lang: str | None = None


class Plant(Frozen):
    """A sentence with an instruction in it that is put into a copy of the corpus."""

    statement: str
    title: str | None = None


class InjectionCase(Single):
    family: str
    effect: Effect
    plant: Plant | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.family, *self.tags)


class BenignCase(Single):
    """A harmless question with words that frighten a filter."""

    label: Literal["benign"]

    @property
    def labels(self) -> tuple[str, ...]:
        return ("harmless_trigger", *self.tags)


class VariantCase(Single):
    """Another wording of an accuracy case; it should be answered as its base is."""

    base: str
    variant: str
    relevant: tuple[Place, ...] = Field(min_length=1)

    @property
    def group(self) -> str:
        return self.base

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.variant, *self.tags)

    @property
    def evidence(self) -> tuple[Place, ...]:
        return self.relevant


class PackCase(Case):
    """A brief for a session pack, and what must come of it: a sound pack, or none with a reason."""

    brief: dict[str, Any]
    expect: Literal["pack", "no_pack"]
    voices: int = Field(2, description="Fewest passages that the pack must hold.")
    reason: str = Field("", description="Words, lower case, that the refusal must hold.")

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.expect, f"age {self.brief.get('age', '16-18')}", *self.tags)

    @property
    def turns(self) -> tuple[Turn, ...]:
        told = ", ".join(f"{k} {v}" for k, v in self.brief.items())
        return (Turn(role="user", content=f"A session pack: {told}"),)


FILES: dict[str, type[Case]] = {
    "retrieval": AnswerCase,
    "accuracy": AnswerCase,
    "unanswerable": UnanswerableCase,
    "off_topic": UnanswerableCase,
    "conversation": ConversationCase,
    "provenance": ProvenanceCase,
    "safety": IntentCase,
    "distress": DistressCase,
    "stigma": ParityCase,
    "injection": InjectionCase,
    "harmless_triggers": BenignCase,
    "robustness": VariantCase,
    "packs": PackCase,
}


def load(name: str, folder: Path = CASES) -> tuple[Case, ...]:
    """The cases of one file in its order; empty where the file does not exist.

    Raises CaseError for the first line that is not such a case or whose id stood before.
    """
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        return ()
    cases: dict[str, Case] = {}
    for number, row in rows(path):
        try:
            case = FILES[name].model_validate(row)
        except ValidationError as e:
            first = e.errors(include_url=False)[0]
            where = ".".join(str(x) for x in first["loc"]) or "the case"
            raise CaseError(
                f"{path.name}, line {number}, {row.get('id', 'no id')}: {where}: {first['msg']}"
            ) from e
        if case.id in cases:
            raise CaseError(f"{path.name}, line {number}: the id {case.id} stands twice; give it a new one")
        cases[case.id] = case
    return tuple(cases.values())


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers from 1 and JSON objects of a file; raises CaseError for a line that is none."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as e:
            raise CaseError(f"{path.name}, line {number}: not JSON ({e})") from e
        if not isinstance(row, dict):
            raise CaseError(f"{path.name}, line {number}: not a JSON object")
        yield number, row


def content_hash(row: dict[str, Any]) -> str:
    """12 hex digits over everything in a case but its hash."""
    content = {k: v for k, v in row.items() if k != "hash"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def to_line(row: dict[str, Any]) -> str:
    """A case as its line, sealed with its hash."""
    return json.dumps(
        {**{k: v for k, v in row.items() if k != "hash"}, "hash": content_hash(row)}, ensure_ascii=False
    )


def picked(cases: Sequence[Case], split: str, tags: Sequence[str] = ()) -> tuple[Case, ...]:
    """The cases of a split (`all` for both) that carry one of the tags, where any are given."""
    return tuple(
        c for c in cases if split in ("all", c.split) and (not tags or set(tags) & {*c.labels, c.id})
    )
