"""Opening the assistant once for all visitors, in the background, so that the page can say what it waits for."""

from __future__ import annotations

import logging
import threading
import weakref

from rag.assistant import Assistant
from rag.corpus import CorpusError
from rag.embed import EmbeddingUnavailable
from rag.index import IndexBuildError, IndexDamaged
from rag.opening import open_assistant
from rag.settings import Settings
from rag.web.words import t

log = logging.getLogger(__name__)


class Library:
    """The assistant of this process: being opened, open, or impossible to open.

    `status` says how far opening is, or, once open, that an older index answers; `problem` why there is no assistant.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._assistant: Assistant | None = None
        self._said = ""
        self._failed = False
        self._older = ""
        self._read: tuple[int, int] | None = None
        self._settled = threading.Event()
        threading.Thread(target=self._open, args=(self._settled,), name="library", daemon=True).start()

    def _open(self, settled: threading.Event) -> None:
        try:
            assistant, older = open_assistant(self.settings, self._progress)
            # An index that a newer one replaced may be deleted only when its last question has been answered.
            weakref.finalize(assistant, assistant.index.close)
            assistant.search("warm up", k=1)
            if self.settings.write_model and assistant.scribe is None:
                log.warning("Answers are quoted, not written: %s", assistant.no_scribe)
            self._older = older or ""
            self._assistant = assistant
        except (CorpusError, EmbeddingUnavailable, IndexBuildError, IndexDamaged) as e:
            self._said = str(e)
        except Exception:
            log.exception("The collection could not be opened")
            self._failed = True
        finally:
            settled.set()

    def _progress(self, done: int, total: int) -> None:
        self._read = (done, total)

    @property
    def status(self) -> str:
        """What opening has come to, in the language of the page that asks."""
        if self._assistant is not None:
            return self._older
        if self._read is None:
            return t("common.opening")
        return t("common.preparing", done=self._read[0], total=self._read[1])

    @property
    def problem(self) -> str:
        return t("common.not_opened") if self._failed else self._said

    def wait(self, seconds: float) -> bool:
        """Whether opening has ended, well or badly, after at most so many seconds."""
        return self._settled.wait(seconds)

    @property
    def assistant(self) -> Assistant | None:
        """The open assistant; None while it is being opened."""
        return self._assistant

    def renew(self) -> None:
        """Opens anew if a newer index has been made current."""
        with self._lock:
            if self._assistant is not None and self._assistant.outdated:
                self._start()

    def retry(self) -> None:
        """Opens once more after a problem; does nothing when there is none."""
        with self._lock:
            if self.problem:
                self._start()
