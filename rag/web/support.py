"""The help panel: services that a person checked lately, by country, emergency numbers first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from rag.model import Answer, Frozen, Notice, Service, Support

INTERNATIONAL = ""
_PAGE = r"https?://[^\s,]*[^\s,.]"
_DAY = r"\d{4}-\d{2}-\d{2}"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"


class CallView(Frozen):
    display: str
    href: str
    note: str


class ServiceView(Frozen):
    name: str
    what: str
    calls: tuple[CallView, ...]
    url: str
    email: str
    hours: str
    languages: str
    who_answers: str
    caution: str
    checked_on: str


class CountryView(Frozen):
    code: str
    emergency: tuple[CallView, ...]
    services: tuple[ServiceView, ...]
    directory: str


class HelpView(Frozen):
    countries: tuple[CountryView, ...]
    chosen: str
    directory_name: str
    directory_what: str
    directory_url: str
    directory_checked_on: str


class PieceView(Frozen):
    """A stretch of text; what can be called or opened carries its address."""

    text: str
    href: str


class HelpPartView(Frozen):
    """A paragraph of an answer to a person in difficulty: plain words, or a service with its name apart."""

    name: str
    pieces: tuple[PieceView, ...]
    notice: bool


def help_view(support: Support, country: str | None, today: dt.date) -> HelpView:
    """Help services that may be shown today. `country` is preselected; without it the reader is asked."""
    shown = [s for s in support.services if s.country and s.shown_on(today)]
    codes = sorted({s.country for s in shown if s.country} | {e.country for e in support.emergency})
    chosen = (country or "").upper()
    directory = support.directory
    return HelpView(
        countries=tuple(
            CountryView(
                code=code,
                emergency=tuple(
                    _call(n, n) for e in support.emergency if e.country == code for n in e.numbers
                ),
                services=tuple(_service(s) for s in shown if s.country == code),
                directory=(directory.url_by_country or directory.url).replace("{CC}", code),
            )
            for code in codes
        ),
        chosen=chosen if chosen in codes else INTERNATIONAL,
        directory_name=directory.name,
        directory_what=directory.what,
        directory_url=directory.url,
        directory_checked_on=directory.checked_on or "",
    )


def help_parts(answer: Answer, support: Support) -> tuple[HelpPartView, ...]:
    """The paragraphs of a supporting answer in their order; those that are notices of help are marked as such."""
    helps = {n.text: n for n in answer.notices if n.kind == "help"}
    return tuple(
        _notice_part(helps[paragraph], support)
        if paragraph in helps
        else HelpPartView(name="", pieces=(PieceView(text=paragraph, href=""),), notice=False)
        for paragraph in answer.text.split("\n\n")
    )


def _notice_part(notice: Notice, support: Support) -> HelpPartView:
    text = notice.text
    service = next(
        (s for s in support.services if text.startswith(s.name) and all(p.display in text for p in s.phone)),
        None,
    )
    entry = service is not None or text.startswith(support.directory.name)
    name, rest = text.split(": ", 1) if entry and ": " in text else ("", text)
    if service is not None:
        calls = {p.display: _call(p.display, p.number).href for p in service.phone}
    else:
        calls = {n: _call(n, n).href for e in support.emergency for n in e.numbers} if not entry else {}
    return HelpPartView(name=name, pieces=_pieces(rest, calls), notice=True)


def _pieces(text: str, calls: Mapping[str, str]) -> tuple[PieceView, ...]:
    """The text cut where it names a number to call, a page, a mail address or a date, which read left to right."""
    numbers = [rf"(?<!\w){re.escape(c)}(?!\w)" for c in sorted(calls, key=len, reverse=True)]
    cuts = re.split(f"({'|'.join([*numbers, _PAGE, _MAIL, _DAY])})", text)
    return tuple(PieceView(text=cut, href=_address(cut, calls)) for cut in cuts if cut)


def _address(text: str, calls: Mapping[str, str]) -> str:
    if re.fullmatch(_PAGE, text):
        return text
    return f"mailto:{text}" if re.fullmatch(_MAIL, text) else calls.get(text, "")


def _call(display: str, number: str | None, note: str | None = None) -> CallView:
    digits = re.sub(r"[^\d+]", "", number or display)
    return CallView(display=display, href=f"tel:{digits}" if digits else "", note=note or "")


def _service(service: Service) -> ServiceView:
    return ServiceView(
        name=f"{service.name} ({service.region})" if service.region else service.name,
        what=service.what,
        calls=tuple(_call(p.display, p.number, p.note) for p in service.phone),
        url=service.url or "",
        email=service.email or "",
        hours=service.hours or "",
        languages=", ".join(service.languages or ()),
        who_answers=service.who_answers_text,
        caution=service.conflict or "",
        checked_on=service.checked_on or "",
    )
