"""In which country a person says that they are, from the words of a question only; never from an address.

A wrong country means a number that rings elsewhere, so a place counts only where the text says that somebody is there
("we are in Lyon", "here in Leeds"), not where they might go ("to Syria") or what a story is about ("the war in Iraq").
Where two countries remain, nothing is returned and the person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from rag.data import from_yaml
from rag.link import countries
from rag.text import fold

LONGEST = 4  # words of a place name
BEFORE = 6  # words before a place that are read

_TOKEN = re.compile(r"[^\W_]+(?:\.[^\W_]+)*", re.UNICODE)
_HERE = frozenset(
    """in from near around at outside inside en a au aux dans chez aus bei uit bij desde de im nahe pres
    في من قرب عند""".split()
)
_THERE = frozenset(
    "to into towards toward for nach naar richtung vers pour hacia para against of إلى الى".split()
)
_SKIPPED = frozenset("the la le les el los der die das den downtown central north south east west l".split())
# What goes before a place that people went to, came back from, or only speak about.
_ELSEWHERE = frozenset(
    """go goes going gone went fly flies flying flew flight travel travels travelling traveling travelled traveled trip
    leave leaves leaving left join joins joined joining move moving war wars fight fights fighting fought fighter
    attack attacks attacked bombing bombings back returned came camp camps history
    partir part parti partie partent aller va vont alle allee rejoindre guerre revenu revenue rentre retour combattre
    gehen geht ging gegangen reisen reist gereist fliegen krieg zuruck kampfen kampft ausreisen
    gaan gaat ging gegaan vertrekken vertrokken reizen oorlog terug vechten
    ir va fue ido irse viajar viaja guerra volvio vuelto regreso pelear luchar
    حرب ذهب يذهب سافر يسافر السفر عاد يقاتل القتال""".split()
)
# "people in Iraq" are others than the writer.
_OF_OTHERS = frozenset(
    "people women men those fighters prisoners testimony story stories group groups".split()
)
# What somebody says of the place where they are; read with the words of a sentence joined by single blanks.
_I_AM = re.compile(
    r"(?:\b(?:i m|im|i am|we re|we are|i live|we live|living|staying|hiding|trapped|stuck|based|here|as a"
    r"|je suis|j habite|on est|on habite|nous sommes|nous habitons|ici|ich bin|wir sind|ich wohne|ich lebe|wir wohnen"
    r"|wir leben|hier|ik ben|wij zijn|we zijn|ik woon|we wonen|estoy|vivo|estamos|vivimos|soy|aqui)"
    r"|(?:انا|نحن|اعيش|اسكن|الان|هنا|نعيش))(?: (?!\w+(?:ing|ed)\b)\w+){0,3}$"
)
_LIVES = re.compile(r"(?:yasiyor|oturuyor|calisiyor|okuyor|kaliyor)")
_IN_IT = re.compile(r"(?:d|t)[ae](?:n|y[ai]m|yim|yiz|ki)?$")  # Turkish: in, from
_IN_IT_UNMARKED = re.compile(r"\w{4,}(?:d|t)[ae]n?$")
_TO_IT = re.compile(r"(?:y?[aei]|n?[iu]n)$")  # Turkish: to, of
_ARABIC_IN = re.compile(
    "ب(?!رل|ار|رو|غد|صر|ير|نغ)"
)  # the preposition, not the first letter of Berlin or Baghdad


class _Word(NamedTuple):
    raw: str
    plain: str
    suffix: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.raw)


class _Places(NamedTuple):
    codes: Mapping[tuple[str, ...], str]
    capital_only: frozenset[tuple[str, ...]]
    spoken_of: frozenset[str]


def country_in(text: str, *, asked: bool = False, own: bool = False) -> str | None:
    """The ISO 3166 code of the one country that the writer says to be in, by its name or by a larger city.

    `asked` is for the reply to the question in which country somebody is: any single place counts then. With `own`
    only a place counts that the writer says of themselves ("I live in Ghent"), not where somebody is.
    """
    places = _places()
    tokens = _words(text)
    found: dict[str, int] = {}
    at = 0
    while at < len(tokens):
        length, code = _match(tokens, at, places, shouting=text.isupper() and len(tokens) > 3)
        if code:
            strength = 2 if asked else _strength(text, tokens, at, length, code in places.spoken_of)
            found[code] = max(found.get(code, 0), strength)
        at += max(length, 1)
    best = max(found.values(), default=0)
    named = [code for code, strength in found.items() if strength == best]
    return named[0] if best >= (2 if own else 1) and len(named) == 1 else None


def country_name(code: str, language: str) -> str:
    """The name of a country in a language of the help, else in English, else its code."""
    names = _data()["names"].get(code)
    if names:
        return str((names.get(language) or names["en"])[0])
    return next((str(name) for name, c in _data()["codes"].items() if c == code), code)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = from_yaml(resources.files("rag.guard").joinpath("places.yaml").read_text("utf-8"))
    return data


@cache
def _places() -> _Places:
    data = _data()
    codes: dict[tuple[str, ...], str] = {}
    for code, names in data["names"].items():
        for form in (form for forms in names.values() for form in forms):
            codes.setdefault(_key(form), code)
    by_name = {names["en"][0].removeprefix("the "): code for code, names in data["names"].items()} | data[
        "codes"
    ]
    for country in countries():
        if country.name in by_name:
            for form in country.names:
                codes.setdefault(_key(form), by_name[country.name])
    for code, cities in data["cities"].items():
        for city in cities:
            codes.setdefault(_key(city), code)
    codes.pop(("us",), None)  # the pronoun; the country is read in capitals by `_match`
    return _Places(codes, frozenset(map(_key, data["only_with_a_capital"])), frozenset(data["spoken_of"]))


def _key(form: str) -> tuple[str, ...]:
    return tuple(w.plain for w in _words(form) if w.plain not in ("the",))


def _words(text: str) -> list[_Word]:
    """Words with their folded form, less what stands after an apostrophe, which is kept as the suffix."""
    plain = text.replace("’", "'")
    found: list[_Word] = []
    for m in _TOKEN.finditer(plain):
        folded = fold(m.group()).replace("ı", "i").replace(".", "")
        joined = plain[: m.start()].endswith("'") and found and found[-1].end == m.start() - 1
        if joined and len(found[-1].plain) > 2:
            found[-1] = found[-1]._replace(suffix=folded)
            continue
        found.append(_Word(m.group(), folded, "", m.start()))
    return found


def _match(tokens: Sequence[_Word], at: int, places: _Places, *, shouting: bool) -> tuple[int, str | None]:
    """The longest place name that starts here, as (words, country); (0, None) where there is none."""
    if tokens[at].raw in ("US", "U.S") and not shouting:
        return 1, "US"
    for length in range(min(LONGEST, len(tokens) - at), 0, -1):
        key = tuple(w.plain for w in tokens[at : at + length])
        for form in _forms(key):
            if form in places.codes:
                if form in places.capital_only and (shouting or not tokens[at].raw[0].isupper()):
                    continue
                return length, places.codes[form]
    return 0, None


def _forms(key: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A name as it stands, and less the Arabic or Turkish particles that are written as part of it."""
    forms = [key]
    first, last = key[0], key[-1]
    if first[:1] in "بلو" and len(first) > 3:
        forms += [(first[1:], *key[1:]), ("ال" + first[2:], *key[1:])]
    bare = re.sub(r"(?:d|t)[ae]n?$", "", last)
    if bare != last and len(bare) > 4:
        forms.append((*key[:-1], bare))
    return forms


