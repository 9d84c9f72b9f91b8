"""The model's reply, read while it comes: sentences with the ids that they rest on, as soon as each is complete.

Two forms are read, whichever comes: JSON objects with a `text` (wherever they stand in the reply), or lines
`ids | speaker | sentence`. What is neither is counted and never shown.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

LONGEST = 40_000  # characters of a reply; a model that writes more has run away
LONGEST_OPEN = 6_000  # characters without a complete sentence
LINE = re.compile(
    r"^\W*(?:\d+[.)]\s+)?\W*(?P<ids>\w[\w\s,;&\[\]]*?)\W*\|(?P<speaker>[^|]*)\|(?P<text>[^|]+)\|?\s*$"
)
STRING = r'"(?:[^"\\]|\\.)*"'
TORN = re.compile(
    rf'"ids"\s*:\s*(?P<ids>\[[^\]]*\])\s*,\s*"speaker"\s*:\s*(?P<speaker>{STRING})\s*,'
    r'\s*"text"\s*:\s*"(?P<text>(?:[^"\\]|\\.)*)$'
)
BETWEEN = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[\"“‘(]?[A-ZÀ-ÞА-Я])")
TITLES = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Lt|Sgt|Jr|Sr|vs|No|[A-Z])\.$")


class Draft(NamedTuple):
    """A sentence as the model wrote it, unchecked."""

    refs: tuple[str, ...]
    speaker: str | None
    text: str


class RanAway(ValueError):
    """The reply goes on without end or without a sentence."""


class Parser:
    """Feed it pieces; each call gives the sentences that are complete since the last one."""

    def __init__(self) -> None:
        self.stray = 0
        self.json = False
        self._text = ""
        self._at = 0  # how far the text has been read
        self._line = 0  # where the current line starts
        self._since = 0  # where the last complete sentence ended
        self._open: list[int] = []  # where the open objects start
        self._quoted = self._escaped = False

    def feed(self, piece: str) -> list[Draft]:
        """Raises RanAway for a reply that is too long, or has been too long without a sentence."""
        self._text += piece
        found: list[Draft] = []
        while self._at < len(self._text):
            found += self._step(self._text[self._at])
            self._at += 1
        if len(self._text) > LONGEST or len(self._text) - self._since > LONGEST_OPEN:
            raise RanAway("the reply does not end")
        return found

    def end(self, *, cut: bool) -> tuple[list[Draft], bool]:
        """The last sentences, and whether the reply was whole; where it was cut off, the torn one is dropped."""
        if self.json:
            return self._torn() if cut and self._open else [], cut or not self._open
        rest = self._text[self._line :]
        return ([] if cut else self._of_line(rest)), True

    def _step(self, c: str) -> list[Draft]:
        if self._open and self._quoted:
            if self._escaped:
                self._escaped = False
            elif c == "\\":
                self._escaped = True
            elif c == '"':
                self._quoted = False
        elif self._open and c == '"':
            self._quoted = True
        elif c == "{":
            self.json = True
            self._open.append(self._at)
        elif c == "}" and self._open:
            return self._of_object(self._text[self._open.pop() : self._at + 1])
        elif c == "\n":
            line, self._line = self._text[self._line : self._at], self._at + 1
            return [] if self.json else self._of_line(line)
        return []

    def _of_object(self, text: str) -> list[Draft]:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            self.stray += 1
            return []
        if not isinstance(value, dict) or "text" not in value:
            return []
        self._since = self._at + 1
        speaker = value.get("speaker")
        return _split(
            Draft(_refs(value.get("ids")), speaker if isinstance(speaker, str) else None, str(value["text"]))
        )

    def _torn(self) -> list[Draft]:
        """The complete sentences of an object that was cut off within its text."""
        match = TORN.search(self._text, self._open[-1])
        if not match:
            return []
        try:
            ids, speaker, text = (
                json.loads(match["ids"]),
                json.loads(match["speaker"]),
                json.loads(f'"{match["text"]}"'),
            )
        except ValueError:
            return []
        return _split(Draft(_refs(ids), speaker, str(text)))[:-1]

    def _of_line(self, line: str) -> list[Draft]:
        match = LINE.match(line)
        if not match:
            self.stray += bool(line.strip())
            return []
        self._since = self._at + 1
        refs = tuple(re.findall(r"\w+", match["ids"]))
        return _split(Draft(refs, match["speaker"].strip() or None, match["text"]))


def _refs(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(str(v).strip().strip("[]") for v in listed if v))


def _split(draft: Draft) -> list[Draft]:
    """One draft for each sentence of the text, each resting on the same statements."""
    pieces: list[str] = []
    for piece in BETWEEN.split(" ".join(draft.text.split())):
        if pieces and TITLES.search(pieces[-1]):
            pieces[-1] = f"{pieces[-1]} {piece}"
        elif piece:
            pieces.append(piece)
    return [draft._replace(text=p) for p in pieces]
