"""Every string of the interface comes from one catalogue, strings/<language>.yaml; a translation is one more file.

`t("explore.title")` gives a text; a text with a number has the forms of the CLDR plural rules ("one", "other", …) and
takes `n`. Dates and numbers are written as the language writes them, always with the digits 0 to 9, so that a number
of a passage, a telephone or a year looks the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from rag.data import from_yaml

STRINGS = Path(__file__).parent / "strings"
ENGLISH = "en"
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
# First strong isolate and its end: a name in Latin letters must not turn the Arabic sentence around it.
ISOLATE, END = "\u2068", "\u2069"
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
    own = _flat(from_yaml((STRINGS / f"{code}.yaml").read_text("utf-8")))
    return own if code == ENGLISH else {**catalogue(ENGLISH), **own}


def own_name(code: str) -> str:
    """What a language calls itself."""
    return str(catalogue(code)["about.name"])


def direction(code: str) -> str:
    """ltr or rtl."""
    return str(catalogue(code)["about.direction"])


def machine_made(code: str) -> bool:
    """Whether no person has put their name to a translation yet."""
    return code != ENGLISH and not catalogue(code)["about.reviewed_by"]


def t(key: str, /, **values: object) -> str:
    """The text of a key with its values filled in. Raises KeyError for a key that no catalogue has."""
    code = _language.get()
    found = catalogue(code)[key]
    if isinstance(found, Mapping):
        n = values.get("n")
        found = found.get(plural(code, n) if isinstance(n, int) else "other", found["other"])
    return str(found).format(**{k: _value(code, v) for k, v in values.items()}) if values else str(found)


def _value(code: str, value: object) -> str:
    if isinstance(value, int):
        return number(value)
    return f"{ISOLATE}{value}{END}" if value and direction(code) == "rtl" else str(value)


def plural(code: str, n: int) -> str:
    """The form that a language has for a whole number (Unicode CLDR, cardinal rules, numbers below a million)."""
    if code == "ar":
        small = {0: "zero", 1: "one", 2: "two"}.get(n)
        return small or ("few" if 3 <= n % 100 <= 10 else "many" if n % 100 >= 11 else "other")
    return "one" if n == 1 or (n == 0 and code == "fr") else "other"


def number(n: int) -> str:
    """A count with its thousands set apart."""
    return f"{n:,}".replace(",", str(catalogue(_language.get())["common.group"]))


def day(date: str) -> str:
    """A date as exact as it is known: 2014, June 2014, 29 June 2014. What is no date stays as it is."""
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", date):
        return date
    year, month, *rest = date.split("-")
    texts = catalogue(_language.get())
    name = texts[f"month.{int(month)}"]
    pattern = texts["date.day" if rest else "date.month"]
    return str(pattern.format(day=int(rest[0]) if rest else "", month=name, year=year))


def listed(names: Sequence[str]) -> str:
    """Names joined with the language's "and"."""
    return str(catalogue(_language.get())["common.and"]).join(names)


def inside(label: str) -> str:
    """A label as it stands within a sentence, where only German keeps its capitals."""
    return label if _language.get() == "de" else label[:1].lower() + label[1:]


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
        if isinstance(value, Mapping) and not ("other" in value and value.keys() <= PLURALS):
            flat |= _flat(value, f"{key}.")
        else:
            flat[key] = value
    return flat
