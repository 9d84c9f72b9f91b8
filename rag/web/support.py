"""The help panel: services that a person checked lately, by country, emergency numbers first."""

from __future__ import annotations

import datetime as dt
import re

from rag.model import Frozen, Service, Support

INTERNATIONAL = ""


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
