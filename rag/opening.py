"""Opening an assistant on the best index that can be had: the newest, or the last whole one and why."""

from __future__ import annotations

from rag.assistant import Assistant
from rag.corpus import CorpusError
from rag.embed import EmbeddingUnavailable, Progress, model_name
from rag.index import Index, IndexBuildError, IndexDamaged, current_index
from rag.settings import Settings

ATTEMPTS = 3


def open_assistant(
    settings: Settings, progress: Progress = lambda done, total: None
) -> tuple[Assistant, str | None]:
    """An assistant, and what readers should be told when it does not answer from the corpus as it is now.

    Raises CorpusError, EmbeddingUnavailable or IndexBuildError where no index of the same embedding model is left.
    """
    try:
        return _newest(settings, progress), None
    except (CorpusError, IndexBuildError, EmbeddingUnavailable) as e:
        older = current_index(settings)
        if older is None:
            raise
        index = Index(older)
        if index.manifest.model != model_name(settings):
            index.close()
            raise
        said = (
            f"Answering from the index of corpus version {index.manifest.corpus_version}, not the newest: {e}"
        )
        return Assistant(settings, index), said


def _newest(settings: Settings, progress: Progress) -> Assistant:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return Assistant.open(settings, progress)
        except (
            IndexDamaged
        ):  # a build of another process can replace the index between finding and opening it
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")
