"""The labelled examples that the intent model learns from: rag/guard/data/examples/*.jsonl, one JSON object a line."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from rag.corpus import Corpus
from rag.guard.features import names
from rag.model import Frozen, Turn

Label = Literal[
    "operational", "recruiting", "propaganda_making", "propaganda_finding", "glorification", "hate", "identifying",
    "profiling", "injection", "drawn_in", "worried", "left_afraid", "self_harm", "imminent", "study", "off_topic",
]  # fmt: skip


ASKED_WEIGHT = 0.3


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
    whole: bool  # a single text or a whole conversation, as opposed to its last turn or a swapped copy


def read_examples(folder: Path) -> tuple[Example, ...]:
    """Every example of the folder's files, by file name and line; `writer` is the file's name without its ending."""
    return tuple(
        Example.model_validate({**json.loads(line), "writer": path.stem})
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    )


def asked(corpus: Corpus, twins: Path) -> list[Row]:
    """What readers ask of the corpus, all of it study: its curated questions, and questions beside its stories.

    Strangers ask of dark things in other words than the writers of examples, and the corpus knows hundreds of such
    questions. They weigh less than examples, being many and alike. `twins` is a file of questions by one JSON object
    a line (`question`, `kind`, `relevant`), the training part of the answerability cases.
    """
    found = [
        Row(question, "study", passage.id, "en", "asked", "corpus", ASKED_WEIGHT, True)
        for passage in corpus.passages.values()
        for question in passage.questions
    ]
    for line in twins.read_text("utf-8").splitlines():
        case = json.loads(line)
        near = next(iter(case["relevant"]), None)
        family = f"{near['source']}/p{near['paragraph']}" if near else case["id"]
        label = "off_topic" if case["kind"] == "off_topic" else "study"
        found.append(Row(case["question"], label, family, "en", "asked", "twins", ASKED_WEIGHT, True))
    return found


def flattened(messages: Sequence[Turn]) -> str:
    """A conversation as one text: what the user said, a turn a line."""
    return "\n".join(turn.content for turn in messages if turn.role == "user")


def rows(examples: Sequence[Example]) -> list[Row]:
    """Texts to learn from: single texts; of conversations the user's turns joined, the last two, and the last one."""
    found: list[Row] = []
    for e in examples:
        about = (e.label, e.family, e.lang, e.manner, e.writer)
        if e.text is not None:
            found.append(Row(e.text, *about, 1.0, True))
        else:
            found.append(Row(flattened(e.messages), *about, 1.0, True))
            found.append(Row(e.messages[-1].content, *about, 0.5, False))
            if sum(turn.role == "user" for turn in e.messages) > 2:
                found.append(Row(flattened(e.messages[-3:]), *about, 0.5, False))
    return found


def swapped(originals: Sequence[Row], seed: int = 0) -> Iterator[Row]:
    """A copy of every row that names a movement, people or faith, with another name of the same kind and form.

    Counterfactual augmentation (Lu and others, 2018): what is asked stays, whom it is about changes, so the model has
    no reason to judge a question by its group. English only, where a name of one list fits the place of another.
    """
    lists = names()
    kind_of = {name: kind for kind, found in lists.items() for name in found if kind != "country"}
    form = re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(kind_of, key=len, reverse=True)))})(?![\w-])",
        re.IGNORECASE,
    )
    for row in originals:
        if row.lang != "en":
            continue
        chance = _chance(row, seed)
        changed: dict[str, str] = {}
        for match in form.finditer(row.text):
            old = match.group().casefold()
            others = [
                n for n in lists[kind_of[old]] if n != old and n.startswith("the ") == old.startswith("the ")
            ]
            changed.setdefault(old, chance.choice(others))
        if changed:
            yield row._replace(text=_renamed(row.text, form, changed), weight=row.weight * 0.5, whole=False)


def worn(originals: Sequence[Row], seed: int = 0) -> Iterator[Row]:
    """A copy of every other row as it might be typed in haste: without capitals and points, or with slips of the hand.

    The sentence vector shifts with a capital or a slip; what is asked does not.
    """
    for row in originals:
        chance = _chance(row, seed)
        manner = chance.choice((_hasty, _slipped, None, None))
        text = manner(row.text, chance) if manner else row.text
        if text != row.text:
            yield row._replace(text=text, weight=row.weight * 0.5, whole=False)


def _chance(row: Row, seed: int) -> random.Random:
    """Drawn from the text itself, so that new examples leave the copies of the old ones as they were."""
    return random.Random(f"{seed} {row.text}")


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


def _renamed(text: str, form: re.Pattern[str], changed: Mapping[str, str]) -> str:
    return form.sub(lambda m: _cased(m.group(), changed[m.group().casefold()]), text)


def _cased(old: str, new: str) -> str:
    """The new name in the manner of the old one: capitals where it had them."""
    if old.isupper() and len(old) > 1:
        return new.upper()
    return " ".join(w[:1].upper() + w[1:] for w in new.split(" ")) if old[:1].isupper() else new
