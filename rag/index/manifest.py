"""What an index directory says of itself, and whether that is still true."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from rag.model import Frozen

FORMAT = 4
MANIFEST = "manifest.json"
CORPUS = "corpus.json"
LEXICAL = "lexical.sqlite3"
VECTORS = "vectors.npy"
UNITS = "units.npz"
WORDS = "words.npz"
CHROMA = "chroma"
FILES_REMEMBERED = 256


class Manifest(Frozen):
    format: int
    key: str
    corpus_version: str
    model: str
    dimensions: int
    passages: int
    units: int
    files: dict[str, str]


def index_key(corpus_version: str, model: str) -> str:
    return hashlib.sha256(f"{FORMAT}\0{corpus_version}\0{model}".encode()).hexdigest()[:16]


def fingerprint(directory: Path) -> dict[str, str]:
    """sha256 of every file except those that reading may touch.

    Chroma rewrites a few bytes of its SQLite file whenever it is opened; that file is checked by SQLite itself.
    """
    paths = (p for p in sorted(directory.rglob("*")) if p.is_file() and p.name != MANIFEST)
    return {
        str(p.relative_to(directory)): _sha256(p) for p in paths if not p.name.startswith("chroma.sqlite3")
    }


def read_manifest(directory: Path) -> Manifest | None:
    """The manifest, or None where there is none that this version understands."""
    try:
        manifest = Manifest.model_validate(json.loads((directory / MANIFEST).read_text("utf-8")))
    except (OSError, ValueError):
        return None
    return manifest if manifest.format == FORMAT else None


def damage(directory: Path) -> str | None:
    """What is wrong with an index directory, in one phrase; None when its files are as they were built."""
    manifest = read_manifest(directory)
    if manifest is None:
        return "it has no readable manifest"
    found = fingerprint(directory)
    for name, digest in manifest.files.items():
        if name not in found:
            return f"{name} is missing"
        if found[name] != digest:
            return f"{name} has changed since it was built"
    return _sqlite_damage(directory / CHROMA / "chroma.sqlite3")


def _sqlite_damage(database: Path) -> str | None:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            verdict = db.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as e:
        return f"{database.name} is missing or unreadable ({e})"
    return None if verdict == "ok" else f"{database.name} is damaged ({verdict})"


def _sha256(path: Path) -> str:
    """Of a file that this process has read before and nobody has touched since, the digest of then: an index is looked
    at when it is found, when it is opened and when somebody asks whether it is current."""
    now = path.stat()
    return _digest(path, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


@lru_cache(FILES_REMEMBERED)
def _digest(path: Path, *state: int) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
