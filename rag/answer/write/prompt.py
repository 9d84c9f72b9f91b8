"""The model's instructions, from files: what is sent, and the hash that says which version was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from rag.answer.write.given import Given
from rag.chat import Message
from rag.model import Frozen

LENGTHS = {"short": 2, "medium": 4, "long": 8}  # most sentences
FILES = ("write.yaml", "condense.yaml")


Level = Literal["student", "practitioner"]


class Style(Frozen):
    """How an answer is written: for whom, how long, and in which language (None: that of the question)."""

    level: Level = "student"
    length: Literal["short", "medium", "long"] = "medium"
    language: str | None = None

    @property
    def most(self) -> int:
        return LENGTHS[self.length]


USUAL = Style()


def prompt_hash() -> str:
    """Twelve hex digits over the prompt files."""
    return hashlib.sha256("\0".join(map(_text, FILES)).encode()).hexdigest()[:12]


def secrets() -> tuple[str, ...]:
    """The instructions as they are sent: what must not be repeated to a reader."""
    return tuple(_system(name) for name in FILES)


def to_write(
    question: str, parts: Sequence[str], given: Given, style: Style, *, schema: bool
) -> list[Message]:
    """The messages that ask for an answer from the given statements."""
    told = _file("write.yaml")
    asked = told["ask"].format(
        evidence=given.marked(),
        question=_one_line(question),
        parts=f"{told['parts'].format(parts='; '.join(map(_one_line, parts)))} " if len(parts) > 1 else "",
        most=style.most,
        language=_language(style),
        form=_form(schema),
    )
    system = f"{_system('write.yaml')}\n{told['level'][style.level]}"
    return [Message(role="system", content=system), Message(role="user", content=asked)]


def to_repair(
    before: Sequence[Message], failed: Sequence[tuple[str, str, str]], *, schema: bool
) -> list[Message]:
    """The messages that ask once more for sentences that failed, each given as (refs, sentence, what was wrong)."""
    lines = "\n".join(
        f"{n}. [{refs}] {_one_line(text)} (wrong: {why})" for n, (refs, text, why) in enumerate(failed, 1)
    )
    asked = _file("write.yaml")["repair"].format(failed=lines, form=_form(schema))
    *start, last = before
    return [*start, last.model_copy(update={"content": f"{last.content}\n\n{asked}"})]


def to_condense(conversation: Sequence[tuple[str, str]], question: str) -> list[Message]:
    """The messages that ask for a standalone question; the conversation is given as (role, text)."""
    talk = "\n".join(f"{role}: {_one_line(text)}" for role, text in conversation)
    asked = _file("condense.yaml")["ask"].format(conversation=talk, question=_one_line(question))
    return [
        Message(role="system", content=_system("condense.yaml")),
        Message(role="user", content=asked),
    ]


def schema(refs: Sequence[str] | None) -> dict[str, Any]:
    """The JSON schema of a reply; with `refs` the ids are an enumeration of them.

    An endpoint that prepares a grammar for every new schema (OpenAI's does) is better asked with the same one always.
    """
    ref: dict[str, Any] = {"type": "string"} if refs is None else {"type": "string", "enum": list(refs)}
    ids: dict[str, Any] = {"type": "array", "items": ref}
    if refs is not None:
        ids |= {"minItems": 1, "maxItems": 3}
    fields = {"ids": ids, "speaker": {"type": "string"}, "text": {"type": "string"}}
    return _object({"sentences": {"type": "array", "items": _object(fields)}})


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _system(name: str) -> str:
    told = _file(name)
    return "\n".join([told["task"], *(f"- {r['say']}" for r in told["rules"])])


def _language(style: Style) -> str:
    told: Mapping[str, str] = _file("write.yaml")["language"]
    return told["question"] if style.language is None else told["named"].format(language=style.language)


def _form(schema: bool) -> str:
    return str(_file("write.yaml")["form"]["schema" if schema else "lines"])


def _one_line(text: str) -> str:
    return " ".join(text.split())


@cache
def _file(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(_text(name))
    return found


@cache
def _text(name: str) -> str:
    return resources.files("rag.answer.write").joinpath("prompts", name).read_text("utf-8")
