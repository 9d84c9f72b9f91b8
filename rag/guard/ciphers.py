"""Codes that hide a text: each function gives the text with what it could decode put in place, or None.

The codes are the public ones (RFC 4648 base 64, 32 and 16, RFC 3986 percent-encoding, HTML references, ITU Morse,
shifted and mirrored alphabets). Nothing here judges whether the outcome makes sense; `rag.guard.normalise` does.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import string
from collections.abc import Callable
from urllib.parse import unquote

_B64_BROKEN = re.compile(
    r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{4,}(?:\s+[A-Za-z0-9+/]{4,})+={0,2}(?![A-Za-z0-9+/=])"
)
_B64_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/=])")
_B32 = re.compile(r"\b[A-Za-z2-7]{16,}={0,6}")
_HEX = re.compile(r"(?:(?:0x|\\x|%|\b)?[0-9a-fA-F]{2}[\s,:;-]?){6,}")
_BINARY = re.compile(r"(?:\b[01]{7,8}\b[\s,]*){4,}|\b(?:[01]{8}){4,}\b")
_DECIMAL = re.compile(r"(?:\b\d{2,3}\b[\s,;-]*){6,}")
_NUMBERED = re.compile(r"\b\d{1,2}(?:[\s,./-]+\d{1,2}){7,}\b")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|U\+([0-9a-fA-F]{4,5})\s?")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})")
_MORSE = re.compile(r"[.\-·−–—•_]{1,6}(?:[ /|]+[.\-·−–—•_]{1,6}){6,}")
_MORSE_LETTERS = dict(
    zip(
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
        " ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.".split(),
        string.ascii_lowercase + string.digits,
        strict=True,
    )
)
_LEAST = 4  # letters that a decoded piece must have

Decoder = Callable[[str], "str | None"]


def _text(data: bytes) -> str | None:
    """Bytes as text, if they are text: UTF-8, nothing unprintable, mostly letters and spaces."""
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    body = found.strip()
    if sum(c.isalpha() for c in body) < _LEAST or not all(c.isprintable() or c in "\n\r\t" for c in body):
        return None
    return body if sum(c.isalnum() or c in " =+/-_\n" for c in body) >= 0.8 * len(body) else None


def _replaced(pattern: re.Pattern[str], text: str, decode: Callable[[str], str | None]) -> str | None:
    changed = False

    def put(match: re.Match[str]) -> str:
        nonlocal changed
        found = decode(match.group())
        if found is None:
            return match.group()
        changed = True
        return f" {found} "

    decoded = pattern.sub(put, text)
    return " ".join(decoded.split()) if changed else None


def from_base64(text: str) -> str | None:
    def decode(token: str) -> str | None:
        plain = "".join(token.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            return _text(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
        except (binascii.Error, ValueError):
            return None

    return _replaced(_B64_TOKEN, text, decode) or _replaced(_B64_BROKEN, text, decode)


def from_base32(text: str) -> str | None:
    def decode(token: str) -> str | None:
        plain = token.rstrip("=").upper()
        try:
            return _text(base64.b32decode(plain + "=" * (-len(plain) % 8)))
        except (binascii.Error, ValueError):
            return None

    return _replaced(_B32, text, decode)


def from_hex(text: str) -> str | None:
    def decode(token: str) -> str | None:
        digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", token)
        return None if len(digits) % 2 else _text(bytes.fromhex(digits))

    return _replaced(_HEX, text, decode)


def from_binary(text: str) -> str | None:
    def decode(token: str) -> str | None:
        groups = re.findall(r"[01]+", token)
        if len(groups) == 1:
            groups = re.findall(r"[01]{8}", token)
        return _text(bytes(int(g, 2) for g in groups))

    return _replaced(_BINARY, text, decode)


def from_decimal(text: str) -> str | None:
    def decode(token: str) -> str | None:
        numbers = [int(n) for n in re.findall(r"\d+", token)]
        return _text(bytes(numbers)) if all(9 < n < 256 for n in numbers) else None

    return _replaced(_DECIMAL, text, decode)


def from_places(text: str) -> str | None:
    """1 to 26 as the letters of the alphabet; a gap between words is whatever separates them more widely."""

    def decode(token: str) -> str | None:
        parts = re.findall(r"\d+|\D+", token)
        gaps = {p for p in parts if not p.isdigit()}
        inner = min(gaps, key=lambda g: (len(g), -parts.count(g)))
        out = []
        for part in parts:
            if part.isdigit():
                if not 1 <= int(part) <= 26:
                    return " " if int(part) == 0 else None
                out.append(string.ascii_lowercase[int(part) - 1])
            elif part != inner:
                out.append(" ")
        return "".join(out)

    return _replaced(_NUMBERED, text, decode)


def from_escapes(text: str) -> str | None:
    """Percent, HTML and backslash escapes."""
    plain = html.unescape(text)
    if len(_PERCENT.findall(plain)) >= 2:
        plain = unquote(plain.replace("+", " ") if " " not in plain else plain, errors="replace")
    if len(_ESCAPE.findall(plain)) >= 3:
        plain = _ESCAPE.sub(lambda m: chr(int(m.group(1) or m.group(2) or m.group(3), 16)), plain)
    safe = "".join(c if c.isprintable() or c.isspace() else " " for c in plain)
    return safe if safe != text and "\ufffd" not in safe else None


def from_morse(text: str) -> str | None:
    def decode(token: str) -> str | None:
        plain = re.sub("[−–—_]", "-", re.sub("[·•]", ".", token))
        found = [
            "".join(_MORSE_LETTERS.get(sign, "?") for sign in word.split())
            for word in re.split(r"\s*[/|]\s*|\s{2,}", plain)
        ]
        return None if any("?" in w for w in found) else " ".join(found)

    return _replaced(_MORSE, text, decode)


def rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


def mirrored(text: str) -> str:
    """a for z, b for y."""
    lower = string.ascii_lowercase
    return text.translate(str.maketrans(lower + lower.upper(), lower[::-1] + lower[::-1].upper()))


def shifted(text: str, by: int) -> str:
    lower = string.ascii_lowercase
    turned = lower[by:] + lower[:by]
    return text.translate(str.maketrans(lower + lower.upper(), turned + turned.upper()))


DECODERS: tuple[tuple[str, Decoder], ...] = (
    ("escapes", from_escapes),
    ("binary", from_binary),
    ("hex", from_hex),
    ("decimal", from_decimal),
    ("places", from_places),
    ("morse", from_morse),
    ("base64", from_base64),
    ("base32", from_base32),
)
