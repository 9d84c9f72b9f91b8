"""Chroma's part of an index, written by a process of its own (see worker).

Chroma leaves room for growth in its graph file and writes that room out as it finds it in memory. In the process that
builds an index, this memory has held vectors of passages that were since removed, and they have been found on disk; a
process that has read nothing but DIR cannot leak them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rag.index.manifest import CHROMA, UNITS, VECTORS
from rag.index.reader import KINDS, quiet_chroma_settings

HNSW = {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 200, "num_threads": 1}


def write(directory: Path) -> None:
    """Writes the collections for the vectors and units that lie in `directory`. Raises Chroma's own errors."""
    import chromadb

    vectors = np.load(directory / VECTORS).astype(np.float32)
    with np.load(directory / UNITS) as units:
        kinds = units["kind"]
    client: Any = chromadb.PersistentClient(str(directory / CHROMA), settings=quiet_chroma_settings())
    try:
        step = client.get_max_batch_size()
        for n, kind in enumerate(KINDS):
            rows = np.flatnonzero(kinds == n)
            # Chroma flushes its graph every `sync_threshold` rows and replays the rest, rewriting files, when it is
            # opened: one flush after the last row leaves files that never change again.
            flush = {"sync_threshold": max(2, len(rows)), "batch_size": max(2, min(len(rows), step))}
            collection = client.create_collection(
                kind, embedding_function=None, configuration={"hnsw": {**HNSW, **flush}}
            )
            for at in range(0, len(rows), step):
                part = rows[at : at + step]
                collection.add(ids=[str(r) for r in part], embeddings=vectors[part])
    finally:
        client.close()
