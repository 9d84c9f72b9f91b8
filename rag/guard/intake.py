"""Cleaning a question: what is only noise goes, what cannot be a question is refused with what to do."""

from __future__ import annotations

import re
import unicodedata

# Direction overrides and zero-width marks can hide what a line says; tags and private use hide text outright.
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


class BadQuestion(ValueError):
    """Nothing that can be answered; the message is for the person who typed it."""


def clean_question(text: str, most: int) -> str:
    """The question on one line in Unicode NFC, without control or hidden characters.

    Raises BadQuestion when nothing readable is left or it is longer than `most` characters.
    """
    visible = _HIDDEN.sub("", unicodedata.normalize("NFC", text))
    plain = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs", "Co", "Cn") else c for c in visible
    )
    line = " ".join(plain.split())
    if not any(c.isalnum() for c in line):
        raise BadQuestion("Please type a question in words, for example: Why did people leave the group?")
    if len(line) > most:
        raise BadQuestion(f"That is {len(line):,} characters long. Please ask in at most {most:,}.")
    return line
