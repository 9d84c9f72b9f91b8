"""The whole way of a question, from what was typed to an answer whose every sentence is cited."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence

from rag.answer import cite, say, sufficiency
from rag.answer.decide import Ruling, decide, outcome
from rag.answer.evidence import candidates
from rag.answer.quote import arrange, choose, with_other_side
from rag.corpus import Corpus
from rag.dialogue import standalone
from rag.embed import Progress, Vectors, make_embeddings
from rag.guard.decide import Screening
from rag.guard.intake import clean_question
from rag.guard.output import OutputGuard
from rag.guard.policy import policy
from rag.guard.reply import care, declined
from rag.guard.screen import make_guard
from rag.guard.support import supported
from rag.index import Index, ensure_index, pointed_at
from rag.model import Answer, Citation, Filters, Frozen, Hit, Notice, Sentence, Turn
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.words import WordSpace


class Status(Frozen):
    text: str


class Said(Frozen):
    """A sentence that may be shown now, with the citations that are new with it."""

    sentence: Sentence
    citations: tuple[Citation, ...]


class Noted(Frozen):
    notice: Notice


class Done(Frozen):
    answer: Answer


Event = Status | Said | Noted | Done
MOST_ASKED_ABOUT = 2  # a phrase that fits more people than this names nobody


class Assistant:
    """Answers from one corpus. Safe to share between threads that ask one question each at a time."""

    def __init__(self, settings: Settings, index: Index) -> None:
        self.settings = settings
        self.index = index
        embeddings = make_embeddings(settings)
        self.retriever = Retriever(index, embeddings)
        self.words = WordSpace(index.directory, embeddings)
        self.guard = make_guard(settings, self.retriever.as_typed)
        self.output = OutputGuard(index.corpus)

    @classmethod
    def open(cls, settings: Settings, progress: Progress = lambda done, total: None) -> Assistant:
        """On the index of the corpus as it is now, built first if need be.

        Raises CorpusError, EmbeddingUnavailable or IndexBuildError, each saying what to do.
        """
        return cls(settings, Index(ensure_index(settings, progress)))

    @property
    def corpus(self) -> Corpus:
        return self.index.corpus

    @property
    def outdated(self) -> bool:
        """Whether a newer index has been made current since this one was opened."""
        current = pointed_at(self.settings.index_root)
        return current is not None and current != self.index.directory

    def answer(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None) -> Answer:
        """The whole answer at once. Raises BadQuestion for what cannot be read as a question."""
        for event in self.stream(question, history, filters):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("a stream always ends with Done")

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Iterator[Event]:
        """The answer as it comes about: Status, then Noted and Said in reading order, then Done."""
        clock = _Clock()
        asked = clean_question(question, self.settings.max_question_chars)
        vector = self.retriever.as_typed(asked)
        screening = self.guard.screen(asked, history, vector, lambda: self._nearest(asked, vector))
        clock.lap("screen")
        if screening.decision in ("support", "decline"):
            yield from self._told(self._not_served(asked, history, screening), screening, clock)
            return
        alone = standalone(asked, history, self.retriever.linker, self.corpus)
        clock.lap("understand")
        yield Status(text="Searching the testimony")
        found = self.retriever.find(alone, filters=filters, vector=vector if alone == asked else None)
        clock.lap("retrieve")
        evidence = candidates(found, self.index, self.retriever.frequency)
        chosen = with_other_side(choose(evidence, self.settings.answer_words), evidence, self.corpus)
        signals = sufficiency.assess(found, evidence, chosen, self.retriever, self.words)
        ruling = decide(signals)
        said = () if ruling is Ruling.ABSTAIN else arrange(chosen, self.corpus)
        cited = cite.citations(said, self.corpus)
        passages = list(dict.fromkeys(self.corpus.passages[c.passage] for c in cited))
        named = found.mentions.persons
        asked_about = named if len(named) <= MOST_ASKED_ABOUT else ()
        answer = Answer(
            outcome=outcome(ruling),
            text=say.text(ruling, signals, said),
            sentences=said,
            citations=cited,
            notices=(
                *care(screening),
                *say.notices(ruling, signals, found, self.corpus, alone),
                *cite.notices(passages, self.corpus, dt.date.today(), asked_about),
            ),
            standalone_question=alone,
            suggestions=say.suggestions(found, chosen, self.corpus, alone),
            corpus_version=self.index.manifest.corpus_version,
            nearby=tuple(h.passage.id for h in found.hits[:3]) if ruling is Ruling.ABSTAIN else (),
            trace={
                "ruling": ruling,
                "signals": signals.model_dump(),
                "mentions": found.mentions.model_dump(),
                "passages": [{"passage": h.passage.id, "score": h.score, **h.parts} for h in found.hits[:10]],
                "statements": [{"statement": c.id, "mass": round(c.mass, 3)} for c in evidence[:10]],
            },
        )
        yield from self._told(answer, screening, clock)

    def _nearest(self, asked: str, vector: Vectors) -> float:
        """The cosine of a question with the nearest question that the corpus is known to answer."""
        return max(
            (h.parts["question"] for h in self.retriever.find(asked, vector=vector).hits), default=-1.0
        )

    def _not_served(self, asked: str, history: Sequence[Turn], screening: Screening) -> Answer:
        if screening.decision == "decline":
            return declined(screening, policy(), self.corpus)
        return supported(
            asked,
            screening.need,
            self.corpus,
            dt.date.today(),
            urgent=screening.urgent,
            history=history,
            setting=self.settings.country,
        )

    def _told(self, answer: Answer, screening: Screening, clock: _Clock) -> Iterator[Event]:
        """An answer as events, after the last look at what may leave."""
        trace = {"guard": screening.model_dump(mode="json"), **answer.trace}
        answer = self.output.check(answer.model_copy(update={"trace": trace}))
        clock.lap("compose")
        for notice in answer.notices:
            yield Noted(notice=notice)
        for sentence in answer.sentences:
            cited = tuple(c for c in answer.citations if c.statement in sentence.citations)
            yield Said(sentence=sentence, citations=cited)
        yield Done(answer=answer.model_copy(update={"timing_ms": clock.laps()}))

    def search(self, question: str, k: int = 10, filters: Filters | None = None) -> tuple[Hit, ...]:
        """The k best passages, each paragraph once before any of its siblings."""
        return self.retriever.search(clean_question(question, self.settings.max_question_chars), k, filters)


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
