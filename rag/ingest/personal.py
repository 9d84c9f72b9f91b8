"""Personal data in a text: where they stand, of what kind, and why they are taken for that.

Forms (mail, phone, address, handle, birth date, case number) are found by patterns; phone numbers by the numbering plans
of phonenumberslite. Names are in rag.ingest.names. All of it is proposed for masking; a curator decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import phonenumbers

from rag.model import Frozen

Kind = Literal["person", "phone", "mail", "address", "handle", "date of birth", "case number", "account"]

_MAIL = re.compile(
    r"[\w.+-]+(?:@|\s?\[at\]\s?|\s?\(at\)\s?)[\w-]+(?:(?:\.|\s?\[dot\]\s?)[\w-]{2,})+", re.IGNORECASE
)
_HANDLE = re.compile(
    r"(?<![\w.@/])@[A-Za-z]\w{2,}|\b(?:t\.me|telegram\.me|wa\.me|instagram\.com|facebook\.com|fb\.com|twitter\.com|x\.com|"
    r"tiktok\.com|vk\.com|kik\.me)/[\w.@-]{2,}|\b(?:kik|wickr|threema|snapchat|skype|telegram|surespot|instagram|discord|session)"
    r"(?:[ -](?:id|name|user(?:name)?|handle|account))?\s?(?::|\bis\b|\bwas\b)\s?@?(?=\w*[\d_.])[\w.#-]{4,}|\b\w{2,32}#\d{4}\b",
    re.IGNORECASE,
)
_STREETS = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Court|Boulevard|Blvd|Terrace|Crescent|Way|Square|Gardens|Grove|"
    r"Place|Parade|Highway|Hill|Row|Walk|Mews)"
)
_CAP = r"[A-ZÀ-ÖØ-ÞŞİ][\w'’.-]+"
_ADDRESS = re.compile(
    rf"\b(?:(?:[Ff]lat|[Aa]partment|[Aa]pt\.?|[Uu]nit|[Ss]uite)\s+\w{{1,5}},?\s+)?\d{{1,5}}[a-zA-Z]?,?\s+(?:{_CAP}\s+){{1,3}}{_STREETS}\b\.?"
    rf"(?:,\s+{_CAP}(?:\s{_CAP})?(?:,?\s+[A-Z]{{1,2}}\d[\dA-Z]?\s?\d[A-Z]{{2}}|,?\s+\d{{4,5}})?)?"
    rf"|\b{_CAP}(?:straße|strasse|str\.|gasse|weg|allee|platz|straat|laan|gatan|vej)\s+\d{{1,4}}[a-z]?\b(?:,\s+\d{{4,5}}\s+{_CAP})?"
    rf"|\b(?:{_CAP}(?:er|e)?\s+(?:Straße|Strasse|Allee|Platz|Weg|Ring))\s+\d{{1,4}}[a-z]?\b(?:,\s+\d{{4,5}}\s+{_CAP})?"
    rf"|\b\d{{1,4}}(?:\s?(?:bis|ter))?,?\s+(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Cc]hemin|[Aa]llée|[Qq]uai|[Ii]mpasse)\s+(?:d[eu']s?\s?|de la\s|des\s|l')?{_CAP}(?:\s{_CAP})*(?:,\s+\d{{5}}\s+{_CAP})?"
    rf"|\b(?:[Rr]ue|[Cc]alle|[Vv]ia|[Aa]venida|[Pp]laza|[Rr]ua)\s+(?:de\s(?:la\s)?|del\s|d[ae]\s)?{_CAP}(?:\s{_CAP})*,?\s+(?:n\.?º?\s?)?\d{{1,4}}\b"
    rf"|\bP\.?\s?O\.?\s?[Bb]ox\s+\d+\b|\b[A-Z]{{1,2}}\d[\dA-Z]?\s\d[A-Z]{{2}}\b"
)  # fmt: skip
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?"
    r"|Dec(?:ember)?|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember|janvier|février|mars|avril|juin|juillet|août|"
    r"septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|noviembre|diciembre)"
)
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+)?(?:19|20)\d\d|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d)"
)
_BORN = re.compile(
    r"\b(?:born(?:\s+in\s+[\w' -]{2,30}?)?,?(?:\s+on)?|date\s+of\s+birth|birth\s?date|birthday(?:\s+(?:is|was))?(?:\s+on)?|d\.?o\.?b\.?|"
    r"geb(?:oren|\.)(?:\s+am)?|geburtsdatum|n[ée]e?\s+le|nacid[oa]\s+el|geboren\s+op)\s*[:=(]?\s*(?:the\s+|is\s+|was\s+)?("
    + _DATE
    + ")",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b(?:case|file|docket|indictment|matter|ref(?:erence)?|claim|prisoner|inmate|detainee|passport|id(?:entity)?(?:\s+card)?|"
    r"aktenzeichen|az\.?|dossier|expediente|registration|asylum|social\s+security|national\s+insurance|personnel|badge|ssn|isn)"
    r"(?:\s+(?:no\.?|number|nr\.?|nummer|num[ée]ro|id|code|file))*\s*[:#.]?\s*(?:is\s+|was\s+)?((?=[\w/:.-]*\d{2})[A-Z0-9][\w]*(?:[/:.-][\w]+)*(?:\s\d[\w/-]*)?)",
    re.IGNORECASE,
)
_DOCKET = re.compile(
    r"\b\d{1,2}:\d{2}-[a-z]{2}-\d{3,6}(?:-[A-Z]{2,4})*\b|\b\d{1,3}\s(?:Js|Ks|Ls|StE|BJs|OJs)\s\d+/\d{2}\b|\b\d{3}-\d{2}-\d{4}\b|\b[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b"
)
_ACCOUNT = re.compile(
    r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?\b|\b(?:bc1|[13])[a-km-zA-HJ-NP-Z1-9]{25,42}\b"
)
_URL = re.compile(r"https?://\S+|www\.\S+")
_PHONE_LIKE = re.compile(r"\+?\d[\d\s().\-/]{5,}\d")
_PHONE_CUE = re.compile(
    r"\b(?:phone|tel(?:ephone|efon|éfono|\.)?|mobile|cell|whatsapp|viber|call(?:ed|ing)?|text(?:ed)?|number|dial(?:led)?|ring|sms|fax|handy|"
    r"reach(?:ed)?\s+\w+\s+(?:on|at)|contact(?:ed)?)\b[^.!?]{0,40}$",
    re.IGNORECASE,
)
_REGIONS = (
    "GB",
    "US",
    "DE",
    "FR",
    "TR",
    "SE",
    "NL",
    "ES",
    "IT",
    "AU",
    "IN",
    "KE",
    "LK",
    "BE",
    "AT",
    "CH",
    "DK",
    "NO",
)


class Personal(Frozen):
    """One piece of personal data: where it stands in its text, and why it is taken for that."""

    kind: Kind
    start: int
    end: int
    text: str
    why: str


def forms(text: str) -> list[Personal]:
    """Personal data that have a form, in order and without overlap."""
    found: list[Personal] = []
    taken: list[tuple[int, int]] = []
    for item in _all(text):
        if not any(item.start < end and start < item.end for start, end in taken):
            found.append(item)
            taken.append((item.start, item.end))
    return sorted(found, key=lambda p: p.start)


def _all(text: str) -> Iterator[Personal]:
    if "@" in text or "at" in text:
        yield from (_found("mail", m, 0, "an address of electronic mail") for m in _MAIL.finditer(text))
    yield from (_found("handle", m, 0, "a name on a network") for m in _HANDLE.finditer(text))
    if not re.search(r"\d", text):
        return
    text = _URL.sub(lambda m: "_" * len(m.group()), text)  # numbers of a page's address are nobody's
    yield from (_found("date of birth", m, 1, "a date of birth") for m in _BORN.finditer(text))
    yield from (_found("case number", m, 1, "the number of a case or paper") for m in _CASE.finditer(text))
    yield from (_found("case number", m, 0, "the number of a case or paper") for m in _DOCKET.finditer(text))
    yield from (_found("account", m, 0, "the number of an account") for m in _ACCOUNT.finditer(text))
    yield from (_found("address", m, 0, "a postal address") for m in _ADDRESS.finditer(text))
    if _PHONE_LIKE.search(text):
        yield from _phones(text)


def _phones(text: str) -> Iterator[Personal]:
    """Numbers that exist by a numbering plan: international ones anywhere, national ones where a word announces them."""
    leniency = phonenumbers.Leniency.POSSIBLE
    seen: set[tuple[int, int]] = set()
    for match in phonenumbers.PhoneNumberMatcher(text, None, leniency=leniency):
        seen.add((match.start, match.end))
        yield Personal(
            kind="phone", start=match.start, end=match.end, text=match.raw_string, why="a phone number"
        )
    for like in _PHONE_LIKE.finditer(text):
        raw = like.group()
        digits = re.sub(r"\D", "", raw)
        if any(s < like.end() and like.start() < e for s, e in seen) or not 7 <= len(digits) <= 15:
            continue
        if re.fullmatch(r"(?:19|20)\d\d[\s/–-]+(?:19|20)?\d\d(?:-\d\d)?", raw):
            continue
        announced = _PHONE_CUE.search(text[max(0, like.start() - 60) : like.start()])
        grouped = digits.startswith("0") and re.search(r"\d[\s./-]\d", raw)
        if announced or (grouped and any(_valid(raw, region) for region in _REGIONS)):
            yield Personal(kind="phone", start=like.start(), end=like.end(), text=raw, why="a phone number")


def _valid(raw: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(raw, region))
    except phonenumbers.NumberParseException:
        return False


def _found(kind: Kind, match: re.Match[str], group: int, why: str) -> Personal:
    start = match.start(group)
    text = match.group(group).rstrip(".,;:")
    return Personal(kind=kind, start=start, end=start + len(text), text=text, why=why)
