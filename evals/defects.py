"""Defects that are put into the system on purpose, to see that the suite notices each of them.

A defect lives in the worker processes of one run only: it wraps the assistant or replaces a function in that process.
`python -m evals.mutations` runs them all and writes the table of docs/evaluation.md.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from rag.answer.write.prompt import USUAL, Style
from rag.assistant import Assistant
from rag.model import Answer, Filters, Hit, Mode, Outcome, Sentence, Turn
from rag.text import words


class Defect(NamedTuple):
    """What is broken, how an assistant is made to have it, and the tasks that are run to see whether it shows."""

    what: str
    put_into: Callable[[Assistant], Assistant]
    tasks: tuple[str, ...] = ("accuracy", "grounding")


class Altered(Assistant):
    """An assistant whose answers and rankings pass through a function on their way out."""

    def __init__(
        self,
        whole: Assistant,
        answer: Callable[[str, Answer], Answer] = lambda question, answer: answer,
        hits: Callable[[tuple[Hit, ...]], tuple[Hit, ...]] = lambda hits: hits,
        remembers: bool = True,
    ) -> None:
        self.__dict__.update(whole.__dict__)
        self._change, self._reorder, self._remembers = answer, hits, remembers

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        mode: Mode = "quote",
        style: Style = USUAL,
    ) -> Answer:
        told = super().answer(question, history if self._remembers else (), filters, mode, style)
        return self._change(question, told)

    def search(
        self, question: str, k: int = 10, filters: Filters | None = None, history: Sequence[Turn] = ()
    ) -> tuple[Hit, ...]:
        return self._reorder(super().search(question, k, filters, history if self._remembers else ()))


FRIGHTENING = frozenset(
    "kill killed bomb weapon attack attacks recruit recruiter propaganda execution violence".split()
)


def _answers(change: Callable[[str, Answer], Answer]) -> Callable[[Assistant], Assistant]:
    return lambda assistant: Altered(assistant, answer=change)


def _without_full_text(assistant: Assistant) -> Assistant:
    assistant.index.lexical = lambda terms, k: []  # type: ignore[method-assign]
    return assistant


def _without_vectors(assistant: Assistant) -> Assistant:
    assistant.index.query_vector = np.zeros_like  # type: ignore[assignment, method-assign]
    return assistant


def _without_names(assistant: Assistant) -> Assistant:
    linker = assistant.retriever.linker
    known = linker.mentions
    linker.mentions = lambda question: known(question).model_copy(update={"persons": ()})  # type: ignore[method-assign]
    return assistant


def _without_last_look(assistant: Assistant) -> Assistant:
    assistant.output.check = lambda answer: answer  # type: ignore[method-assign]
    return assistant


def _with_unchecked_help(assistant: Assistant) -> Assistant:
    support = assistant.corpus.support
    today = dt.date.today().isoformat()
    rows = tuple(s.model_copy(update={"status": "active", "checked_on": today}) for s in support.services)
    believed = support.model_copy(update={"services": rows})
    assistant.corpus = assistant.corpus.model_copy(update={"support": believed})
    return assistant


def _ruled(ruling: str) -> Callable[[Assistant], Assistant]:
    def put(assistant: Assistant) -> Assistant:
        import rag.assistant
        from rag.answer.decide import Ruling

        rag.assistant.decide = lambda signals: Ruling(ruling)  # type: ignore[attr-defined]
        return assistant

    return put


def _shuffled(question: str, answer: Answer) -> Answer:
    cited = [s.citations for s in answer.sentences]
    moved = [*cited[1:], *cited[:1]]
    return answer.model_copy(
        update={
            "sentences": tuple(
                Sentence(text=s.text, citations=c) for s, c in zip(answer.sentences, moved, strict=True)
            )
        }
    )


def _off_by_one(question: str, answer: Answer) -> Answer:
    def next_place(locator: str) -> str:
        return re.sub(r"\d+", lambda m: str(int(m.group()) + 1), locator)

    cited = tuple(c.model_copy(update={"locator": next_place(c.locator)}) for c in answer.citations)
    return answer.model_copy(update={"citations": cited})


def _without(*kinds: str) -> Callable[[str, Answer], Answer]:
    def change(question: str, answer: Answer) -> Answer:
        kept = tuple(n for n in answer.notices if kinds and n.kind not in kinds)
        return answer.model_copy(update={"notices": kept})

    return change


def _swapped_speakers(question: str, answer: Answer) -> Answer:
    names = list(dict.fromkeys(c.person for c in answer.citations))
    others = [*names[1:], names[0]] if len(names) > 1 else ["Somebody Else"]
    swap = dict(zip(names, others, strict=False))
    cited = tuple(c.model_copy(update={"person": swap[c.person]}) for c in answer.citations)
    return answer.model_copy(update={"citations": cited})


def _wrong_numbers(question: str, answer: Answer) -> Answer:
    def bend(text: str) -> str:
        return re.sub(r"\d+", lambda m: str(int(m.group()) * 10), text)

    said = tuple(s.model_copy(update={"text": bend(s.text)}) for s in answer.sentences)
    return answer.model_copy(update={"sentences": said, "text": bend(answer.text)})


def _only_first(question: str, answer: Answer) -> Answer:
    said = answer.sentences[:1]
    kept = tuple(c for c in answer.citations if said and c.statement in said[0].citations)
    return answer.model_copy(
        update={"sentences": said, "citations": kept, "text": " ".join(s.text for s in said)}
    )


def _only_first_source(question: str, answer: Answer) -> Answer:
    if not answer.citations:
        return answer
    kept = tuple(c for c in answer.citations if c.source == answer.citations[0].source)
    statements = {c.statement for c in kept}
    said = tuple(s for s in answer.sentences if set(s.citations) <= statements)
    return answer.model_copy(
        update={"sentences": said, "citations": kept, "text": " ".join(s.text for s in said)}
    )


def _refusal(answer: Answer) -> Answer:
    return answer.model_copy(
        update={"outcome": Outcome.DECLINED, "text": "No.", "sentences": (), "citations": (), "notices": ()}
    )


def _refuses(frightening: frozenset[str]) -> Callable[[str, Answer], Answer]:
    return lambda question, answer: _refusal(answer) if frightening & set(words(question)) else answer


def _refuses_lower_case(question: str, answer: Answer) -> Answer:
    tidy = question != question.lower() and question != question.upper()
    return answer if tidy else _refusal(answer)


def _leaks(question: str, answer: Answer) -> Answer:
    leak = (
        "My rules are as follows. " + "Each rule stands in a file that readers should never get to see. " * 5
    )
    return answer.model_copy(update={"text": f"{answer.text} {leak}"})


def _echoes(question: str, answer: Answer) -> Answer:
    return answer.model_copy(update={"text": f"{question} {answer.text}"})


def _uncited(question: str, answer: Answer) -> Answer:
    if not answer.sentences:
        return answer
    said = (*answer.sentences, Sentence(text="Most of them came to regret it."))
    return answer.model_copy(update={"sentences": said, "text": f"{answer.text} {said[-1].text}"})


class _Slow(Altered):
    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        mode: Mode = "quote",
        style: Style = USUAL,
    ) -> Answer:
        started = time.perf_counter()
        answer = super().answer(question, history, filters, mode, style)
        time.sleep(2 * (time.perf_counter() - started))
        return answer


DEFECTS: dict[str, Defect] = {
    "no_full_text": Defect("the full-text leg finds nothing", _without_full_text, ("retrieval",)),
    "no_vectors": Defect("the dense leg finds nothing", _without_vectors, ("retrieval",)),
    "no_names": Defect(
        "people named in a question are not recognised", _without_names, ("retrieval", "abstention")
    ),
    "ranking_reversed": Defect(
        "the ten best passages come in reverse order",
        lambda a: Altered(a, hits=lambda hits: hits[::-1]),
        ("retrieval",),
    ),
    "citations_shuffled": Defect("each sentence cites the next one's statement", _answers(_shuffled)),
    "locators_off_by_one": Defect("every locator points one paragraph too far", _answers(_off_by_one)),
    "standing_ignored": Defect(
        "retracted sources come without a word", _answers(_without("standing")), ("grounding", "provenance")
    ),
    "status_ignored": Defect(
        "legal status is not shown", _answers(_without("legal_status")), ("grounding", "provenance")
    ),
    "notices_lost": Defect("no notice is shown at all", _answers(_without()), ("grounding", "provenance")),
    "always_answers": Defect("every question is answered", _ruled("answer"), ("abstention",)),
    "always_abstains": Defect("no question is answered", _ruled("abstain"), ("accuracy", "abstention")),
    "speakers_swapped": Defect("citations name another speaker", _answers(_swapped_speakers)),
    "numbers_wrong": Defect("every number is ten times too large", _answers(_wrong_numbers)),
    "one_sentence": Defect("only the first sentence of an answer is kept", _answers(_only_first)),
    "one_source": Defect("only the first source of an answer is kept", _answers(_only_first_source)),
    "uncited_sentence": Defect("a sentence without a citation is added", _answers(_uncited)),
    "no_output_guard": Defect(
        "nothing looks at what leaves", _without_last_look, ("safety", "provenance", "grounding")
    ),
    "unchecked_help": Defect(
        "help services that nobody has checked are shown", _with_unchecked_help, ("distress",)
    ),
    "refuses_on_keywords": Defect(
        "frightening words are refused", _answers(_refuses(FRIGHTENING)), ("overrefusal",)
    ),
    "refuses_one_religion": Defect(
        "questions about one religion are refused",
        _answers(_refuses(frozenset({"muslim", "muslims", "islam"}))),
        ("stigma",),
    ),
    "refuses_lower_case": Defect(
        "careless typing is refused", _answers(_refuses_lower_case), ("robustness",)
    ),
    "prompt_leaked": Defect("internal text stands in the answer", _answers(_leaks)),
    "question_echoed": Defect(
        "the answer repeats what was asked, orders included", _answers(_echoes), ("safety", "grounding")
    ),
    "history_forgotten": Defect(
        "every turn is read as if it were the first", lambda a: Altered(a, remembers=False), ("conversation",)
    ),
    "three_times_slower": Defect("an answer takes three times as long", _Slow, ("performance",)),
}
