"""The index: derived from the corpus, versioned, immutable. `build` makes one, `reader` answers from one."""

from rag.index.build import (
    IndexBuildError,
    current_index,
    embedded_texts,
    ensure_index,
    forget_vectors,
    is_current,
    pointed_at,
    remove_all,
    vector_store,
    verify_index,
)
from rag.index.reader import Index, IndexDamaged

__all__ = [
    "Index",
    "IndexBuildError",
    "IndexDamaged",
    "current_index",
    "embedded_texts",
    "ensure_index",
    "forget_vectors",
    "is_current",
    "pointed_at",
    "remove_all",
    "vector_store",
    "verify_index",
]
