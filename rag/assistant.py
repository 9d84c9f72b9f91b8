"""The whole way of a question, from what was typed to an answer whose every sentence is cited."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from functools import cached_property

from rag.answer import cite, parts, say, sufficiency
from rag.answer.decide import Ruling, decide, outcome
from rag.answer.evidence import candidates
from rag.answer.parts import Considered
from rag.answer.quote import arrange, choose, with_other_side
from rag.answer.write.prompt import USUAL, Style, secrets
from rag.answer.write.voice import Scribe, Voice, make_scribe, unwritten
from rag.chat import ChatFailed
from rag.dialogue import PRONOUNS, standalone
from rag.embed import Progress, make_embeddings, reader
from rag.embed.tuned import encoder
from rag.events import Anew, Done, Event, Noted, Said, Status
from rag.follow import Before, before, find_next, rests
from rag.guard.decide import Screening
from rag.guard.intake import clean_question
from rag.guard.language import language_of
from rag.guard.output import OutputGuard
from rag.guard.parts import chosen as chosen_sentences
from rag.guard.policy import policy
from rag.guard.reply import as_part, declined, noted
from rag.guard.screen import Scope, make_guard
from rag.guard.support import supported
from rag.index import Index, ensure_index, pointed_at
from rag.model import Answer, Citation, Filters, Flag, Hit, Mode, Notice, Turn
from rag.retrieve import Found, Retriever, spread
from rag.settings import Settings
from rag.text import words
from rag.words import WordSpace

__all__ = ["Anew", "Assistant", "Done", "Event", "Noted", "Said", "Status"]

NOT_FOR_UNDER_16: tuple[Flag, ...] = ("graphic", "sexual_violence", "suicide")
LEAVING_STAGES = ("exit", "exit_barrier")
MOST_ASKED_ABOUT = 2  # a phrase that fits more people than this names nobody


class Assistant:
    """Answers from one corpus. Safe to share between threads that ask one question each at a time."""

    def __init__(self, settings: Settings, index: Index) -> None:
        self.settings = settings
        self.index = index
        embeddings = make_embeddings(settings)
        self.encoder = encoder()
        self.corpus = index.corpus.without(NOT_FOR_UNDER_16) if settings.under_16 else index.corpus
        withheld = index.corpus.passages.keys() - self.corpus.passages.keys()
        self.retriever = Retriever(index, embeddings, reader(settings, embeddings, self.encoder), withheld)
        self.words = WordSpace(index.directory, embeddings)
        self.guard = make_guard(settings, self.encoder)
        prompts = secrets() if settings.write_model else ()
        self.output = OutputGuard(index.corpus, secrets=prompts, fixed=say.FIXED)
        self.no_scribe = "No language model is set."

    @classmethod
    def open(cls, settings: Settings, progress: Progress = lambda done, total: None) -> Assistant:
        """On the index of the corpus as it is now, built first if need be.

        Raises CorpusError, EmbeddingUnavailable or IndexBuildError, each saying what to do.
        """
        return cls(settings, Index(ensure_index(settings, progress)))

    @cached_property
    def scribe(self) -> Scribe | None:
        """What writes answers, made when first asked for; None where no model is set or can be used, see no_scribe."""
        if not self.settings.write_model:
            return None
        from rag.answer.verify import Verifier  # not before it is needed: it reads vectors of all statements

        try:
            verifier = Verifier(self.corpus, self.retriever.embed, self.retriever.of_statements)
            linker, output = self.retriever.linker, self.output
            return make_scribe(
                self.settings, self.corpus, linker, output, verifier, lambda: not self.outdated
            )
        except ChatFailed as e:
            self.no_scribe = str(e)
            return None

    @property
    def outdated(self) -> bool:
        """Whether a newer index has been made current since this one was opened."""
        current = pointed_at(self.settings.index_root)
        return current is not None and current != self.index.directory

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        mode: Mode = "quote",
        style: Style = USUAL,
    ) -> Answer:
        """The whole answer at once. Raises BadQuestion for what cannot be read as a question."""
        for event in self.stream(question, history, filters, mode, style):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("a stream always ends with Done")

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        mode: Mode = "quote",
        style: Style = USUAL,
    ) -> Iterator[Event]:
        """The answer as it comes about: Status, then Noted and Said in reading order, then Done.

        While a model writes, a Status comes at least four times a second, so that whoever reads can stop; Anew says
        that its sentences are taken back, because the answer is quoted after all. `style` is for written answers.
        """
        clock = _Clock()
        asked = clean_question(question, self.settings.max_question_chars)
        screening = self.guard.screen(asked, history, lambda: self._scope(asked, history))
        clock.lap("screen")
        if screening.decision in ("support", "decline"):
            yield from self._told(self._not_served(asked, history, screening), screening, clock)
            return
        if screening.decision == "redirect":  # from here on there is only the part that is served
            asked = chosen_sentences(asked, screening.served)
        voice = Voice(self.scribe, style) if mode == "write" and self.scribe else None
        alone = standalone(asked, history, self.retriever.linker, self.corpus)
        if voice and history:
            alone = yield from voice.standalone(asked, history, alone, self._served)
        came = self._before(alone, history)
        clock.lap("understand")
        yield Status(text="Searching the testimony")
        considered = self._considered(alone, asked, came, filters, screening.unsure, voice is not None)
        clock.lap("retrieve")
        quoted = self._quoted(considered, asked, alone, screening)
        if voice and quoted.sentences:
            quoted = yield from voice.written(quoted, considered, lambda c: self._beside(c, considered))
            clock.lap("write")
        elif mode == "write" and not voice:
            quoted = unwritten(quoted, self.no_scribe)
        yield from self._told(quoted, screening, clock, voice.shown if voice else ())

    def _considered(
        self,
        question: str,
        typed: str,
        came: Before | None,
        filters: Filters | None,
        unsure: bool,
        written: bool,
    ) -> Considered:
        """What the corpus holds for the question; the parts of a comparison, and for a model of any question of
        several parts, are looked up and judged by themselves."""
        whole = self._one(
            self._found(question, typed, came, filters=filters),
            unsure,
            followed=came is not None and rests(typed),
        )
        mentions = self.retriever.linker.mentions
        apart = parts.compared(question, mentions)
        several = apart or (parts.joined(question) if written else ())
        if not several:
            return whole
        each = [
            self._one(self.retriever.find(p, filters=filters), unsure, len(several))
            for p in (several if apart else self._named(several))
        ]
        return parts.together(whole, each, apart=bool(apart))

    def _found(
        self,
        question: str,
        typed: str,
        came: Before | None,
        k: int = 50,
        filters: Filters | None = None,
    ) -> Found:
        if came is None:
            return self.retriever.find(question, k, filters)
        return find_next(self.retriever, typed, question, came, k, filters)

    def _before(self, alone: str, history: Sequence[Turn]) -> Before | None:
        """What a turn may lean on: nothing where the same question is asked again, which gets the same answer."""
        came = before(history, self.retriever)
        return None if came is None or words(came.question) == words(alone) else came

    def _named(self, clauses: tuple[str, ...]) -> list[str]:
        """The clauses of a question with the names that later ones only point at; none loses a word of its own."""
        first = [Turn(role="user", content=clauses[0])]
        named = [standalone(c, first, self.retriever.linker, self.corpus) for c in clauses[1:]]
        whole = [set(words(c)) - PRONOUNS <= set(words(n)) for c, n in zip(clauses[1:], named, strict=True)]
        return [clauses[0], *(n if w else c for c, n, w in zip(clauses[1:], named, whole, strict=True))]

    def _one(self, found: Found, unsure: bool, share: int = 1, *, followed: bool = False) -> Considered:
        """The evidence for one question, what of it to quote (a `share`-th of an answer), and how sure that is;
        `unsure` says that the message may not be a question of study."""
        evidence = candidates(found, self.index, self.retriever.frequency)
        chosen = with_other_side(choose(evidence, self.settings.answer_words // share), evidence, self.corpus)
        signals = sufficiency.assess(
            found, evidence, chosen, self.retriever, self.words, unsure=unsure, followed=followed
        )
        return Considered(found, evidence, chosen, signals)

    def _quoted(self, considered: Considered, asked: str, alone: str, screening: Screening) -> Answer:
        found, evidence, signals = considered.found, considered.evidence, considered.signals
        ruling = decide(signals)
        said = () if ruling is Ruling.ABSTAIN else arrange(considered.chosen, self.corpus)
        cited = cite.citations(said, self.corpus)
        nearby = say.nearby(ruling, found, evidence)
        return Answer(
            outcome=outcome(ruling),
            text=say.text(ruling, signals, said),
            sentences=said,
            citations=cited,
            notices=(
                *noted(screening, asked),
                *say.notices(ruling, signals, nearby, self.corpus, alone),
                *self._beside(cited, considered, nearby),
            ),
            standalone_question=alone,
            suggestions=say.suggestions(found, considered.chosen, self.corpus, alone),
            corpus_version=self.index.manifest.corpus_version,
            nearby=nearby,
            trace={
                "ruling": ruling,
                "signals": signals.model_dump(),
                "parts": list(considered.parts),
                "mentions": found.mentions.model_dump(),
                "passages": [
                    {
                        **h.parts,
                        "whole_passage": h.parts["passage"],
                        "passage": h.passage.id,
                        "score": h.score,
                    }
                    for h in found.hits[:10]
                ],
                "statements": [{"statement": c.id, "mass": round(c.mass, 3)} for c in evidence[:10]],
            },
        )

    def _beside(
        self, cited: Sequence[Citation], considered: Considered, nearby: Sequence[str] = ()
    ) -> tuple[Notice, ...]:
        """What a reader must know beside these citations, and beside what else is shown."""
        passages = list(dict.fromkeys(self.corpus.passages[c.passage] for c in cited))
        named = considered.found.mentions.persons
        asked_about = named if len(named) <= MOST_ASKED_ABOUT else ()
        beside = [self.corpus.passage_of(s) for s in nearby]
        return cite.notices(passages, self.corpus, dt.date.today(), asked_about, beside)

    def _scope(self, asked: str, history: Sequence[Turn]) -> Scope:
        """What the corpus makes of a question, with what it leans on."""
        read = self.retriever.read(standalone(asked, history, self.retriever.linker, self.corpus))
        nearest = max((h.parts["question"] for h in self.retriever.ranked(read).hits), default=-1.0)
        return Scope(nearest, sum(read.likely.get(stage, 0.0) for stage in LEAVING_STAGES))

    def _not_served(self, asked: str, history: Sequence[Turn], screening: Screening) -> Answer:
        if screening.decision == "decline":
            return declined(screening, policy(), self.corpus, language_of(asked))
        return supported(
            asked,
            screening.need,
            self.corpus,
            dt.date.today(),
            urgent=screening.urgent,
            history=history,
            setting=self.settings.country,
        )

    def _served(self, question: str) -> bool:
        """Whether a question that a model has put into other words may be answered."""
        return self.guard.screen(question).decision in ("continue", "care")

    def _told(
        self, answer: Answer, screening: Screening, clock: _Clock, shown: Sequence[Event] = ()
    ) -> Iterator[Event]:
        """An answer as events, less those that were shown already, after the last look at what may leave."""
        trace = {"guard": screening.model_dump(mode="json"), **answer.trace}
        answer = self.output.check(as_part(answer.model_copy(update={"trace": trace}), screening))
        clock.lap("compose")
        events: list[Event] = [Noted(notice=n) for n in answer.notices]
        for sentence in answer.sentences:
            cited = tuple(c for c in answer.citations if c.statement in sentence.citations)
            events.append(Said(sentence=sentence, citations=cited))
        yield from (e for e in events if e not in shown)
        yield Done(answer=answer.model_copy(update={"timing_ms": clock.laps()}))

    def search(
        self, question: str, k: int = 10, filters: Filters | None = None, history: Sequence[Turn] = ()
    ) -> tuple[Hit, ...]:
        """The k best passages, each paragraph once before any of its siblings."""
        asked = clean_question(question, self.settings.max_question_chars)
        alone = standalone(asked, history, self.retriever.linker, self.corpus)
        found = self._found(alone, asked, self._before(alone, history), max(60, 3 * k), filters)
        return spread(found.hits)[:k]


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 1)
        self._last = now

    def laps(self) -> dict[str, float]:
        return {**self._laps, "total": round((time.perf_counter() - self._start) * 1000, 1)}
