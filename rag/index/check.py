"""Health check of an index directory, run in a process of its own (see worker).

Opens everything a reader opens and asks it questions whose answers are known.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from rag.index.manifest import CHROMA, LEXICAL
from rag.index.reader import KINDS, Index, IndexDamaged
from rag.text import content_words, stem

SAMPLES = 25


def check(directory: Path) -> dict[str, int]:
    """Counts of what was checked. Raises IndexDamaged with what is wrong."""
    for database in (directory / LEXICAL, directory / CHROMA / "chroma.sqlite3"):
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            verdict = db.execute("PRAGMA quick_check").fetchone()[0]
            if verdict != "ok":
                raise IndexDamaged(f"{database.name}: {verdict}")
    index = Index(directory)
    try:
        if len(index.unit_kind) != index.manifest.units or len(index.passage_ids) != index.manifest.passages:
            raise IndexDamaged("the counts in the manifest do not agree with the files")
        for n, kind in enumerate(KINDS):
            rows = np.flatnonzero(index.unit_kind == n)
            for row in rows[:: max(1, len(rows) // SAMPLES)]:
                own = index.vectors([int(row)])[0]
                found = index.proposed(kind, own, 5)
                if not found or max(float(index.vectors([f])[0] @ own) for f in found) < 0.999:
                    raise IndexDamaged(f"Chroma does not find {kind} {row} by its own vector")
        for i, pid in enumerate(index.passage_ids[:: max(1, len(index.passage_ids) // SAMPLES)]):
            terms = [stem(w) for w in content_words(index.corpus.passages[pid].text)][:8]
            if terms and index.position[pid] not in {
                p for p, _ in index.lexical(terms, len(index.passage_ids))
            }:
                raise IndexDamaged(f"full-text search does not find {pid} by its own words (sample {i})")
        return {"passages": len(index.passage_ids), "units": len(index.unit_kind)}
    finally:
        index.close()
