"""References to a source, exact to the page, paragraph or time, in the styles that schools and universities ask for.

APA, MLA and Chicago are rendered by citeproc-py from the style files beside this module; BibTeX and RIS are records
for reference managers. An account that is disputed or withdrawn never travels without that word.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from rag.corpus import Corpus
from rag.export.names import parted
from rag.export.records import bibtex, ris
from rag.model import Citation, Locator, Passage, Source

Style = Literal["apa", "mla", "chicago", "bibtex", "ris"]
STYLES: tuple[Style, ...] = get_args(Style)
LABELS: dict[Style, str] = {
    "apa": "APA",
    "mla": "MLA",
    "chicago": "Chicago",
    "bibtex": "BibTeX",
    "ris": "RIS",
}
KINDS = {
    "interview": "webpage",
    "research": "article-journal",
    "journalism": "article-newspaper",
    "court_record": "report",
    "government": "report",
    "memoir": "book",
    "talk": "webpage",
    "programme": "webpage",
    "review": "article-magazine",
}
STANDINGS = {"good": "", "disputed": "Disputed account", "retracted": "Retracted account"}


def citation(cited: Citation | str, style: Style, corpus: Corpus, accessed: dt.date) -> str:
    """The full reference to what is cited, with its place in the source and the day it was read.

    `cited` is a citation of an answer, or the id of a statement or passage. Raises KeyError for an id that the corpus
    does not have.
    """
    passage = _passage(cited, corpus)
    source = corpus.sources[passage.source]
    if style == "bibtex":
        return bibtex(source, accessed, place(passage.locator, style), STANDINGS[source.standing])
    if style == "ris":
        return ris(source, accessed, place(passage.locator, style), STANDINGS[source.standing])
    item = _item(source, accessed, place(passage.locator, style))
    return _rendered(style, item, noted=style == "chicago")


def in_text(cited: Citation | str, style: Style, corpus: Corpus, accessed: dt.date) -> str:
    """The short form that stands in running text, such as (Solyom, 2016, para. 6).

    Chicago's is a whole note; BibTeX and RIS have none and give that of APA.
    """
    passage = _passage(cited, corpus)
    chosen: Style = "apa" if style in ("bibtex", "ris") else style
    item = _item(corpus.sources[passage.source], accessed, place(passage.locator, chosen))
    return _rendered(chosen, item, noted=True)


def reference(source: Source, style: Style, accessed: dt.date) -> str:
    """The entry of a whole source in a bibliography, without a place in it."""
    if style == "bibtex":
        return bibtex(source, accessed, "", STANDINGS[source.standing])
    if style == "ris":
        return ris(source, accessed, "", STANDINGS[source.standing])
    return _rendered(style, _item(source, accessed, ""), noted=False)


def place(locator: Locator, style: Style) -> str:
    """The place in a source in the words of a style."""
    if locator.paragraph is not None:
        return f"{'par.' if style == 'mla' else 'para.'} {locator.paragraph}"
    if locator.page is not None:
        return f"p. {locator.page}"
    at = re.sub(r"^00:|\.\d+$", "", locator.timecode or "")
    return f"at {at}" if style == "chicago" else at


def _passage(cited: Citation | str, corpus: Corpus) -> Passage:
    name = cited if isinstance(cited, str) else cited.statement
    found = corpus.passages.get(name.partition("#")[0])
    if found is None or ("#" in name and name not in corpus.statements):
        raise KeyError(f"the corpus has no passage or statement '{name}'")
    return found


def _item(source: Source, accessed: dt.date, section: str) -> dict[str, Any]:
    """A source as CSL-JSON; what is empty is left out."""
    item: dict[str, Any] = {
        "id": "it",
        "type": KINDS[source.kind],
        "title": source.title.rstrip("."),
        "author": [parted(a) for a in source.authors],
        "container-title": source.publisher.rstrip("."),
        "issued": _date(source.published),
        "accessed": _date(accessed.isoformat()),
        "URL": source.url,
        "section": section,
        "note": STANDINGS[source.standing],
        # Only English titles take the capitals of a headline.
        "language": "" if source.language == "en" else source.language,
    }
    return {k: v for k, v in item.items() if v}


def _date(iso: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in iso.split("-")]]}


def _rendered(style: Style, item: dict[str, Any], *, noted: bool) -> str:
    from citeproc import Citation as Cited
    from citeproc import CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    bibliography = CitationStylesBibliography(_style(style), CiteProcJSON([item]), formatter.plain)
    cited = Cited([CitationItem("it")])
    bibliography.register(cited)
    if noted:
        text = str(bibliography.cite(cited, lambda missing: None))
    else:
        text = "".join(map(str, bibliography.bibliography()))
    return _tidied(text)


def _tidied(text: str) -> str:
    """One mark where a title's own end and the style's would meet, and one space between words."""
    text = re.sub(r"([?!])[.,](?=[\s”]|$)", r"\1", text)
    text = re.sub(r"\.{2,}(?=\s|$)", ".", text)
    return " ".join(text.split())


@cache
def _style(style: Style) -> Any:
    from citeproc import CitationStylesStyle

    with resources.as_file(resources.files("rag.export").joinpath(f"styles/{style}.csl")) as path:
        return CitationStylesStyle(str(path), locale="en-US", validate=False)
