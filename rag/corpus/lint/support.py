"""Help services: a wrong number is worse than none, so each is checked against the plan of its country."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

import phonenumbers
from phonenumbers import shortnumberinfo

from rag.corpus.lint.context import Check, Context
from rag.corpus.read import Problem
from rag.model import Phone, Service


def shown_rows_were_checked_lately(context: Context) -> Iterator[Problem]:
    for service in context.corpus.support.services:
        if service.status == "active" and service.checked_on is None:
            yield _problem(
                service.id,
                "checked_on",
                "the row is active, but nobody checked it",
                "Check it and add the date.",
            )
        elif service.checked_on and dt.date.fromisoformat(service.checked_on) > context.today:
            yield _problem(service.id, "checked_on", f"{service.checked_on} lies ahead", "Correct the date.")
        elif service.status == "active" and not service.shown_on(context.today):
            what = f"last checked on {service.checked_on}, more than 180 days ago, so the row is hidden"
            todo = "Call or open it, then give the new date."
            yield _problem(service.id, "checked_on", what, todo, "warning")


def rows_name_their_source(context: Context) -> Iterator[Problem]:
    for service in context.corpus.support.services:
        if not service.source.strip():
            yield _problem(
                service.id,
                "source",
                "no source",
                "Say on which page the row was read, or that it is from memory.",
            )


def phone_numbers_exist_in_their_country(context: Context) -> Iterator[Problem]:
    for service in context.corpus.support.services:
        for n, phone in enumerate(service.phone):
            wrong = _short_code(phone, service) if phone.short_code else _number(phone, service)
            if wrong:
                todo = "Read the number again on the page of the service."
                severity: Literal["error", "warning"] = "error" if service.status == "active" else "warning"
                yield _problem(service.id, f"phone.{n}", wrong, todo, severity)


def emergency_numbers_are_emergency_numbers(context: Context) -> Iterator[Problem]:
    for row in context.corpus.support.emergency:
        for number in row.numbers:
            if not shortnumberinfo.is_emergency_number(number, row.country):
                what = f"{number} is no emergency number in {row.country}"
                yield _problem(f"emergency {row.country}", "numbers", what, "Correct or remove it.")


def _number(phone: Phone, service: Service) -> str | None:
    if phone.number is None:
        return f"'{phone.display}' has no number to dial"
    try:
        dialled = phonenumbers.parse(phone.number, None)
    except phonenumbers.NumberParseException:
        return f"'{phone.number}' is not written as +country code and number"
    if not phonenumbers.is_valid_number(dialled):
        return f"{phone.number} is no valid number"
    regions = phonenumbers.region_codes_for_country_code(dialled.country_code or 0)
    if service.country is not None and service.country not in regions:
        return f"{phone.number} belongs to {', '.join(regions)}, the service to {service.country}"
    shown = phone.display.partition("(")[0]
    try:
        same = phonenumbers.parse(shown, service.country) == dialled
    except phonenumbers.NumberParseException:
        same = False
    return None if same else f"readers see '{phone.display}', but {phone.number} would be dialled"


def _short_code(phone: Phone, service: Service) -> str | None:
    digits = "".join(c for c in phone.display if c.isdigit())
    if service.country is None:
        return f"'{phone.display}' is a short code without a country"
    try:
        number = phonenumbers.parse(digits, service.country)
    except phonenumbers.NumberParseException:
        return f"'{phone.display}' is no number"
    if shortnumberinfo.is_valid_short_number_for_region(number, service.country):
        return None
    return f"{phone.display} is no short number of {service.country}"


def _problem(
    entry: str, field: str, what: str, todo: str, severity: Literal["error", "warning"] = "error"
) -> Problem:
    return Problem(
        file="support.yaml",
        entry=entry,
        field=field,
        what=what,
        todo=todo,
        check="support",
        severity=severity,
    )


CHECKS: tuple[Check, ...] = (
    shown_rows_were_checked_lately,
    rows_name_their_source,
    phone_numbers_exist_in_their_country,
    emergency_numbers_are_emergency_numbers,
)
