"""Every string of the interface comes from one catalogue, strings/<language>.yaml; a translation is one more file.

`t("explore.title")` gives a text; a text with a number has the forms of the CLDR plural rules ("one", "other", …) and
takes `n`. What a language lacks is said in English, so that a new string never breaks a translated page.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import yaml

STRINGS = Path(__file__).parent / "strings"
ENGLISH = "en"
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def use(language: str) -> None:
    """Chooses the language of this run of a page. Raises KeyError where there is no catalogue of it."""
    if language not in languages():
        raise KeyError(f"no catalogue for '{language}'; there are {', '.join(languages())}")
    _language.set(language)


def language() -> str:
    """The language of this run of a page."""
    return _language.get()


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that have a catalogue."""
    return tuple(sorted(p.stem for p in STRINGS.glob("*.yaml")))


@cache
def catalogue(code: str) -> Mapping[str, Any]:
    """All texts of a language by dotted key, completed with English. A plural is a mapping of its forms."""
    own = _flat(yaml.safe_load((STRINGS / f"{code}.yaml").read_text("utf-8")))
    return own if code == ENGLISH else {**catalogue(ENGLISH), **own}


def t(key: str, /, **values: object) -> str:
    """The text of a key with its values filled in. Raises KeyError for a key that no catalogue has."""
    found = catalogue(_language.get())[key]
    if isinstance(found, Mapping):
        found = found["one" if values.get("n") == 1 and "one" in found else "other"]
    return str(found).format(**values) if values else str(found)


def labelled(kind: str, value: str) -> str:
    """How a value of the corpus is called on the page; one that the catalogue does not know is made readable."""
    known = catalogue(_language.get()).get(f"{kind}.{value}")
    return str(known) if known else value if value[:1].isupper() else value.replace("_", " ").capitalize()


def section(*names: str) -> dict[str, Any]:
    """The texts below these first parts of a key, as the page's script needs them."""
    return {k: v for k, v in catalogue(_language.get()).items() if k.partition(".")[0] in names}


def _flat(tree: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():  # a key may be a number, as those of the months
        key = f"{before}{name}"
        if isinstance(value, Mapping) and "other" not in value:
            flat |= _flat(value, f"{key}.")
        else:
            flat[key] = value
    return flat
