"""Removal on request (`exitvoices corpus remove`): out of the corpus, the vectors, every index, what a model has
written, drafts, feedback, saved packs and runs of the evaluation.

Derived data are purged after the corpus itself, so that whatever interrupts a removal, repeating it finishes it.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable

from rag.answer.write.cache import purge
from rag.corpus import load_corpus
from rag.corpus.person import Plan, plan
from rag.corpus.removal import RemovalError, TakenOut, take_out
from rag.embed import EmbeddingUnavailable, Progress
from rag.index import IndexBuildError, ensure_index, forget_vectors, remove_all
from rag.ingest.draft import Jobs
from rag.model import Frozen
from rag.pack.shelf import Shelf
from rag.settings import Settings
from rag.store import Store


def _drafts(settings: Settings, taken: TakenOut) -> None:
    """The whole draft of a source goes: its text holds the passage. What was reviewed is in the corpus."""
    jobs = Jobs(settings)
    named = {taken.id, *taken.passages} if not taken.names else {*taken.passages, *jobs.naming(taken.names)}
    for source in sorted({n.partition("/")[0] for n in named}):
        jobs.forget(source)


def _feedback(settings: Settings, taken: TakenOut) -> None:
    store = Store(settings)
    store.forget([taken.id, *taken.passages], taken.names)
    store.close()


def _packs(settings: Settings, taken: TakenOut) -> None:
    if settings.packs_dir is not None:
        Shelf(settings.packs_dir).forget([taken.id, *taken.passages, *taken.names])


def _evaluations(settings: Settings, taken: TakenOut) -> None:
    """All runs, stored outputs and copies of the corpus: their logs are packed, and all of it can be made anew."""
    shutil.rmtree(settings.data_dir / "evals", ignore_errors=True)


# Every place that holds words of the corpus besides its own files, and how it is cleared of what was taken out. A store
# that is added anywhere must be added here; each has to bear being cleared twice. tests/corpus/test_takedown.py looks
# at every byte of the data directory.
PLACES: dict[str, Callable[[Settings, TakenOut], None]] = {
    "index": lambda settings, taken: remove_all(settings),
    "vectors": lambda settings, taken: forget_vectors(settings),
    "drafts of ingest": _drafts,
    "written answers": lambda settings, taken: purge(settings),
    "feedback": _feedback,
    "session packs": _packs,
    "runs of the evaluation": _evaluations,
}


class RemovalReport(Frozen):
    """What was removed, and what a person still has to do. `index` is the new one, None when it was not built."""

    id: str
    removed_on: str
    passages: tuple[str, ...]
    files: tuple[str, ...]
    index: str | None
    still_to_do: tuple[str, ...]


def foreseen(settings: Settings, removed: str) -> Plan | None:
    """What removing a person would do, to be shown before it is done; None for an id that is no person's."""
    corpus = load_corpus(settings.corpus_dir)
    return plan(settings.corpus_dir, corpus, removed) if removed in corpus.persons else None


def remove(
    settings: Settings,
    removed: str,
    today: dt.date,
    progress: Progress = lambda done, total: None,
    planned: Plan | None = None,
) -> RemovalReport:
    """Removes a passage, a person or a source for good; `planned` as `foreseen` gave it, of the corpus as it is.

    Raises RemovalError (unknown id), CorpusError or UnexpectedLayout.
    """
    planned = planned or foreseen(settings, removed)
    if planned is not None:
        # While the names are still known: a removal that breaks off later can't look for them any more.
        known = TakenOut(
            id=removed, removed_on="", passages=planned.buried, files=(), people_left=(), names=planned.names
        )
        for clear in PLACES.values():
            clear(settings, known)
    taken = take_out(settings.corpus_dir, removed, today, planned)
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
    if taken.names:
        todo.insert(
            1,
            "What people took along may name the person: packs, downloads, answers; so may cases of the evaluation.",
        )
    todo = [*(f"Decide: {place}" for place in taken.still_named), *todo]
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


__all__ = ["Plan", "RemovalError", "RemovalReport", "foreseen", "remove"]
