"""Characters that look like others, or like nothing: what a text says to the eye.

Compatibility forms follow Unicode NFKC; the table of confusables is ours, drawn up by the look of the letters. A
letter of another script is read as Latin only in a text that is mostly Latin, so that Greek stays Greek.
"""

from __future__ import annotations

import re
import unicodedata

_TAGS = range(0xE0020, 0xE007F)
# Zero-width and direction marks, soft hyphen, variation selectors, fillers that are drawn as nothing.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
# The same without the joiners that Persian, Hindi and emoji need: these may stand in honest text.
_SUSPICIOUS = re.compile(
    "[\u00ad\u200b\u2060-\u2064\ufeff\u115f\u1160\u3164\uffa0]|[A-Za-z][\u200c\u200d][A-Za-z ]"
)

_LOOKS = {
    # Cyrillic
    "а": "a", "в": "b", "е": "e", "ё": "e", "з": "3", "и": "n", "к": "k", "м": "m", "н": "h", "о": "o", "п": "n",
    "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "ѕ": "s", "і": "i", "ї": "i", "ј": "j", "ԁ": "d", "ԛ": "q",
    "ԝ": "w", "һ": "h", "ӏ": "l", "ь": "b", "я": "r", "г": "r", "ш": "w", "ѡ": "w", "ү": "y", "ԍ": "g", "ѵ": "v",
    "А": "A", "В": "B", "Е": "E", "З": "3", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T",
    "У": "Y", "Х": "X", "Ѕ": "S", "І": "I", "Ј": "J", "Ԛ": "Q", "Ԝ": "W", "Ӏ": "I", "Ь": "b", "Я": "R", "Г": "r",
    # Greek
    "α": "a", "β": "b", "γ": "y", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "u", "ν": "v", "ο": "o", "π": "n",
    "ρ": "p", "σ": "o", "ς": "s", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ϲ": "c", "ϳ": "j", "λ": "l", "δ": "d",
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P",
    "Τ": "T", "Υ": "Y", "Χ": "X",
    # Armenian, Cherokee, Latin letters beyond the common ones
    "օ": "o", "ո": "n", "ս": "u", "հ": "h", "զ": "q", "ց": "g", "ա": "w", "Ꭺ": "A", "Ᏼ": "B", "Ꮯ": "C", "Ꭰ": "D",
    "Ꭼ": "E", "Ꮋ": "H", "Ꭵ": "i", "Ꭻ": "J", "Ꮶ": "K", "Ꮮ": "L", "Ꮇ": "M", "Ꮲ": "P", "Ꮪ": "S", "Ꭲ": "T", "Ꮃ": "W",
    "ɑ": "a", "ɡ": "g", "ɩ": "i", "ɪ": "i", "ʀ": "r", "ɴ": "n", "ʏ": "y", "ʟ": "l", "ʙ": "b", "ʜ": "h", "ɢ": "g",
    "ᴀ": "a", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o", "ᴘ": "p", "ꜱ": "s", "ᴛ": "t",
    "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ᴢ": "z", "ꞯ": "q", "ꜰ": "f", "ɐ": "a", "ǝ": "e", "ɔ": "c", "ɟ": "f", "ɓ": "b",
    "ɨ": "i", "ƀ": "b", "ɇ": "e", "ɍ": "r", "ƒ": "f", "ʋ": "v",
    "ɯ": "m", "ɹ": "r", "ʇ": "t", "ʌ": "v", "ʍ": "w", "ʎ": "y", "ɥ": "h", "ʞ": "k", "ᵾ": "u",
}  # fmt: skip
# In these alphabets every letter is drawn in a box, a circle or a flag; NFKC knows only the first of the circles.
_DRAWN = {
    start + i: chr(ord("a") + i)
    for start in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
    for i in range(26)
}  # fmt: skip
_FOREIGN = frozenset(_LOOKS)
_OTHER_SCRIPT = frozenset(
    c for c in _LOOKS if unicodedata.name(c).startswith(("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"))
)


def revealed(text: str) -> str:
    """The text with compatibility forms, drawn letters and tag characters made plain, and what is unseen taken out."""
    if text.isascii():
        return text
    hidden = "".join(chr(ord(c) - 0xE0000) for c in text if ord(c) in _TAGS)
    seen = "".join(_DRAWN.get(ord(c), c) for c in text if ord(c) not in _TAGS)
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", seen))
    plain = _without_stacked_marks(plain)
    return f"{plain} {hidden}".strip() if hidden else plain


def hides(text: str) -> bool:
    """Whether the text holds what honest typing does not: tags, zero-width marks inside words."""
    return any(ord(c) in _TAGS for c in text) or _SUSPICIOUS.search(text) is not None


def latin(text: str) -> str:
    """Letters of other scripts that stand for Latin ones, as these; the text itself where it isn't mostly Latin."""
    if text.isascii() or not any(c in _FOREIGN for c in text):
        return text
    ours = sum(c.isascii() and c.isalpha() for c in text)
    alike = sum(c in _FOREIGN for c in text)
    alien = sum(c.isalpha() and not c.isascii() and c not in _FOREIGN and not _is_latin(c) for c in text)
    mixed = sum(_mixes(word) for word in text.split())
    if alien > (ours + alike) / 10 or (ours < alike and not mixed):
        return text
    return "".join(_LOOKS.get(c, c) for c in text)


def _mixes(word: str) -> bool:
    return any(c.isascii() and c.isalpha() for c in word) and any(c in _OTHER_SCRIPT for c in word)


def _is_latin(c: str) -> bool:
    return unicodedata.name(c, "").startswith("LATIN")


def _without_stacked_marks(text: str) -> str:
    """Marks that no precomposed letter took up are decoration on Latin, Greek and Cyrillic, language elsewhere."""
    kept: list[str] = []
    base = ""
    for c in text:
        if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me"):
            if (
                not base
                or unicodedata.name(base, "").startswith(("LATIN", "GREEK", "CYRILLIC", "DIGIT"))
                or base == " "
            ):
                continue
        else:
            base = c
        kept.append(c)
    return "".join(kept)
