"""Answers that the model has written before: sentences with the ids of their statements, in one SQLite file.

The key is a hash over everything that an answer depends on. The question is in it and is never stored. What is read
back is checked again like anything that a model wrote. Takedown deletes the file.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rag.answer.write.parse import Draft
from rag.settings import Settings

Held = list[Draft]
FILE = "written.sqlite3"


def key(*facts: object) -> str:
    """Where an answer is kept; `facts` are what it depends on."""
    return hashlib.sha256(json.dumps([str(f) for f in facts]).encode()).hexdigest()


class Written:
    """The store. A damaged or locked file is the same as an empty one: a cache must not cost an answer."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._lock = threading.Lock()

    def get(self, name: str) -> Held | None:
        """The sentences kept under a key, their refs being statement ids; None where there are none."""
        if not self._path.is_file():
            return None
        try:
            with self._lock, closing(self._open()) as db:
                row = db.execute("SELECT value FROM written WHERE key = ?", (name,)).fetchone()
            return None if row is None else [Draft(tuple(r), s, t) for r, s, t in json.loads(row[0])]
        except (sqlite3.Error, ValueError, TypeError):
            return None

    def put(self, name: str, drafts: Sequence[Draft]) -> bool:
        """Keeps sentences under a key; whether it could."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, closing(self._open()) as db, db:
                value = json.dumps([[list(d.refs), d.speaker, d.text] for d in drafts], ensure_ascii=False)
                db.execute("INSERT OR REPLACE INTO written VALUES (?, ?)", (name, value))
        except (sqlite3.Error, OSError):
            return False
        return True

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=5)
        db.execute("PRAGMA secure_delete = ON")
        db.execute("CREATE TABLE IF NOT EXISTS written (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        return db


def purge(settings: Settings) -> None:
    """Deletes every written answer; for takedown. Raises OSError where a file cannot be deleted."""
    for path in settings.data_dir.glob(f"{FILE}*"):
        path.unlink()
