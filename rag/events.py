"""What an answer is while it comes about: the events of `Assistant.stream`."""

from __future__ import annotations

from rag.model import Answer, Citation, Frozen, Notice, Sentence


class Status(Frozen):
    """What is being done. The same may come again and again: it gives whoever reads the chance to stop."""

    text: str


class Said(Frozen):
    """A sentence that may be shown now, with the citations that are new with it."""

    sentence: Sentence
    citations: tuple[Citation, ...]


class Noted(Frozen):
    notice: Notice


class Anew(Frozen):
    """What was said and noted so far is taken back; another answer follows."""


class Done(Frozen):
    """The answer as it stands in the end, whatever was shown on the way."""

    answer: Answer


Event = Status | Said | Noted | Anew | Done
