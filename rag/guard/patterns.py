"""A few forms of speech that mean one thing: what is said this way need not be weighed.

They stand before the classifier because a rule that a reader can check is better evidence than a number. They never
say that a text is harmless. The forms, with the reason for each, are data: patterns.yaml.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import NamedTuple

from rag.data import from_yaml
from rag.text import fold

_PLACES = {
    "{start}": (
        r"(?:(?:^|[.!?:;,>\n(\"“]|\s-)\s*"
        r"(?:(?:pls|please|ok|okay|lol|well|yes|hi|hello|hey|sorry|honestly|tbh)[,.]?\s+)*)"
    ),
    "{kin}": (
        r"(?:my\s+(?:\w+\s+)?(?:son|brother|bro|sister|sis|daughter|husband|wife|dad|father|mum|mom|mother|friend|mate|cousin|"
        r"nephew|niece|grandson|granddaughter|pupil|student|boyfriend|girlfriend|bf|gf))"
    ),
}
_QUOTED = re.compile(r"[\"“”«»„][^\"“”«»„]*[\"“”«»„]")


class Pattern(NamedTuple):
    """Forms of speech, the label they stand for, and why they can be trusted."""

    id: str
    label: str
    why: str
    form: re.Pattern[str]


@cache
def patterns() -> tuple[Pattern, ...]:
    """The patterns of patterns.yaml, compiled once."""
    text = (resources.files("rag.guard") / "patterns.yaml").read_text("utf-8")
    return tuple(
        Pattern(entry["id"], entry["label"], entry["why"].strip(), _compiled(entry["forms"]))
        for entry in from_yaml(text)
    )


def matches(text: str) -> tuple[Pattern, ...]:
    """The patterns that the text bears out, in their order. A person's words in quotation marks are somebody else's."""
    plain = fold(text)
    own = _QUOTED.sub(" ", plain)
    return tuple(p for p in patterns() if p.form.search(plain if p.label == "injection" else own))


def _compiled(forms: list[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{form})" for form in forms)
    for place, form in _PLACES.items():
        joined = joined.replace(place, form)
    return re.compile(joined, re.VERBOSE)
