"""One reader a format, `read(path, limits) -> Document`. Libraries are imported when a file of their format comes.

Readers run in a process of their own (see rag.ingest.worker): whatever a hostile file does to one of them ends there.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from rag.ingest.document import Document, Format
from rag.ingest.limits import Limits, Unreadable

MODULES: dict[Format, str] = {
    "pdf": "pdf",
    "docx": "docx",
    "odt": "odt",
    "html": "html",
    "epub": "epub",
    "markdown": "plain",
    "text": "plain",
    "vtt": "subtitles",
    "srt": "subtitles",
}
EXTRA = "pip install 'exitvoices[ingest]'"


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """What a file holds. Raises Unreadable, also where the libraries for its format are not installed."""
    reader = importlib.import_module(f"rag.ingest.readers.{MODULES[kind]}")
    try:
        document: Document = reader.read(path, kind, limits)
    except ImportError as e:
        raise Unreadable(f"reading {kind} needs {e.name or e}: {EXTRA}") from e
    if len(document.blocks) > limits.blocks:
        raise Unreadable(f"it has more than {limits.blocks:,} paragraphs; split it")
    if sum(len(b.text) for b in document.blocks) > limits.characters:
        raise Unreadable(f"it has more than {limits.characters:,} letters; split it")
    if not any(b.text for b in document.blocks):
        raise Unreadable("no text was found in it")
    return document
