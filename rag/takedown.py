"""Removal on request (`exitvoices corpus remove`): out of the corpus, the vectors, every index, what a model has
written, and the feedback.

Derived data are purged after the corpus itself, so that whatever interrupts a removal, repeating it finishes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from rag.answer.write.cache import purge
from rag.corpus.removal import RemovalError, TakenOut, take_out
from rag.embed import EmbeddingUnavailable, Progress
from rag.index import IndexBuildError, ensure_index, forget_vectors, remove_all
from rag.ingest.draft import Jobs
from rag.model import Frozen
from rag.settings import Settings
from rag.store import Store


def _drafts(settings: Settings, taken: TakenOut) -> None:
    """The whole draft of the source goes: its text holds the passage. What was reviewed is in the corpus."""
    Jobs(settings).forget(taken.id.partition("/")[0])


def _feedback(settings: Settings, taken: TakenOut) -> None:
    store = Store(settings)
    store.forget([taken.id, *taken.passages])
    store.close()


# Every place that holds words of the corpus besides its own files, and how it is cleared of what was taken out. A store
# that is added anywhere must be added here; each has to bear being cleared twice. tests/corpus/test_takedown.py looks
# at every byte of the data directory.
PLACES: dict[str, Callable[[Settings, TakenOut], None]] = {
    "index": lambda settings, taken: remove_all(settings),
    "vectors": lambda settings, taken: forget_vectors(settings),
    "drafts of ingest": _drafts,
    "written answers": lambda settings, taken: purge(settings),
    "feedback": _feedback,
}


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
    for clear in PLACES.values():
        clear(settings, taken)
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


__all__ = ["RemovalError", "RemovalReport", "remove"]
