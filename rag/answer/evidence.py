"""The statements of the retrieved passages, scored for how likely each is to hold what the question asks for.

The score is linear in the features below; its softmax over the statements of one question is read as a probability,
which is how it was fitted (listwise softmax on the dev part of evals/cases/retrieval.jsonl against human-written
nuggets, `python -m benchmarks.fit_quote`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.index.reader import KINDS, Index
from rag.model import Passage
from rag.retrieve import Found
from rag.text import content_stems, numbers

FEATURES = (
    "statement",  # question to statement
    "passage",  # retrieval score less the best retrieval score
    "question",  # question to the passage's nearest curated question
    "via",  # nearest curated questions to statement
    "coverage",  # share of the question's words, by rarity, that the statement holds
    "number",  # a number where one is asked for
    "statement_rank",  # `statement` less the passage's best
    "via_rank",  # `via` less the passage's best
    "person",  # the passage is about a person whom the question names
    "position",  # place of the statement in its passage
    "length",  # words / 35
)
WEIGHTS = (16.0, 0.52, 7.75, -2.25, 0.0, 0.6, 2.5, 2.6, 0.7, 0.1, 1.7)
PASSAGES = 15
SHARPNESS = 12.0

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
        if not len(questions):  # a verbatim passage: its sentences stand for the questions that nobody wrote
            questions = statements
        to_questions = questions @ found.vector
        pull = np.exp(SHARPNESS * (to_questions - to_questions.max()))
        via = statements @ ((pull / pull.sum()) @ questions)
        for n, text in enumerate(passage.statements):
            stems = set(content_stems(text))
            table.append(
                [
                    float(direct[n]),
                    hit.score - top,
                    float(to_questions.max()),
                    float(via[n]),
                    sum(w for t, w in weight.items() if t in stems) / whole,
                    float(wants_number and bool(numbers(text) - asked)),
                    float(direct[n] - direct.max()),
                    float(via[n] - via.max()),
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


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shifted = np.exp(scores - scores.max())
    return np.asarray(shifted / shifted.sum())
