"""The box of help services: only rows of corpus/support.yaml that a person checked lately, for the chosen country."""

from __future__ import annotations

import datetime as dt

from rag.guard.place import country_name
from rag.guard.support import Category, fitting, help_for
from rag.model import Phone, Service, Support
from rag.pack.model import AgeBand, HelpRow, SupportBox
from rag.pack.themes import fixed

NEEDS: tuple[Category, ...] = ("drawn_in", "worried", "self_harm")
MOST = 5
POLICE = ("police", "security_agency", "mixed")
DIRECTORY = "directory"


def support_box(support: Support, country: str | None, age: AgeBand, today: dt.date) -> SupportBox:
    """Services of the country for somebody drawn in, for those who worry, and in a crisis; the directory last."""
    words = fixed()["help"]
    danger = [n.text for n in help_for("worried", support, today, country=country, asked=True).notices]
    return SupportBox(
        country=country,
        title=words["title"],
        text=words["text"],
        emergency=danger[-1],
        services=(*(row(s) for s in services(support, country, age, today)), directory(support)),
        local=words["local"],
    )


def services(support: Support, country: str | None, age: AgeBand, today: dt.date) -> tuple[Service, ...]:
    """At most five services that may be shown on that day, those that are not the police first."""
    found: dict[str, Service] = {}
    for need in NEEDS:
        found |= {s.id: s for s in fitting(need, support, country, today)}
    if age != "18+":
        young = (s for s in support.services if s.country == country and "child" in s.topics)
        found |= {s.id: s for s in young if country and s.shown_on(today)}
    kept = [s for s in found.values() if "reporting" not in s.topics]
    return tuple(sorted(kept, key=lambda s: s.who_answers in POLICE)[:MOST])


def row(service: Service) -> HelpRow:
    """A service as it stands on paper."""
    reach = [*map(_phone, service.phone), service.email or "", service.url or ""]
    return HelpRow(
        service=service.id,
        name=f"{service.name} ({service.region})" if service.region else service.name,
        reach=", ".join(r for r in reach if r),
        what=service.what,
        who_answers=service.who_answers_text,
        hours=service.hours or "",
        checked_on=service.checked_on or "",
    )


def directory(support: Support) -> HelpRow:
    """The international list, for countries without a row and for other languages."""
    held = support.directory
    return HelpRow(
        service=DIRECTORY, name=held.name, reach=held.url, what=held.what, checked_on=held.checked_on or ""
    )


def countries(support: Support, today: dt.date) -> dict[str, str]:
    """Names of the countries that have a service to show or an emergency number, by code, sorted by name."""
    codes = {s.country for s in support.services if s.country and s.shown_on(today)}
    codes |= {e.country for e in support.emergency}
    return dict(sorted(((c, country_name(c, "en")) for c in codes), key=lambda x: x[1]))


def _phone(phone: Phone) -> str:
    return f"{phone.display} ({phone.note.rstrip('.')})" if phone.note else phone.display
