"""A visitor's conversation: kept in memory for as long as the tab is open, and nowhere else."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from rag.answer.write.prompt import Level, Style
from rag.assistant import Anew, Assistant, Done, Event, Noted, Said, Status
from rag.embed import EmbeddingUnavailable
from rag.explore import Selection
from rag.guard.intake import BadQuestion
from rag.model import Answer, Citation, Filters, Mode, Notice, Sentence, Turn
from rag.web.words import t

if TYPE_CHECKING:
    from rag.web.exporting import FileView

log = logging.getLogger(__name__)

READERS: tuple[Level, ...] = get_args(Level)  # for whom a model can word an answer
REMEMBERED = 6  # exchanges that a follow-up may refer to


@dataclass
class Exchange:
    """A question and as much of its answer as there is."""

    id: int
    question: str
    scope: Filters = field(default_factory=Filters)
    reader: Level = READERS[0]
    status: str = ""
    notices: list[Notice] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    answer: Answer | None = None
    problem: str = ""
    stopped: bool = False
    feedback_sent: bool = False

    @property
    def busy(self) -> bool:
        return not (self.answer or self.problem or self.stopped)

    def take(self, event: Event | str) -> None:
        """One event of the assistant's stream, or a sentence that says why there will be no answer."""
        match event:
            case str():
                self.problem = event
            case Status():
                self.status = event.text
            case Noted():
                self.notices.append(event.notice)
            case Said():
                self.sentences.append(event.sentence)
                self.citations += [c for c in event.citations if c not in self.citations]
            case Anew():
                self.notices, self.sentences, self.citations = [], [], []
            case Done():
                self.answer = event.answer
                self.notices = list(event.answer.notices)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What a follow-up may lean on; a question that could not be read is not part of the talk."""
        if self.problem:
            return ()
        said = self.answer.text if self.answer else " ".join(s.text for s in self.sentences)
        asked = Turn(role="user", content=self.question)
        return (asked, Turn(role="assistant", content=said)) if said else (asked,)


@dataclass(frozen=True)
class Opened:
    """The passage in the evidence panel: of which exchange, and by which of its statements it was opened."""

    exchange: int
    statement: str

    @property
    def passage(self) -> str:
        return self.statement.partition("#")[0]


class Conversation:
    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.opened: Opened | None = None
        self.scope = Selection()
        self.reader: Level = READERS[0]
        self.file: FileView | None = None
        self._asking: _Asking | None = None
        self._next_id = 1

    @property
    def busy(self) -> bool:
        return bool(self.exchanges) and self.exchanges[-1].busy

    def ask(self, question: str) -> None:
        """Records the question; what was being answered stops there. `begin` starts the answer."""
        self.stop()
        self.opened = None
        scope = Filters(**self.scope.model_dump(include=set(Filters.model_fields)))
        self.exchanges.append(Exchange(id=self._next_id, question=question, scope=scope, reader=self.reader))
        self._next_id += 1

    def refuse(self, question: str, why: str) -> None:
        """Records the question with why it is not answered; what was being answered stops there."""
        self.ask(question)
        self.exchanges[-1].take(why)

    def begin(self, assistant: Assistant) -> bool:
        """Starts the answer to the last question in the background; False when there is nothing to start."""
        if not self.busy or self._asking:
            return False
        before = self.exchanges[-1 - REMEMBERED : -1]
        history = [turn for exchange in before for turn in exchange.turns]
        self._asking = _Asking(assistant, self.exchanges[-1], history)
        return True

    def receive(self, seconds: float, *, whole: bool = False) -> None:
        """Takes what is ready, waiting at most so many seconds: for something new, or for the `whole` answer."""
        until = time.monotonic() + seconds
        while self.busy and self._asking:
            events = self._asking.ready(max(0.0, until - time.monotonic()))
            for event in events:
                self.exchanges[-1].take(event)
            if not whole or not events:
                break
        if not self.busy:
            self._asking = None

    def stop(self) -> None:
        """Ends the answer that is under way; what was shown stays."""
        if self.busy:
            self.exchanges[-1].stopped = True
        if self._asking:
            self._asking.stop()
            self._asking = None

    def open(self, exchange_id: int, reference: str) -> None:
        """Opens a statement, cited or offered as nearby, of one exchange; anything else is ignored."""
        exchange = self.find(exchange_id)
        if exchange is None:
            return
        nearby = exchange.answer.nearby if exchange.answer else ()
        if reference in nearby or any(c.statement == reference for c in exchange.citations):
            self.opened = Opened(exchange_id, reference)

    def find(self, exchange_id: int) -> Exchange | None:
        return next((e for e in self.exchanges if e.id == exchange_id), None)

    def close(self) -> None:
        self.opened = None

    def clear(self) -> None:
        self.stop()
        self.exchanges.clear()
        self.opened = None
        self.file = None
        self.scope = Selection()


class _Asking:
    """One question on its way through the assistant, in a thread of its own so that Stop never has to wait."""

    def __init__(self, assistant: Assistant, exchange: Exchange, history: Sequence[Turn]) -> None:
        self._events: queue.SimpleQueue[Event | str] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._failed = t("ask.failed")  # here, since the thread does not know the language of the page
        threading.Thread(
            target=self._run,
            args=(assistant, exchange.question, history, exchange.scope, Style(level=exchange.reader)),
            name="asking",
            daemon=True,
        ).start()

    def _run(
        self, assistant: Assistant, question: str, history: Sequence[Turn], scope: Filters, style: Style
    ) -> None:
        try:
            # Where a model is set, it writes; nothing on the page asks for one where none is.
            mode: Mode = "write" if assistant.settings.write_model else "quote"
            for event in assistant.stream(question, history, scope or None, mode, style):
                if self._stopped.is_set():
                    return
                self._events.put(event)
        except (BadQuestion, EmbeddingUnavailable) as e:
            self._events.put(str(e))
        except Exception:
            log.exception("A question could not be answered")
            self._events.put(self._failed)

    def stop(self) -> None:
        self._stopped.set()

    def ready(self, seconds: float) -> list[Event | str]:
        """Events that have come, in their order; empty when none came within so many seconds."""
        try:
            events = [self._events.get(timeout=seconds)]
        except queue.Empty:
            return []
        while not self._events.empty():
            events.append(self._events.get())
        return events
