"""Links, numbers and addresses in a text: only those that the corpus holds may leave."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.corpus import Corpus

_TLD = (
    "com|org|net|info|io|onion|ru|gg|ly|xyz|link|app|tv|cc|biz|su|uk|de|fr|nl|eu|ch|at|be|se|dk|ca|au|ie|es|tr|edu|gov"
    "|int"
)
_END = r"[^\s<>\"”)\]]"
_URL = re.compile(
    rf"(?:https?://|www\.){_END}+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:{_TLD})\b(?:/{_END}*)?"
    rf"|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{{2,10}}/{_END}+",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"\w\.\w|://")  # without it there is no link, and looking for links is slow
_DIGIT = re.compile(r"\d")
_DOI = re.compile(r"\b10\.\d{4,}(?:[./]\w+)+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"(?<![\w.@])@\w{3,}")
_PHONE = re.compile(r"(?<![\w.,-])\(?\+?\d(?:[\s().\-/]{0,2}\d){6,14}(?!\w)")
_DIALLED = re.compile(
    r"\b(?:call|text|dial|phone|ring|sms|whatsapp|number is|telephone|appelez|appeler|rufen sie|bel|llam\w+|arayın)\b:?"
    r"(?: (?:us|them|me|him|now|the|this|number|on|at|to|le|al|an|bitte|naar)){0,3} (\+?\d[\d\s-]{1,14}\d)(?![\w%,])",
    re.IGNORECASE,
)
_YEAR = r"(?:1[89]|20)\d\d"
_DATES = re.compile(rf"\b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b|\b{_YEAR}(?:[\s,/–-]+(?:{_YEAR}|\d\d)\b)+")
_STREET = re.compile(
    r"\b\d{1,4}[a-z]?,?\s+(?:[A-Z][\w'’-]+\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Boulevard|Blvd"
    r"|Terrace|Crescent|Straße|Strasse|straat|Way)\b|\b(?:[Rr]ue|[Cc]alle|[Vv]ia)\s+[A-Z]\w+,?\s+\d{1,4}\b"
    r"|\b\d{1,4},?\s+(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Cc]hemin)\s+(?:d\w+\s+)?[A-Z]"
)


class Contacts:
    """What a reader may be led to: addresses of sources and records, and of the help services."""

    def __init__(self, corpus: Corpus) -> None:
        cards = corpus.sources.values()
        urls = [u for c in cards for u in (c.url, c.standing_source, c.title, c.publisher)]
        urls += [u for c in cards for n in c.editorial_notes for u in (n.source, n.note)]
        urls += [p.legal_status.source for p in corpus.people if p.legal_status]
        urls += [source for p in corpus.people for same in p.same_as for source in same.source]
        support = corpus.support
        urls += [s.url or "" for s in support.services] + [support.directory.url]
        here = {s.country for s in support.services if s.country} | {e.country for e in support.emergency}
        urls += [(support.directory.url_by_country or "").replace("{CC}", code) for code in here]
        self._urls = frozenset(_bare(u) for text in urls for u in _URL.findall(text))
        self._hosts = frozenset(u.partition("/")[0] for u in self._urls)
        self._mails = frozenset(s.email.casefold() for s in support.services if s.email)
        held = [n for s in support.services for p in s.phone for n in (p.display, p.number or "")]
        held += [s.sms or "" for s in support.services] + [n for e in support.emergency for n in e.numbers]
        pieces = {_digits(piece) for text in held for piece in [text, *re.findall(r"\+?\d[\d\s-]*\d", text)]}
        self._numbers = frozenset(pieces - {""})

    def broken_by(self, text: str) -> Iterator[str]:
        """The rules that a text breaks: contact, link, phone, address."""
        mails = _MAIL.findall(text) if "@" in text else []
        rest = _MAIL.sub(" ", text) if mails else text
        if any(m.casefold() not in self._mails for m in mails) or _HANDLE.search(rest):
            yield "contact"
        if _DOTTED.search(rest):
            if any(not self._known(u) for u in _URL.findall(rest)):
                yield "link"
            rest = _DOI.sub(" ", _URL.sub(" ", rest))
        if _DIGIT.search(rest):
            undated = _DATES.sub(" ", rest)
            dialled = [n for n in _DIALLED.findall(undated) if not re.fullmatch(_YEAR, n)]
            numbers = [m.group() for m in _PHONE.finditer(undated)] + dialled
            if any(_digits(n) not in self._numbers for n in numbers):
                yield "phone"
            if _STREET.search(rest):
                yield "address"

    def _known(self, url: str) -> bool:
        bare = _bare(url)
        return bare in self._urls or ("/" not in bare and bare in self._hosts)


def _bare(url: str) -> str:
    """A link without its scheme, `www.` and what punctuation follows it."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", url.rstrip(".,;:!?'’”)/")).casefold()


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
