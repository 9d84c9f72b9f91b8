"""The index: derived from the corpus, versioned, immutable. `build` makes one, `reader` answers from one."""

from rag.index.build import IndexBuildError, current_index, ensure_index, remove_all
from rag.index.reader import Index, IndexDamaged

__all__ = ["Index", "IndexBuildError", "IndexDamaged", "current_index", "ensure_index", "remove_all"]
