"""A source as a record for reference managers: BibTeX (biblatex fields) and RIS."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from rag.export.names import parted
from rag.model import Source

BIBTEX = {
    "research": ("article", "journaltitle"),
    "journalism": ("article", "journaltitle"),
    "review": ("article", "journaltitle"),
    "memoir": ("book", "publisher"),
    "court_record": ("report", "institution"),
    "government": ("report", "institution"),
}
RIS = {
    "research": "JOUR",
    "journalism": "NEWS",
    "review": "MGZN",
    "memoir": "BOOK",
    "court_record": "RPRT",
    "government": "RPRT",
}
_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def bibtex(source: Source, accessed: dt.date, place: str, standing: str) -> str:
    """One biblatex entry; the place in the source goes to `pages` where it is a page, else to `note`."""
    kind, holder = BIBTEX.get(source.kind, ("online", "organization"))
    fields = {
        "author": " and ".join(_bibtex_name(a) for a in source.authors),
        "title": f"{{{_tex(source.title)}}}",
        holder: _tex(source.publisher),
        "date": source.published,
        "pages": place.removeprefix("p. ") if place.startswith("p. ") else "",
        "note": _tex("; ".join(x for x in (standing, "" if place.startswith("p. ") else place) if x)),
        "url": source.url,
        "urldate": accessed.isoformat(),
        "langid": source.language,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key(source)},", *lines, "}"])


def ris(source: Source, accessed: dt.date, place: str, standing: str) -> str:
    """One RIS record, lines ended by CR LF as the format has it."""
    date = [*source.published.split("-"), "", ""][:3]
    lines = [
        ("TY", RIS.get(source.kind, "ELEC")),
        *(("AU", _ris_name(a)) for a in source.authors),
        ("TI", source.title),
        ("T2" if source.kind in ("research", "journalism", "review") else "PB", source.publisher),
        ("PY", date[0]),
        ("DA", "/".join([*date, ""])),
        ("SP", place.removeprefix("p. ") if place.startswith("p. ") else ""),
        ("N1", "; ".join(x for x in (standing, place) if x)),
        ("LA", source.language),
        ("UR", source.url),
        ("Y2", accessed.strftime("%Y/%m/%d/")),
        ("ID", key(source)),
    ]
    kept = [f"{tag}  - {' '.join(value.split())}" for tag, value in lines if value]
    return "\r\n".join([*kept, "ER  - "]) + "\r\n"


def key(source: Source) -> str:
    """The citation key of a source: its id, which is ASCII and never changes."""
    return source.id


def _bibtex_name(author: str) -> str:
    name = parted(author)
    # Braces keep an organisation's name whole.
    return f"{{{_tex(author)}}}" if "literal" in name else f"{_tex(name['family'])}, {_tex(name['given'])}"


def _ris_name(author: str) -> str:
    name = parted(author)
    return author if "literal" in name else f"{name['family']}, {name['given']}"


def _tex(text: str) -> str:
    plain = unicodedata.normalize("NFC", re.sub(r"\s+", " ", text))
    return plain.translate(_SPECIAL)
