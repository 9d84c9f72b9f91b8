"""The language model's part in one answer: the question made to stand alone, and the answer in its words.

What comes out is the quoted answer in other words, or the quoted answer itself with a notice that says why: nothing
that a model or an endpoint does leaves a reader without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.answer import cite, say
from rag.answer.decide import Ruling, decide
from rag.answer.parts import Considered
from rag.answer.quote import shows_both_sides
from rag.answer.write.condense import condense
from rag.answer.write.given import select
from rag.answer.write.prompt import Style
from rag.answer.write.purse import purse_of
from rag.answer.write.writer import Beat, Finished, Passed, Task, Verifier, Writer
from rag.chat import Chat, ChatFailed
from rag.corpus import Corpus
from rag.events import Anew, Event, Noted, Said, Status
from rag.link import Linker
from rag.model import Answer, Citation, Notice, NoticeKind, Sentence, Turn, Writing
from rag.settings import Settings

CANDIDATES = 24  # statements that may be given to the model, before the budget of tokens
FOR_CONDENSING = 1 / 3  # share of the time that making a follow-up stand alone may take
AT_ONCE: tuple[NoticeKind, ...] = ("content", "standing", "legal_status", "identity", "note")
INSTEAD = "This answer is quoted from the testimony instead."


class Guard(Protocol):
    """What the output guard says of words before they are shown; empty where nothing speaks against them."""

    def sentence(
        self, sentence: Sentence, citations: Sequence[Citation], *, quoted: bool
    ) -> Sequence[object]: ...
    def check_statement(self, text: str) -> Sequence[object]: ...


@dataclass(frozen=True)
class Scribe:
    """What writing needs and questions share."""

    settings: Settings
    corpus: Corpus
    linker: Linker
    writer: Writer
    guard: Guard


def make_scribe(
    settings: Settings,
    corpus: Corpus,
    linker: Linker,
    guard: Guard,
    verifier: Verifier,
    may_keep: Callable[[], bool],
) -> Scribe:
    """Raises ChatFailed where no model is set or the extra is not installed."""
    chat = Chat(settings)
    chat.warm_up()

    def objections(sentence: Sentence) -> Sequence[str]:
        cited = cite.citations([sentence], corpus)
        return [str(getattr(f, "rule", f)) for f in guard.sentence(sentence, cited, quoted=False)]

    writer = Writer(settings, corpus, chat, verifier, objections, purse_of(settings), may_keep)
    return Scribe(settings, corpus, linker, writer, guard)


class Voice:
    """The model for one question: its calls, its time, and what it has shown."""

    def __init__(self, scribe: Scribe, style: Style) -> None:
        self._scribe = scribe
        self._style = style
        self._account = scribe.writer.account()
        self._started = time.monotonic()
        self.shown: list[Event] = []

    def _until(self, share: float = 1.0) -> float:
        return self._started + share * self._scribe.settings.write_timeout

    def standalone(
        self, asked: str, history: Sequence[Turn], plain: str, served: Callable[[str], bool]
    ) -> Generator[Event, None, str]:
        """The question made to stand alone by the model, where that adds nothing and is served; else `plain`."""
        scribe = self._scribe
        text: str | None = None
        for text in condense(
            self._account,
            history,
            asked,
            scribe.linker,
            scribe.settings.write_context,
            self._until(FOR_CONDENSING),
        ):
            if text is None:
                yield Status(text="Reading the conversation")
        return text if text and served(text) else plain

    def written(
        self,
        quoted: Answer,
        considered: Considered,
        beside: Callable[[Sequence[Citation]], Iterable[Notice]],
    ) -> Generator[Event, None, Answer]:
        """The quoted answer in the model's words, its sentences shown as they pass; or as it was, and why.

        `beside` gives the notices that citations call for.
        """
        corpus, settings = self._scribe.corpus, self._scribe.settings
        ids = [c.id for c in (*considered.chosen, *considered.evidence[:CANDIDATES])]
        given = select(
            ids,
            corpus,
            quoted.standalone_question,
            settings.write_context,
            lambda text: not self._scribe.guard.check_statement(text),
        )
        task = Task(quoted.standalone_question, considered.parts, given, self._style, quoted.corpus_version)
        own = [n for n in quoted.notices if n not in set(beside(quoted.citations))]
        yield from self._show(Noted(notice=n) for n in own)
        said: list[Sentence] = []
        finished: Finished | None = None
        for step in self._scribe.writer.write(task, self._account, self._until()):
            match step:
                case Beat():
                    yield Status(text="Writing, and checking every sentence")
                case Passed(sentence):
                    said.append(sentence)
                    cited = cite.citations(said, corpus)
                    now = [c for c in cited if c.statement in sentence.citations]
                    yield from self._show(
                        Noted(notice=n)
                        for n in beside(now)
                        if n.kind in AT_ONCE and Noted(notice=n) not in self.shown
                    )
                    yield from self._show([Said(sentence=sentence, citations=tuple(now))])
                case Finished():
                    finished = step
        assert finished is not None, "writing always ends with Finished"
        trouble = finished.trouble or self._one_sided(finished, considered)
        writing = finished.writing.model_copy(update={"fell_back": trouble})
        trace = {**quoted.trace, "verdicts": list(finished.verdicts)}
        if trouble:
            if any(isinstance(e, Said) for e in self.shown):
                self.shown = []
                yield Anew()
            return unwritten(quoted, trouble).model_copy(update={"writing": writing, "trace": trace})
        cited = cite.citations(finished.sentences, corpus)
        return quoted.model_copy(
            update={
                "text": say.text(decide(considered.signals), considered.signals, finished.sentences),
                "sentences": finished.sentences,
                "citations": cited,
                "notices": (disclosed(writing), *own, *beside(cited)),
                "mode": "write",
                "model": writing.model,
                "writing": writing,
                "trace": trace,
            }
        )

    def _show(self, events: Iterable[Event]) -> Iterable[Event]:
        for event in events:
            self.shown.append(event)
            yield event

    def _one_sided(self, finished: Finished, considered: Considered) -> str | None:
        """Why an answer that must show both sides shows one."""
        if decide(considered.signals) is not Ruling.BOTH_SIDES:
            return None
        cited = {c for s in finished.sentences for c in s.citations}
        used = [c for c in considered.evidence if c.id in cited]
        if shows_both_sides(used, self._scribe.corpus):
            return None
        return "The model told one side where two places of the source disagree."


def disclosed(writing: Writing) -> Notice:
    """That a model wrote the sentences, how they were checked, and what it took."""
    tokens = writing.tokens_in + writing.tokens_out
    took = "kept from before" if writing.cached else f"{tokens:,} tokens"
    cost = "" if writing.cost is None or writing.cached else f", cost {writing.cost:g}"
    checked = "each was checked against the statements that it cites"
    return Notice(
        kind="mode",
        text=f"A language model ({writing.model}) wrote these sentences; {checked} ({took}{cost}).",
    )


def unwritten(quoted: Answer, why: str) -> Answer:
    """The quoted answer with a notice that says why no model's words are shown."""
    return quoted.model_copy(
        update={"notices": (Notice(kind="mode", text=f"{why} {INSTEAD}"), *quoted.notices)}
    )


__all__ = ["ChatFailed", "Scribe", "Voice", "make_scribe", "unwritten"]
