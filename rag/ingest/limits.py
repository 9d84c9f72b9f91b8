"""How much of a file is read before it is refused: every bound in one place, with the words for exceeding it."""

from __future__ import annotations

from rag.model import Frozen

MB = 1024 * 1024


class Unreadable(Exception):
    """A file was not read; the message says why, and what its owner can do about it."""


class Limits(Frozen):
    """Bounds of reading one file. Sizes in bytes, times in seconds."""

    file_bytes: int = 200 * MB
    pages: int = 5_000
    characters: int = 30_000_000
    blocks: int = 300_000
    seconds: int = 300
    memory: int = 2_048 * MB
    # A document that is a ZIP, or an archive of documents: what it may unpack to, and how much more than it weighs.
    unpacked_bytes: int = 400 * MB
    ratio: int = 200
    members: int = 5_000


DEFAULT = Limits()
