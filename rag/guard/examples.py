"""The labelled examples that the intent model learns from: rag/guard/data/examples/*.jsonl, one JSON object a line."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from rag.corpus import Corpus
from rag.guard.language import language_of
from rag.model import Frozen, Turn

Label = Literal[
    "operational", "recruiting", "propaganda_making", "propaganda_finding", "glorification", "hate", "identifying",
    "profiling", "injection", "drawn_in", "worried", "left_afraid", "self_harm", "imminent", "study", "off_topic",
]  # fmt: skip


ASKED_WEIGHT = 0.3
BROAD = 3  # passages that answer a question from which it counts as a broad one
# Files of near twins, one detail apart: at full weight the model learns those details and reads other people's messages
# no better, or worse (MODEL_CARD.md).
NEAR_TWINS = frozenset("g15h hints middle need opera persons2 speech talks tongues".split())
TWIN_WEIGHT = 0.3
APART = 10  # one family in so many is kept from what is learnt, to blend, calibrate and measure on
WORN = 1 / 8  # the share of examples that are also learnt as typed in haste


class Example(Frozen):
    """What somebody might type, what they are after, and the family of examples that share its words or idea."""

    id: str
    text: str | None = None
    messages: tuple[Turn, ...] = ()
    label: Label
    family: str
    lang: Literal["en", "fr", "de", "nl", "es", "ar", "tr"]
    manner: str = Field(
        alias="register", description="Who speaks and in what frame: teen, official, novel, typo, …"
    )
    writer: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Example:
        if (self.text is None) == (not self.messages):
            raise ValueError("give either text or messages")
        return self


class Row(NamedTuple):
    """One text to learn from. `weight` is below one where the text alone may not show what is meant."""

    text: str
    label: str
    family: str
    lang: str
    register: str
    writer: str
    weight: float
    whole: bool  # a single text or a whole conversation, as opposed to its last turn or a copy typed in haste


def read_examples(folder: Path) -> tuple[Example, ...]:
    """Every example of the folder's files, by file name and line; `writer` is the file's name without its ending."""
    return tuple(
        Example.model_validate({**json.loads(line), "writer": path.stem})
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    )


def broad(corpus: Corpus) -> dict[str, list[str]]:
    """Strangers' questions that several passages answer, with the ids of these."""
    answering: dict[str, list[str]] = {}
    for passage_id, questions in corpus.questions.items():
        for each in questions:
            answering.setdefault(each.question, []).append(passage_id)
    return {question: passages for question, passages in answering.items() if len(passages) >= BROAD}


def asked(corpus: Corpus, twins: Path) -> list[Row]:
    """What readers ask of the corpus, all of it study: its curated questions, strangers' broad ones ("do they regret
    it"), which several passages answer, and questions beside its stories.

    Strangers ask of dark things in other words than the writers of examples, and the corpus knows hundreds of such
    questions. They weigh less than examples, being many and alike. `twins` is a file of questions by one JSON object
    a line (`question`, `kind`, `relevant`), the training part of the answerability cases.
    """
    found = [
        Row(question, "study", passage.id, "en", "asked", "corpus", ASKED_WEIGHT, True)
        for passage in corpus.passages.values()
        for question in passage.questions
    ]
    found += [
        Row(
            question,
            "study",
            " ".join(sorted(passages)),
            language_of(question),
            "asked",
            "broad",
            ASKED_WEIGHT,
            True,
        )
        for question, passages in broad(corpus).items()
    ]
    for line in twins.read_text("utf-8").splitlines():
        case = json.loads(line)
        near = next(iter(case["relevant"]), None)
        family = f"{near['source']}/p{near['paragraph']}" if near else case["id"]
        label = "off_topic" if case["kind"] == "off_topic" else "study"
        found.append(Row(case["question"], label, family, "en", "asked", "twins", ASKED_WEIGHT, True))
    return found


def kept_apart(family: str) -> bool:
    """Whether a family of examples belongs to the tenth that neither the encoder nor the words learn from."""
    return int(hashlib.sha256(family.encode()).hexdigest(), 16) % APART == 0


def flattened(messages: Sequence[Turn]) -> str:
    """A conversation as one text: what the user said, a turn a line."""
    return "\n".join(turn.content for turn in messages if turn.role == "user")


def rows(examples: Sequence[Example]) -> list[Row]:
    """Texts to learn from: single texts; of conversations the user's turns joined, the last two, and the last one."""
    found: list[Row] = []
    for e in examples:
        about = (e.label, e.family, e.lang, e.manner, e.writer)
        weight = TWIN_WEIGHT if e.writer in NEAR_TWINS else 1.0
        if e.text is not None:
            found.append(Row(e.text, *about, weight, True))
        else:
            found.append(Row(flattened(e.messages), *about, weight, True))
            found.append(Row(e.messages[-1].content, *about, 0.5 * weight, False))
            if sum(turn.role == "user" for turn in e.messages) > 2:
                found.append(Row(flattened(e.messages[-3:]), *about, 0.5 * weight, False))
    return found


def worn(originals: Iterable[Row], seed: int = 0) -> Iterator[Row]:
    """A copy of one row in eight as it might be typed in haste: without capitals and points, or with slips of the hand.

    The sentence vector shifts with a capital or a slip; what is asked does not.
    """
    for row in originals:
        chance = random.Random(f"{seed} {row.text}")  # new examples leave the copies of the old as they were
        if chance.random() >= WORN:
            continue
        text = chance.choice((_hasty, _slipped))(row.text, chance)
        if text != row.text:
            yield row._replace(text=text, weight=row.weight * 0.5, whole=False)


def _hasty(text: str, chance: random.Random) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c.isspace() or c in "'’")


def _slipped(text: str, chance: random.Random) -> str:
    """One word in six of four letters and more with two letters swapped, one dropped or one doubled."""

    def slip(word: str) -> str:
        at = chance.randrange(1, len(word) - 1)
        kinds = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
        return chance.choice(kinds)

    return " ".join(slip(w) if len(w) >= 4 and chance.random() < 1 / 6 else w for w in text.split(" "))
