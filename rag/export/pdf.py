"""A document as PDF by Typst: tagged, with title and language, by PDF/UA-1, the standard of accessible PDF.

Typst itself refuses to write a file that breaks the standard. The words go in as data and never as Typst markup.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from importlib import resources
from typing import Any, Literal

from rag.export.document import Document

STANDARD: Literal["ua-1"] = "ua-1"


def pdf(document: Document) -> bytes:
    """The document as an A4 PDF with the same bytes every time. Raises RuntimeError where Typst refuses it."""
    import typst

    template = resources.files("rag.export").joinpath("document.typ").read_bytes()
    made: bytes = typst.compile(
        template,
        format="pdf",
        sys_inputs={"document": json.dumps(document.model_dump(mode="json"), ensure_ascii=False)},
        font_paths=_fonts(),
        pdf_standards=STANDARD,
        timestamp=_noon(document),
    )
    return made


@cache
def _fonts() -> Any:
    """The fonts of two wheels (Typst's own serif, and Source Sans), so that every machine prints the same."""
    import fontpkg_source_sans_3 as sans
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(resources.files(sans).joinpath("files"))])


def _noon(document: Document) -> dt.datetime:
    return dt.datetime.combine(document.date, dt.time(12), dt.UTC)
