"""What a person in difficulty is told: warm words, services that fit, and an offer to go on; never a story.

The words are in support.yaml beside this file, the services in the corpus. Every number, name and address is taken
from a row of corpus/support.yaml that a person checked lately, so that none can be printed that nobody checked.
In danger the emergency number comes first. A service that is not the police comes before one that is, and each says
who answers. Without a country the person is asked once and gets the international directory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Literal, get_args

from pydantic import Field

from rag.corpus import Corpus
from rag.data import from_yaml
from rag.guard.language import language_of
from rag.guard.offer import offered
from rag.guard.place import country_in, country_name
from rag.model import Answer, Frozen, Notice, Outcome, Phone, Service, Support, Turn

Category = Literal["drawn_in", "worried", "left_afraid", "self_harm", "imminent"]
CATEGORIES: tuple[Category, ...] = get_args(Category)

MOST_SERVICES = 3
UNION = "EU-wide"  # how support.yaml marks an emergency number of the whole European Union
FEW_WORDS = 4
_POLICE = {"police": 2, "security_agency": 2, "mixed": 1}


class Fit(Frozen):
    """Services of one topic that are for one of these people."""

    topic: str
    audience: tuple[str, ...]

    def takes(self, service: Service) -> bool:
        return self.topic in service.topics and bool(set(self.audience) & set(service.audience))


class Need(Frozen):
    """Which services fit a category, what to add where those bring nobody, and what to offer afterwards."""

    services: tuple[Fit, ...]
    otherwise: tuple[Fit, ...]
    stages: tuple[str, ...]


class Words(Frozen):
    """The fixed words of one language."""

    warm: Mapping[Category, str]
    danger_first: str
    danger_first_anywhere: str
    danger: str
    danger_anywhere: str
    danger_union: str
    or_: str = Field(alias="or")
    ask_country: str
    who_answers: str
    hours: str
    checked: str
    uncertain: str
    directory: str
    english: str
    offer: Mapping[Category, str]
    answers: Mapping[str, str]


class Help(Frozen):
    """What is said, in its order, and each service (and the emergency line) once more as a notice to lay out."""

    text: str
    notices: tuple[Notice, ...]


def help_for(
    category: Category,
    support: Support,
    today: dt.date,
    *,
    language: str = "en",
    country: str | None = None,
    urgent: bool = False,
    asked: bool = False,
) -> Help:
    """The help for one category of need; imminent danger is always urgent.

    `country` is an ISO 3166 code or None; `asked` says that the country was asked for before. Only services that may
    be shown on `today` are named, at most three. Paragraphs of the text are separated by blank lines; those that are
    notices too stand in it word for word.
    """
    words = _words()[language if language in _words() else "en"]
    code = country.upper() if country else None
    urgent = urgent or category == "imminent"
    danger = _help(_danger(words, support, code, language, first=urgent))
    services = fitting(category, support, code, today)
    rows = [_help(_row(s, words)) for s in services]
    if len(rows) < MOST_SERVICES and not _enough(services):
        rows.append(_help(_directory(words, support, code)))
    ask = [words.ask_country] if code is None and not asked else []
    parts: list[str | Notice] = [
        words.warm[category],
        *ask,
        *rows,
        *([words.english] if words.english else []),
    ]
    parts.insert(0 if urgent else len(parts), danger)
    parts.append(words.offer[category])
    return Help(
        text="\n\n".join(p if isinstance(p, str) else p.text for p in parts),
        notices=tuple(p for p in parts if isinstance(p, Notice)),
    )


def fitting(category: Category, support: Support, country: str | None, today: dt.date) -> tuple[Service, ...]:
    """At most three services of the country that fit, those that are not the police first.

    A row where nobody can be reached counts only where there is no other, and one for professionals only never.
    """
    if country is None:
        return ()
    need = _needs()[category]
    here = [s for s in support.services if s.country == country and s.shown_on(today)]
    chosen = _fit(need.services, here)
    first = _fit(need.services[:1], here)
    if not any(_reachable(s) and not _POLICE.get(s.who_answers) for s in first):
        chosen += [s for s in _fit(need.otherwise, here) if s not in chosen]
    if any(map(_reachable, chosen)):
        chosen = [s for s in chosen if _reachable(s)]
    return tuple(sorted(chosen, key=lambda s: _POLICE.get(s.who_answers, 0))[:MOST_SERVICES])


def supported(
    question: str,
    category: Category,
    corpus: Corpus,
    today: dt.date,
    *,
    urgent: bool = False,
    history: Sequence[Turn] = (),
    setting: str | None = None,
    locale: str | None = None,
) -> Answer:
    """The whole answer to a person in difficulty: help, no sentence and no citation, and where to go on.

    The country is the one that the person says to be in, else the setting's, else that of the locale (`fr-CH`).
    """
    asked = was_asked(history)
    said = [t.content for t in history if t.role == "user"]
    country = whereabouts([*said, question], setting=setting, locale=locale, replied=asked)
    given = help_for(
        category,
        corpus.support,
        today,
        language=_spoken([*said, question]),
        country=country,
        urgent=urgent,
        asked=asked,
    )
    return Answer(
        outcome=Outcome.SUPPORTED,
        text=given.text,
        notices=given.notices,
        standalone_question=question,
        suggestions=offered(_needs()[category].stages, corpus),
        corpus_version=corpus.version,
    )


def whereabouts(
    said: Sequence[str], *, setting: str | None = None, locale: str | None = None, replied: bool = False
) -> str | None:
    """The country of a person from what they said (the last mention counts), else the setting, else the locale.

    Of earlier turns, which may have been about others, only what somebody said of themselves counts. `replied` says
    that the last thing said answers the question for the country.
    """
    for n, text in enumerate(reversed(said)):
        last = n == 0
        named = country_in(text, own=not last) or (country_in(text, asked=True) if replied and last else None)
        if named:
            return named
    if setting:
        return setting.upper()
    region = (locale or "").replace("_", "-").partition(".")[0].partition("-")[2]
    return region.upper() if len(region) == 2 and region.isalpha() else None


def was_asked(history: Sequence[Turn]) -> bool:
    """Whether the person was asked for the country in this conversation."""
    asks = [w.ask_country for w in _words().values()]
    return any(t.role == "assistant" and any(ask in t.content for ask in asks) for t in history)


def _spoken(said: Sequence[str]) -> str:
    """The language of what was said last; a reply of a word or two is read with what came before."""
    return language_of(said[-1] if len(said[-1].split()) >= FEW_WORDS else " ".join(said))


def _fit(fits: Iterable[Fit], services: Sequence[Service]) -> list[Service]:
    return list({s.id: s for fit in fits for s in services if fit.takes(s)}.values())


def _reachable(service: Service) -> bool:
    return bool(service.phone or service.email or service.sms)


def _enough(services: Sequence[Service]) -> bool:
    """Whether two services of the whole country stand there, one of them not the police."""
    everywhere = [s for s in services if s.region is None]
    return len(everywhere) >= 2 and any(not _POLICE.get(s.who_answers) for s in everywhere)


def _danger(words: Words, support: Support, country: str | None, language: str, *, first: bool) -> str:
    numbers = [n for e in support.emergency if e.country == country for n in e.numbers]
    if country and numbers:
        sentence = words.danger_first if first else words.danger
        return sentence.format(
            country=country_name(country, language), numbers=f" {words.or_} ".join(numbers)
        )
    anywhere = words.danger_first_anywhere if first else words.danger_anywhere
    union = list(dict.fromkeys(n for e in support.emergency if UNION in (e.note or "") for n in e.numbers))
    if country or not union:
        return anywhere
    return f"{anywhere} {words.danger_union.format(numbers=f' {words.or_} '.join(union))}"


def _row(service: Service, words: Words) -> str:
    """One service on one line: name, how to reach it, what it is, who answers, hours, when it was checked."""
    name = f"{service.name} ({service.region})" if service.region else service.name
    reach = [
        *map(_phone, service.phone),
        *([service.email] if service.email else []),
        *([service.url] if service.url else []),
    ]
    translated = words.answers.get(service.who_answers)
    who = f"{translated}. {service.who_answers_text}" if translated else service.who_answers_text
    parts = [
        f"{name}: {', '.join(reach)}." if reach else f"{name}.",
        service.what,
        f"{words.who_answers}: {who}",
        f"{words.hours}: {service.hours}." if service.hours else "",
        words.uncertain if service.conflict else "",
        f"{words.checked}: {service.checked_on}.",
    ]
    return " ".join(p for p in parts if p)


def _phone(phone: Phone) -> str:
    return f"{phone.display} ({phone.note.rstrip('.')})" if phone.note else phone.display


def _directory(words: Words, support: Support, country: str | None) -> str:
    """The international list; by country only for countries of the file, since others may not have a page there."""
    directory = support.directory
    known = country in {s.country for s in support.services}
    by_country = directory.url_by_country if known and country else None
    url = by_country.replace("{CC}", country) if by_country and country else directory.url
    checked = f" {words.checked}: {directory.checked_on}." if directory.checked_on else ""
    return f"{directory.name}: {url}. {words.directory}{checked}"


def _help(text: str) -> Notice:
    return Notice(kind="help", text=text)


@cache
def _words() -> Mapping[str, Words]:
    return {language: Words.model_validate(fields) for language, fields in _file()["words"].items()}


@cache
def _needs() -> Mapping[str, Need]:
    return {name: Need.model_validate(fields) for name, fields in _file()["categories"].items()}


@cache
def _file() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    data: Mapping[str, Mapping[str, Mapping[str, object]]] = from_yaml(
        resources.files("rag.guard").joinpath("support.yaml").read_text("utf-8")
    )
    return data
