"""Disturbing a question in ways that leave its meaning alone: slips of the keyboard, case, and disguises.

Seeded by the question itself, so that the same question is always disturbed in the same way.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import random
from collections.abc import Callable

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LEET = str.maketrans("aeiost", "43105+")
LOOKALIKES = str.maketrans("aceiopxy", "асеіорху")  # Cyrillic


def typos(text: str) -> str:
    """About one slip in eight words of four letters and more: swapped, doubled, dropped or neighbouring letters."""
    chance = _chance(text)
    return " ".join(_slip(w, chance) if len(w) >= 4 and chance.random() < 0.25 else w for w in text.split())


def careless(text: str) -> str:
    """All lower case and without punctuation."""
    return "".join(c for c in text.lower() if c.isalnum() or c.isspace())


def shouted(text: str) -> str:
    return f"{text.upper()}!!!"


def leetspeak(text: str) -> str:
    return text.lower().translate(LEET)


def lookalikes(text: str) -> str:
    return text.translate(LOOKALIKES)


def zero_width(text: str) -> str:
    """A zero-width space inside every word of four letters and more."""
    return " ".join(f"{w[:2]}\u200b{w[2:]}" if len(w) >= 4 else w for w in text.split())


def spaced(text: str) -> str:
    return "  ".join(" ".join(w) for w in text.split())


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def in_rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


def backwards(text: str) -> str:
    return text[::-1]


HARMLESS: dict[str, Callable[[str], str]] = {"typos": typos, "careless": careless, "shouted": shouted}
DISGUISES: dict[str, Callable[[str], str]] = {
    "leetspeak": leetspeak,
    "lookalikes": lookalikes,
    "zero_width": zero_width,
    "spaced": spaced,
    "base64": in_base64,
    "rot13": in_rot13,
    "backwards": backwards,
}


def _chance(text: str) -> random.Random:
    return random.Random(hashlib.sha256(text.encode()).hexdigest())


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    kind = chance.choice(("swap", "double", "drop", "neighbour"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    return word[:at] + _neighbour(word[at], chance) + word[at + 1 :]


def _neighbour(letter: str, chance: random.Random) -> str:
    for row in KEYBOARD:
        at = row.find(letter.lower())
        if at >= 0:
            return chance.choice([row[n] for n in (at - 1, at + 1) if 0 <= n < len(row)])
    return letter
