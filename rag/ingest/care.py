"""What in a passage needs a curator's care before readers see it: minors, violence, suicide, use, propaganda.

The forms are data (flags.yaml); the rules that answers are held to (rag.guard.forms) are asked too. A flag is a reason to
look, not a judgement: it is set generously.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import NamedTuple, cast

from rag.data import from_yaml
from rag.guard.forms import Text, broken_forms
from rag.model import Flag
from rag.text import fold

# What a rule of the answers means for a passage.
_BROKEN: dict[str, tuple[Flag, str]] = {
    "how_to": ("operational", "it reads like instructions"),
    "call_to_join": ("propaganda", "it calls to join or to fight"),
    "praise": ("propaganda", "it praises violence or those who did it"),
    "gore": ("graphic", "violence told in detail"),
    "minor": ("minor", "a child's name beside what was done"),
}


class Concern(NamedTuple):
    """A flag for a passage, why, and the words that gave rise to it."""

    flag: Flag
    why: str
    words: str


class _Form(NamedTuple):
    flag: Flag
    why: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None


def concerns(text: str) -> list[Concern]:
    """The flags of a passage, each once, with the first words that it rests on."""
    plain = fold(text)
    found: dict[Flag, Concern] = {}
    for form in _forms():
        read = form.unless.sub(" ", plain) if form.unless else plain
        hit = form.words.search(read)
        if hit:
            found[form.flag] = Concern(form.flag, form.why, hit.group().strip())
    for rule in broken_forms(Text.of(text)):
        if rule in _BROKEN:
            flag, why = _BROKEN[rule]
            found.setdefault(flag, Concern(flag, why, ""))
    return list(found.values())


@cache
def _forms() -> tuple[_Form, ...]:
    data = from_yaml(resources.files("rag.ingest").joinpath("flags.yaml").read_text("utf-8"))
    return tuple(
        _Form(cast(Flag, flag), entry["why"], _compiled(entry["words"]), _compiled(entry["unless"]) if "unless" in entry else None)
        for flag, entry in data.items()
    )  # fmt: skip


def _compiled(words: str) -> re.Pattern[str]:
    joined = words.replace("\n", "")
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")
