"""Reading one index directory: dense candidates from Chroma, lexical ones from SQLite FTS5, exact vectors for scoring.

Chroma only proposes candidates; every score is computed from the stored vectors, so that answers do not depend on
how its graph happened to be built. A reader never writes, and holds a shared lock that keeps the directory in place.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rag.corpus import Corpus
from rag.embed import Vectors, unit_length
from rag.index.asking import turn
from rag.index.manifest import CHROMA, CORPUS, LEXICAL, UNITS, VECTORS, damage, read_manifest

Kind = Literal["statement", "question", "passage"]
KINDS: tuple[Kind, ...] = ("statement", "question", "passage")
LOCK = ".lock"
log = logging.getLogger(__name__)

COLUMNS = ("statements", "questions", "people", "context")


class IndexDamaged(Exception):
    """An index directory that must not be used: half written, changed, or not an index at all."""


def quiet_chroma_settings() -> Any:
    """Chroma with telemetry off; imported here because it costs more than a second."""
    from chromadb.config import Settings as ChromaSettings

    return ChromaSettings(anonymized_telemetry=False, allow_reset=False)


class Index:
    """One opened index. Units are rows: each is a statement, a question or a whole passage."""

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged when the directory is not exactly what was built."""
        manifest = read_manifest(directory)
        if manifest is None:
            raise IndexDamaged(f"The index in {directory.name} cannot be used: {damage(directory)}.")
        self._lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        wrong = damage(directory)  # only now: until the lock was held, another process could delete files
        if wrong:
            os.close(self._lock)
            raise IndexDamaged(f"The index in {directory.name} cannot be used: {wrong}.")
        self.directory = directory
        self.manifest = manifest
        self.corpus = Corpus.model_validate_json((directory / CORPUS).read_bytes())
        self.passage_ids = tuple(self.corpus.passages)
        self.position = {pid: i for i, pid in enumerate(self.passage_ids)}
        self._vectors: Vectors = np.load(directory / VECTORS, mmap_mode="r")
        with np.load(directory / UNITS) as units:
            self.unit_kind: npt.NDArray[np.int8] = units["kind"]
            self.unit_passage: npt.NDArray[np.int32] = units["passage"]
            self.unit_number: npt.NDArray[np.int32] = units["number"]
            self.themes = {str(t): i for i, t in enumerate(units["themes"])}
            self._theme_vectors: Vectors = units["theme_vectors"]
            self.question_mean: Vectors = units["means"][KINDS.index("question")]
        self._turn = turn(manifest.model)
        self._starts = np.searchsorted(self.unit_passage, np.arange(len(self.passage_ids) + 1))
        self._sql = sqlite3.connect(f"file:{directory / LEXICAL}?mode=ro", uri=True, check_same_thread=False)
        self._collections: dict[Kind, Any] = {}
        self._client: Any = None
        self._chroma_answers = True

    def close(self) -> None:
        self._sql.close()
        self._collections.clear()
        if self._client is not None:
            self._client.close()
            self._client = None
        os.close(self._lock)

    def rows_of(self, passage: int) -> range:
        return range(int(self._starts[passage]), int(self._starts[passage + 1]))

    def vectors(self, rows: Sequence[int] | npt.NDArray[np.intp] | slice) -> Vectors:
        return np.asarray(self._vectors[rows], dtype=np.float32)

    def query_vector(self, raw: Vectors) -> Vectors:
        """A query embedding in the space of the stored vectors, turned towards what answers it (see asking)."""
        turned: Vectors = self.query_vectors(raw[None, :])[0]
        return turned

    def query_vectors(self, raw: Vectors) -> Vectors:
        """The same for many at once, a row each."""
        centred: Vectors = unit_length(raw - self.question_mean)
        return centred if self._turn is None else unit_length(centred @ self._turn)

    def centred(self, raw: Vectors) -> Vectors:
        """A query embedding brought into the space of the stored vectors (see build.centre)."""
        vector: Vectors = unit_length((raw - self.question_mean)[None, :])[0]
        return vector

    def theme_nearness(self, query: Vectors) -> Vectors:
        """Cosine of a query to each stage, motive and disillusionment, by the rows of `themes`."""
        return self._theme_vectors @ query if len(self.themes) else np.zeros(0, np.float32)

    def dense(self, kind: Kind, query: Vectors, k: int) -> list[int]:
        """Rows of the units of one kind nearest to the query by cosine, at most k, nearest first.

        Chroma writes when it opens an index, so on a full disk it cannot: then every stored vector is compared.
        """
        from chromadb.errors import ChromaError

        if self._chroma_answers:
            try:
                return self.proposed(kind, query, k)
            except ChromaError as e:
                log.warning("Chroma cannot be opened, comparing every vector instead: %s", e)
                self._chroma_answers = False
        rows = np.flatnonzero(self.unit_kind == KINDS.index(kind))
        nearest = np.argsort(-(self.vectors(rows) @ query), kind="stable")[:k]
        return [int(row) for row in rows[nearest]]

    def proposed(self, kind: Kind, query: Vectors, k: int) -> list[int]:
        """The same from Chroma's graph alone. Raises ChromaError when it cannot be opened or read."""
        collection = self._collection(kind)
        wanted = min(k, int((self.unit_kind == KINDS.index(kind)).sum()))
        if not wanted:
            return []
        found = collection.query(query_embeddings=[query.tolist()], n_results=wanted, include=[])
        return [int(i) for i in found["ids"][0]]

    def lexical(self, terms: Sequence[str], k: int) -> list[tuple[int, tuple[float, ...]]]:
        """(passage, BM25 score by column of COLUMNS) of passages that hold any of the terms, best sum first."""
        safe = [f'"{t}"' for t in dict.fromkeys(terms) if re.fullmatch(r"[\w']+", t)]
        if not safe:
            return []
        rows = self._sql.execute(
            "SELECT rowid, -bm25(passage, 1, 0, 0, 0), -bm25(passage, 0, 1, 0, 0), -bm25(passage, 0, 0, 1, 0), "
            "-bm25(passage, 0, 0, 0, 1) FROM passage WHERE passage MATCH ? ORDER BY bm25(passage), rowid LIMIT ?",
            (" OR ".join(safe), k),
        )
        return [(int(rowid), tuple(map(float, scores))) for rowid, *scores in rows]

    def document_frequency(self) -> dict[str, int]:
        """In how many passages each stem occurs."""
        return {str(t): int(n) for t, n in self._sql.execute("SELECT term, doc FROM vocabulary")}

    def _collection(self, kind: Kind) -> Any:
        if kind not in self._collections:
            import chromadb

            if self._client is None:
                path = str(self.directory / CHROMA)
                self._client = chromadb.PersistentClient(path, settings=quiet_chroma_settings())
            self._collections[kind] = self._client.get_collection(kind, embedding_function=None)
        return self._collections[kind]
