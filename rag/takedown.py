"""Removal on request (`exitvoices corpus remove`): out of the corpus, the vectors, every index, what a model has
written, and the feedback.

Derived data are purged after the corpus itself, so that whatever interrupts a removal, repeating it finishes it.
"""

from __future__ import annotations

import datetime as dt

from rag.answer.write.cache import purge
from rag.corpus import load_corpus
from rag.corpus.removal import RemovalError, take_out
from rag.embed import EmbeddingUnavailable, Progress, VectorStore, model_name
from rag.index import IndexBuildError, ensure_index, remove_all
from rag.index.build import embedded_texts
from rag.model import Frozen
from rag.settings import Settings
from rag.store import Store


class RemovalReport(Frozen):
    """What was removed, and what a person still has to do. `index` is the new one, None when it was not built."""

    id: str
    removed_on: str
    passages: tuple[str, ...]
    files: tuple[str, ...]
    index: str | None
    still_to_do: tuple[str, ...]


def remove(
    settings: Settings, removed: str, today: dt.date, progress: Progress = lambda done, total: None
) -> RemovalReport:
    """Removes a passage or source for good. Raises RemovalError (unknown id), CorpusError or UnexpectedLayout."""
    taken = take_out(settings.corpus_dir, removed, today)
    remove_all(settings)
    purge(settings)
    _forget_vectors(settings)
    _forget_feedback(settings, [removed, *taken.passages])
    todo = [
        "Commit the change. The Git history, backups and copies made elsewhere still hold the text.",
        "Restart pages that are running: they have the old index in memory.",
    ]
    if taken.people_left:
        names = ", ".join(taken.people_left)
        todo.insert(
            0,
            f"No passage is left of {names}. Take the entry out of people.yaml if the request covers the person.",
        )
    try:
        index = ensure_index(settings, progress).name
    except (EmbeddingUnavailable, IndexBuildError) as e:
        index = None
        todo.insert(
            0,
            f"The removal is complete, but the new index was not built ({e}). Run 'exitvoices index build'.",
        )
    return RemovalReport(
        id=taken.id,
        removed_on=taken.removed_on,
        passages=taken.passages,
        files=taken.files,
        index=index,
        still_to_do=tuple(todo),
    )


def _forget_feedback(settings: Settings, removed: list[str]) -> None:
    store = Store(settings)
    store.forget(removed)
    store.close()


def _forget_vectors(settings: Settings) -> None:
    keep = embedded_texts(load_corpus(settings.corpus_dir))
    committed = settings.corpus_dir / "vectors"
    for model in {model_name(settings), *(p.stem for p in committed.glob("*.keys"))}:
        VectorStore(model, committed, settings.data_dir / "vectors.sqlite3").keep_only(keep)


__all__ = ["RemovalError", "RemovalReport", "remove"]
