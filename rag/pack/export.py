"""A pack as a file for print. What may not leave (an unknown number or link, a layout that cannot be read) stops it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from rag.export.document import Document
from rag.export.docx import docx
from rag.export.markdown import markdown
from rag.export.pdf import pdf
from rag.guard.output import OutputGuard
from rag.pack.check import check_document
from rag.pack.files import PackError
from rag.pack.layout import document
from rag.pack.model import Pack

Format = Literal["pdf", "docx", "md"]
WRITERS: Mapping[Format, Callable[[Document], bytes]] = {
    "pdf": pdf,
    "docx": docx,
    "md": lambda d: markdown(d).encode(),
}
MIME: Mapping[Format, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown",
}


def exported(pack: Pack, kind: Format, output: OutputGuard) -> bytes:
    """The pack in a format. Raises PackError with the first fault of what would be printed."""
    laid_out = document(pack)
    faults = check_document(laid_out, output)
    if faults:
        raise PackError(str(faults[0]))
    return WRITERS[kind](laid_out)
