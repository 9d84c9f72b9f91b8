"""A document as PDF by Typst: tagged, with title and language, to the letter of PDF/UA-1, the standard of accessible PDF.

Typst itself refuses to write a file that breaks the standard. The words go in as data and never as Typst markup.
"""

from __future__ import annotations

import json
from importlib import resources

from rag.export.document import Document

STANDARD = "ua-1"


def pdf(document: Document) -> bytes:
    """The document as an A4 PDF with the same bytes every time. Raises RuntimeError where Typst refuses it."""
    import typst

    template = resources.files("rag.export").joinpath("document.typ").read_bytes()
    made: bytes = typst.compile(
        template,
        format="pdf",
        sys_inputs={"document": json.dumps(document.model_dump(mode="json"), ensure_ascii=False)},
        ignore_system_fonts=True,
        font_paths=_fonts(),
        pdf_standards=[STANDARD],
        timestamp=int(_noon(document)),
    )
    return made


def _fonts() -> list[str]:
    import fontpkg_source_sans_3 as sans

    return [str(resources.files(sans) / "files")]


def _noon(document: Document) -> float:
    import datetime as dt

    return dt.datetime.combine(document.date, dt.time(12), dt.UTC).timestamp()
