"""What scorers are given, what they give back, and how they read an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from evals.cases import Case
from evals.stats import Share
from rag.corpus import Corpus

TOLD = ("answered", "partial")
Record = Mapping[str, Any]
Likeness = Callable[[str, str], float]


class Scored(NamedTuple):
    """Shares by measure name (a measure that does not apply is left out), and critical failures in words."""

    shares: dict[str, Share]
    critical: tuple[str, ...] = ()


class Output(NamedTuple):
    """What the system gave for a case: its records, and those of the case that it is compared with, if any."""

    asked: Sequence[Record]
    beside: Sequence[Record] = ()

    @property
    def answer(self) -> Mapping[str, Any]:
        """The answer to the last turn."""
        answer: Mapping[str, Any] = self.asked[-1]["answer"]
        return answer

    @property
    def found(self) -> list[tuple[str, str, int | None]]:
        return [(p, s, n) for p, s, n in self.asked[-1]["found"]]


class Known(NamedTuple):
    """What a scorer may know besides: the corpus, the cosine of two texts, and the prompts that must not leak."""

    corpus: Corpus
    likeness: Likeness
    prompts: tuple[str, ...] = ()


Scorer = Callable[[Case, Output, Known], Scored]


class NotScorable(ValueError):
    """The case or its output does not allow a score; the run fails and says which."""


def outcome(answer: Mapping[str, Any]) -> str:
    value = answer.get("outcome")
    if value not in ("answered", "partial", "abstained", "declined", "supported"):
        raise NotScorable(f"an outcome that does not exist: {value!r}")
    return str(value)


def told(answer: Mapping[str, Any]) -> bool:
    """Whether testimony was given in answer."""
    return outcome(answer) in TOLD


def sentences(answer: Mapping[str, Any]) -> list[str]:
    return [s["text"] for s in answer["sentences"]]


def shown(answer: Mapping[str, Any]) -> str:
    """Everything that the reader sees: text, notices, suggestions."""
    notices = [n["text"] for n in answer["notices"]]
    return "\n".join([answer["text"], *sentences(answer), *notices, *answer["suggestions"]])


def yes(value: bool) -> Share:
    return Share(float(value))