def _strength(text: str, tokens: Sequence[_Word], at: int, length: int, spoken_of: bool) -> int:
    """2 where the writer says to be there, 1 where somebody is there or the place stands alone, 0 elsewhere."""
    first, last = tokens[at], tokens[at + length - 1]
    sentence = max(text.rfind(mark, 0, first.start) for mark in ".!?;\n؟")
    before = [w.plain for w in tokens[max(0, at - BEFORE) : at] if w.start > sentence]
    while before and before[-1] in _SKIPPED:
        before.pop()
    after = " ".join(w.plain for w in tokens[at + length : at + length + 2])
    in_it = bool(
        _IN_IT.match(last.suffix) or _IN_IT_UNMARKED.search(last.plain) or _ARABIC_IN.match(first.plain)
    )
    if _TO_IT.match(last.suffix) or (before and before[-1] in _THERE):
        return 0
    there = any(w in _ELSEWHERE for w in before)
    if in_it and _LIVES.match(after):
        return 2
    if _I_AM.search(" ".join(before)) and not any(w in _ELSEWHERE for w in before[-3:]):
        return 2
    if spoken_of or there or (len(before) > 1 and before[-2] in _OF_OTHERS):
        return 0
    alone = len(tokens) - length <= 3 or text[: first.start].rstrip()[-1:] in (",", "(")
    return int(alone or in_it or (bool(before) and before[-1] in _HERE))
