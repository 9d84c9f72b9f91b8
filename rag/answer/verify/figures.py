"""Numbers of a sentence with what they count: each must stand in a cited statement, with the same unit and base."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.verify.lexicon import root
from rag.answer.verify.reading import Reading, Token
from rag.text import NUMERALS, numbers

UNITS = {
    "percent": "percent", "per": "percent", "%": "percent", "year": "year", "month": "month", "week": "week",
    "day": "day", "hour": "hour", "minut": "minute", "mile": "mile", "kilometr": "km", "km": "km", "squar": "square",
    "dollar": "$", "euro": "€", "pound": "£", "million": "million", "decad": "decade", "centuri": "century",
    "metr": "metre", "ton": "ton", "kilo": "kilo",
}  # fmt: skip
UNIT_REACH, BASE_REACH, NOUN_REACH = 3, 6, 5
KINDS_OF_PEOPLE = frozenset(root(w) for w in "man woman wife husband".split())
_VAGUE = {"dozen": "12", "dozens": "12s", "half": "1/2", "twice": "x2", "double": "x2", "triple": "x3",
          "thousands": "1000s",
          "hundreds": "100s", "millions": "1000000s", "scores": "20s", "billions": "1e9s", "decade": "10y",
          "decades": "10ys", "quarter": "1/4", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
          "twofold": "x2", "tenfold": "x10"}  # fmt: skip
_ONE_IN = {"quarter": {"4", "25"}, "half": {"2", "50"}, "third": {"3"}, "fifth": {"5", "20"}}
_ONE = "1"


@dataclass(frozen=True, slots=True)
class Figure:
    value: str
    units: frozenset[str]
    counted: frozenset[str]
    """Which kinds of people stand close by, or, where none do, in the whole text."""
    after: tuple[str, ...]
    """Roots of the words behind it, nearest first."""


def figures(reading: Reading) -> tuple[Figure, ...]:
    """The numbers of a text, in digits or spelled, in one form; "one" alone is no number."""
    found = []
    tokens = reading.tokens
    at = 0
    while at < len(tokens):
        length = 0
        value = ""
        for n in (5, 4, 3, 2, 1):
            piece = tokens[at : at + n]
            if len(piece) == n and _numeric(piece) and (value := _value(reading.text, piece)):
                length = n
                break
        if not length:
            word = tokens[at].word
            ends = re.match(r"(\d+)(?:st|nd|rd|th|s)$", word)
            if ends:
                value, length = ends.group(1), 1
        if length and value and value != _ONE:
            found.append(_figure(reading, value, at, at + length))
        at += max(length, 1)
    return tuple(found)


def _numeric(piece: tuple[Token, ...]) -> bool:
    if len(piece) == 1:
        return piece[0].raw[0].isdigit() or piece[0].word in NUMERALS
    if all(t.raw.isdigit() for t in piece):
        return True
    if len(piece) > 3 and piece[1].word == "hundred" and piece[2].word == "and":
        return piece[0].word in {*NUMERALS, "a"} and all(t.word in NUMERALS for t in piece[3:])
    return all(t.word in NUMERALS for t in piece)


def _value(text: str, piece: tuple[Token, ...]) -> str:
    """The number that some tokens make together; empty where they are several numbers side by side."""
    spelled = text[piece[0].start : piece[-1].end]
    if len(piece) > 1 and piece[0].raw.isdigit() and not re.fullmatch(r"\d+(?:[.,]\d+)+", spelled):
        return ""
    if len(piece) > 2 and any(t.word in ("hundred", "thousand") for t in piece):
        return _spoken(piece)
    values = numbers(spelled)
    return max(values, key=lambda v: (len(v), v), default="")


def _spoken(piece: tuple[Token, ...]) -> str:
    """The sum of a spelled number with its rest: "a hundred and eighty-nine" is 189."""
    total = part = 0
    for token in piece:
        if token.word in ("and", "a"):
            part = part or int(token.word == "a")
            continue
        if token.word in ("hundred", "thousand"):
            scale = 100 if token.word == "hundred" else 1000
            part = (part or 1) * scale
            if scale == 1000:
                total, part = total + part, 0
        else:
            part += int(max(numbers(token.word), key=len, default="0"))
    return str(total + part)


def _figure(reading: Reading, value: str, start: int, end: int) -> Figure:
    tokens = reading.tokens
    units = {UNITS[t.root] for t in tokens[end : end + UNIT_REACH] if t.root in UNITS}
    before = reading.text[: tokens[start].start].rstrip()[-1:]
    after = reading.text[tokens[end - 1].end :].lstrip()[:1]
    units |= {c for c in before if c in "$€£"} | ({"percent"} if after == "%" else set())
    close = {t.root for t in tokens[max(0, start - 2) : end + BASE_REACH]} & KINDS_OF_PEOPLE
    counted = close or {t.root for t in tokens} & KINDS_OF_PEOPLE
    behind = tuple(t.root for t in tokens[end : end + NOUN_REACH])
    return Figure(value=value, units=frozenset(units), counted=frozenset(counted), after=behind)


def _converted(figure: Figure, held: Sequence[Figure]) -> list[Figure]:
    """The figures of the statements that say the same span of time in another unit: two years, 24 months."""
    value = float(figure.value) if re.fullmatch(r"\d+(?:\.\d+)?", figure.value) else 0.0
    found = []
    for unit, per, other in (
        ("year", 12, "month"),
        ("day", 24, "hour"),
        ("week", 7, "day"),
        ("decade", 10, "year"),
    ):
        for f in held:
            was = float(f.value) if re.fullmatch(r"\d+(?:\.\d+)?", f.value) else 0.0
            if (
                unit in figure.units and other in f.units and was and value * per <= was < (value + 1) * per
            ) or (other in figure.units and unit in f.units and value and was * per == value):
                found.append(Figure(figure.value, figure.units, f.counted, f.after))
    return found


def wrong_figure(sentence: Reading, cited: Sequence[Reading], named: int = 0) -> str | None:
    """What is wrong with the numbers of a sentence, as one plain sentence; None where they all stand there.

    `named` is how many people the sentence names: it may count them ("two men: Erion and Albert").
    """
    held = [f for r in cited for f in figures(r)]
    for figure in figures(sentence):
        same = [f for f in held if f.value == figure.value] or _converted(figure, held)
        if not same and figure.value == str(named):
            continue
        if not same:
            return f"The number {figure.value} does not occur in the cited statements."
        if (figure.units and all(f.units and not figure.units <= f.units for f in same)) or (
            "percent" in figure.units and not any("percent" in f.units for f in same)
        ):
            return f"The cited statements give {figure.value} in another unit."
        if all(figure.counted and f.counted and not figure.counted & f.counted for f in same):
            return f"In the cited statements {figure.value} counts others than in this sentence."
        noun = figure.after[0] if figure.after and figure.after[0] not in ("year", "old") else ""
        others = {f.after[0] for f in held if f.value != figure.value and f.after}
        if noun in others and all(noun not in f.after for f in same):
            return f"In the cited statements {figure.value} counts something else than in this sentence."
    words = {t.word for r in cited for t in r.tokens}
    percents = [
        float(f.value) for f in held if "percent" in f.units and re.fullmatch(r"\d+(?:\.\d+)?", f.value)
    ]
    for token in sentence.tokens:
        if token.word not in _VAGUE or token.word in words:
            continue
        value = {"decade": "10", "dozen": "12", "twice": "2", "double": "2"}.get(token.word)
        if value and any(f.value == value for f in held):
            continue
        if token.word in ("second", "third", "fourth", "fifth") and _same_ordinal(token.word, words):
            continue
        if token.word in _ONE_IN and _ONE_IN[token.word] & {f.value for f in held}:
            continue
        if token.word == "half" and figure_and_half(sentence.text):
            continue
        if token.word == "half" and percents and {"more", "over"} & sentence.words and max(percents) > 50:
            continue
        return f"“{token.raw}” does not occur in the cited statements."
    return None


def figure_and_half(text: str) -> bool:
    """Whether a half only lengthens a span: "two and a half years"; the span itself is checked as a number."""
    return re.search(r"\band a half\b|\ba half\b", text) is not None and "years" in text


def _same_ordinal(word: str, words: set[str]) -> bool:
    return {"second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th"}[word] in words
