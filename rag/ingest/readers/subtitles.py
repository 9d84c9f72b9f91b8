"""VTT and SRT: speeches with the timecode at which they begin and their speaker, never cut through a sentence.

A cue often ends within a sentence, so cues of one speaker are joined and cut again where sentences end. The timecode is
that of the cue in which the first word stands.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from rag.ingest.document import Block, Document, Format, Hidden, one_line
from rag.ingest.limits import Limits, Unreadable
from rag.ingest.readers.plain import decoded
from rag.ingest.sentences import grouped, sentences

PAUSE = 6.0  # seconds without speech after which something new begins
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+([^>]+)>")
_TAG = re.compile(r"</?(?:[bicuv]|lang|ruby|rt|font)\b[^>]*>|<\d\d:\d\d[\d:.]*>", re.IGNORECASE)
_NAME = re.compile(r"^(?:>>\s*)?([A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,3}|[A-Z][A-Z .'’-]{1,30})\s?:\s+")
_NOTE = re.compile(r"^NOTE\b(.*?)(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """The speeches. Raises Unreadable for a file without cues."""
    import webvtt

    text, warnings = decoded(path.read_bytes())
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    try:
        if kind == "srt":
            from io import StringIO

            cues = webvtt.from_buffer(StringIO(text), format="srt").captions
        else:
            cues = webvtt.from_string(text).captions
    except (webvtt.errors.MalformedFileError, ValueError, AttributeError, IndexError) as e:
        raise Unreadable(f"it is no {kind.upper()} transcript ({one_line(str(e))[:100]})") from e
    if not cues:
        raise Unreadable("it holds no speech with a time")
    turns: list[_Turn] = []
    speaker: str | None = None
    for cue in cues:
        raw = getattr(cue, "raw_text", None) or cue.text
        for who, words in _said(raw):
            if who is not None:
                speaker = who
            if not words:
                continue
            start = float(cue.start_in_seconds)
            last = turns[-1] if turns else None
            if last is None or last.speaker != speaker or start - last.ends > PAUSE:
                turns.append(last := _Turn(speaker))
            last.add(words, cue.start)
            last.ends = float(cue.end_in_seconds)
    notes = [one_line(n) for n in _NOTE.findall(text)] if kind == "vtt" else []
    return Document(
        format=kind,
        unit="timecode",
        blocks=tuple(b for t in turns for b in t.blocks()),
        hidden=tuple(Hidden(text=n[:4000], how="note in the transcript") for n in notes if n),
        warnings=warnings,
    )


class _Turn:
    """What one speaker says without a pause, with the time of every letter."""

    def __init__(self, speaker: str | None) -> None:
        self.speaker = speaker
        self.ends = 0.0
        self._text = ""
        self._starts: list[tuple[int, str]] = []

    def add(self, words: str, time: str) -> None:
        self._text += " " * bool(self._text)
        self._starts.append((len(self._text), time))
        self._text += words

    def blocks(self) -> list[Block]:
        spans = grouped(self._text, sentences(self._text))
        return [
            Block(text=self._text[group[0].start : group[-1].end], timecode=self._time(group[0].start), speaker=self.speaker)
            for group in spans
        ]  # fmt: skip

    def _time(self, at: int) -> str:
        time = [t for start, t in self._starts if start <= at][-1]
        return time if time.count(":") == 2 else f"00:{time}"


def _said(raw: str) -> list[tuple[str | None, str]]:
    """(speaker or None where it does not change, words) of one cue."""
    found: list[tuple[str | None, str]] = []
    voices = list(_VOICE.finditer(raw))
    if voices:
        for n, voice in enumerate(voices):
            end = voices[n + 1].start() if n + 1 < len(voices) else len(raw)
            found.append((one_line(voice[1]), _plain(raw[voice.end() : end])))
        return found
    plain = _plain(raw)
    named = _NAME.match(plain)
    return [(one_line(named[1]), plain[named.end() :])] if named else [(None, plain)]


def _plain(raw: str) -> str:
    return one_line(html.unescape(_TAG.sub("", raw)))
