"""A text with the groups that it names replaced by one group of the same kind, so that all are judged alike.

The sentence vector of a question knows which people or faith it is about, and the world's texts do not write of all of
them in the same tone. Read through one stand-in a kind, the same question about another group is the same question.
"""

from __future__ import annotations

import re
from functools import cache

from rag.guard.features import names

KEPT = frozenset({"country"})  # where something happened says nothing about whom a question is about


def neutral(text: str) -> str:
    """The text with every known name of a movement, people or faith replaced by the stand-in of its kind."""
    form, stand_in = _names()
    return form.sub(lambda m: stand_in[_key(m.group())], text)


def as_read(text: str) -> str:
    """The text that is judged in place of this one: itself, unless it names a group other than by the stand-in."""
    alike = neutral(text)
    return text if alike.casefold() == text.casefold() else alike


def _key(name: str) -> str:
    """A name as it is looked up. Where case is ignored, the Turkish dotted I and dotless i are an i as well."""
    return name.casefold().translate({0x131: "i", 0x307: None})


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    stand_in = {_key(name): found[0] for kind, found in names().items() if kind not in KEPT for name in found}
    longest_first = "|".join(map(re.escape, sorted(stand_in, key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])(?:{longest_first})(?![\w-])", re.IGNORECASE), stand_in
