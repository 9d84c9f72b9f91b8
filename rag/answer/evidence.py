"""The statements of the retrieved passages, scored for how likely each is to hold what the question asks for.

The score is linear in the features below; its softmax over the statements of one question is read as a probability,
which is how it was fitted (listwise softmax on the dev part of evals/cases/retrieval.jsonl against human-written
nuggets, `python -m benchmarks.fit_quote`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.embed import Vectors
from rag.index.reader import KINDS, Index
from rag.model import Asked, Passage
from rag.retrieve import Found
from rag.text import content_stems, numbers

FEATURES = (
    "statement",  # question to statement
    "passage",  # retrieval score less the best retrieval score
    "question",  # question to the nearest of those that the passage answers
    "asked",  # question to the nearest of those that the statement is known to answer
    "asked_alike",  # the same, the mean over the ALIKE nearest of them
    "coverage",  # share of the question's words, by rarity, that the statement holds
    "number",  # a number where one is asked for
    "statement_rank",  # `statement` less the passage's best
    "asked_rank",  # `asked` less the passage's best
    "person",  # the passage is about a person whom the question names
    "position",  # place of the statement in its passage
    "length",  # words / 35
)
WEIGHTS = (1.5, 0.4, 1.9, 0.9, 18.0, 0.8, 0.6, 9.0, 0.0, 0.6, 0.0, 0.1)
PASSAGES = 15
ALIKE = 3
NEVER_ASKED = -0.1  # nearness of a statement that answers none of its passage's questions

ASKS_NUMBER = re.compile(
    r"\b(how (?:many|much|old|long|big|far|often|large)|number|count|share|percent(?:age)?|proportion|fraction|rate|"
    r"salary|wage|age|when|(?:what|which|in what) (?:year|month|date|day))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Candidate:
    """A statement that could be quoted; `mass` is its share of the probability over all candidates."""

    id: str
    text: str
    passage: Passage
    score: float
    mass: float
    features: Mapping[str, float]


def rarity(term: str, frequency: Mapping[str, int], passages: int) -> float:
    return math.log(1 + passages / (1 + frequency.get(term, 0)))


def candidates(found: Found, index: Index, frequency: Mapping[str, int]) -> tuple[Candidate, ...]:
    """Every statement of the best passages, best first; ties in corpus order."""
    if not found.hits:
        return ()
    weight = {t: rarity(t, frequency, len(index.passage_ids)) for t in found.terms}
    whole = sum(weight.values()) or 1.0
    asked = set(found.mentions.numbers)
    wants_number = bool(ASKS_NUMBER.search(found.question))
    named = set(found.mentions.persons)
    top = found.hits[0].score
    rows: list[tuple[Passage, int, str]] = []
    table: list[list[float]] = []
    for hit in found.hits[:PASSAGES]:
        passage = hit.passage
        span = index.rows_of(index.position[passage.id])
        vectors = index.vectors(slice(span.start, span.stop))
        kinds = index.unit_kind[span.start : span.stop]
        statements, questions = (
            vectors[kinds == KINDS.index("statement")],
            vectors[kinds == KINDS.index("question")],
        )
        direct = statements @ found.vector
        if len(questions):
            to_questions = questions @ found.vector
            asked_of, alike = _nearest_asked(
                to_questions, index.corpus.questions[passage.id], len(statements)
            )
        else:  # a verbatim passage: its sentences stand for the questions that nobody wrote
            to_questions = asked_of = alike = direct
        for n, text in enumerate(passage.statements):
            stems = set(content_stems(text))
            table.append(
                [
                    float(direct[n]),
                    hit.score - top,
                    float(to_questions.max()),
                    float(asked_of[n]),
                    float(alike[n]),
                    sum(w for t, w in weight.items() if t in stems) / whole,
                    float(wants_number and bool(numbers(text) - asked)),
                    float(direct[n] - direct.max()),
                    float(asked_of[n] - asked_of.max()),
                    float(bool(named & set(passage.people))),
                    float(n),
                    len(text.split()) / 35,
                ]
            )
            rows.append((passage, n + 1, text))
    scores = np.array(table) @ np.array(WEIGHTS)
    mass = softmax(scores)
    order = sorted(range(len(rows)), key=lambda i: (-scores[i], i))
    return tuple(
        Candidate(
            id=f"{rows[i][0].id}#{rows[i][1]}",
            text=rows[i][2],
            passage=rows[i][0],
            score=float(scores[i]),
            mass=float(mass[i]),
            features=dict(zip(FEATURES, table[i], strict=True)),
        )
        for i in order
    )


def _nearest_asked(nearness: Vectors, questions: Sequence[Asked], statements: int) -> tuple[Vectors, Vectors]:
    """For each statement the best nearness among the questions that it answers, and the mean of the ALIKE best (where
    there are fewer, the last counts again); where nobody said which statements answer a question, any may."""
    of: list[list[float]] = [[] for _ in range(statements)]
    for near, question in zip(nearness, questions, strict=True):
        for n in [n - 1 for n in question.answers if n <= statements] or range(statements):
            of[n].append(float(near))
    nearest = [sorted(o, reverse=True)[:ALIKE] or [NEVER_ASKED] for o in of]
    full = [o + o[-1:] * (ALIKE - len(o)) for o in nearest]
    table = np.array(full, dtype=np.float32)
    return table[:, 0], table.mean(axis=1, dtype=np.float32)


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shifted = np.exp(scores - scores.max())
    return np.asarray(shifted / shifted.sum())
