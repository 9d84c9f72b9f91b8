"""Fits how a question's vector is turned towards the texts that answer it (rag.index.asking), and reports what it buys.

    python -m benchmarks.fit_asking [--write]

Learnt from the questions that the corpus is known to answer, the curated ones and strangers': one matrix, starting from
the identity and held near it, that raises the probability (softmax over all units of a kind) of the statements,
questions and passages that answer, by Adam. A question never meets itself. Dev and test parts are only reported: by the
sum of the three nearnesses alone, before and after. --write replaces rag/data/asking.npz; `benchmarks.fit_retrieval`,
`fit_quote`, `fit_follow --write` and `fit_sufficiency --write` come after it.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.cases import measure, read
from rag.embed import make_embeddings
from rag.index import Index, ensure_index, vector_store
from rag.index.asking import save
from rag.index.reader import KINDS
from rag.model import Asked
from rag.retrieve import WEIGHTS
from rag.settings import get_settings

# Chosen on dev from a handful: weaker holds and more rounds gave the same, stronger holds less.
HOLD, ROUNDS, BATCH, STEP, HEAT = 0.003, 6, 512, 5e-3, 0.05
STRANGERS_WEIGHT = 2.0  # of a question in a stranger's words against a curated one
Floats = npt.NDArray[np.float32]


class Question(NamedTuple):
    text: str
    vector: Floats  # less the mean of its kind, at unit length
    answers: tuple[int, ...]  # positions of the passages that answer
    statements: tuple[int, ...]  # numbers of the statements that answer, where somebody said which
    own: tuple[int, ...]  # the question's own rows among the index's question units
    weight: float


class Units(NamedTuple):
    """The stored vectors of one kind, in passage order, and where each passage's begin and end."""

    rows: npt.NDArray[np.intp]
    vectors: Floats
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]


def units(index: Index) -> list[Units]:
    found = []
    for n in range(len(KINDS)):
        rows = np.flatnonzero(index.unit_kind == n)
        owner, every = index.unit_passage[rows], np.arange(len(index.passage_ids))
        first, last = np.searchsorted(owner, every), np.searchsorted(owner, every, side="right")
        found.append(Units(rows, index.vectors(rows), first, last))
    return found


def training(index: Index) -> list[Question]:
    """Every question that the corpus is known to answer, once, with all that answers it."""
    corpus, found = index.corpus, dict[str, list[tuple[int, int, Asked]]]()
    for own, row in enumerate(np.flatnonzero(index.unit_kind == KINDS.index("question"))):
        at = int(index.unit_passage[row])
        asked = corpus.questions[index.passage_ids[at]][int(index.unit_number[row]) - 1]
        found.setdefault(asked.question, []).append((int(row), own, asked))
    numbers = {(int(index.unit_passage[r]), int(index.unit_number[r])): n
               for n, r in enumerate(np.flatnonzero(index.unit_kind == KINDS.index("statement")))}  # fmt: skip
    questions = []
    for text, places in found.items():
        passages = [index.position[a.passage] for _, _, a in places]
        curated = any(text in corpus.passages[a.passage].questions for _, _, a in places)
        questions.append(
            Question(
                text=text,
                vector=index.vectors([places[0][0]])[0],
                answers=tuple(sorted(set(passages))),
                statements=tuple(
                    numbers[p, n] for p, (_, _, a) in zip(passages, places, strict=True) for n in a.answers
                ),
                own=tuple(own for _, own, _ in places),
                weight=1.0 if curated else STRANGERS_WEIGHT,
            )
        )
    return questions


def fit(questions: list[Question], kinds: list[Units]) -> Floats:
    """The matrix for question vectors as rows; the same for the same input."""
    q = np.stack([x.vector for x in questions])
    weight = np.array([x.weight for x in questions], dtype=np.float32)
    same = np.eye(q.shape[1], dtype=np.float32)
    matrix, first, second = same.copy(), np.zeros_like(same), np.zeros_like(same)
    draw = np.random.default_rng(0)
    steps = ROUNDS * -(-len(q) // BATCH)
    for step in range(1, steps + 1):
        if (step - 1) % (steps // ROUNDS) == 0:
            order = draw.permutation(len(q))
        at = order[((step - 1) % (steps // ROUNDS)) * BATCH :][:BATCH]
        slope = HOLD * (matrix - same)
        for n, kind in enumerate(kinds):
            answers = np.zeros((len(at), len(kind.vectors)), dtype=bool)
            scores = (q[at] @ matrix) @ kind.vectors.T / HEAT
            for row, question in enumerate(questions[which] for which in at):
                for passage in question.answers:
                    answers[row, kind.first[passage] : kind.last[passage]] = True
                if KINDS[n] == "question":
                    scores[row, question.own], answers[row, question.own] = -1e9, False
                elif KINDS[n] == "statement" and question.statements:
                    answers[row] = False
                    answers[row, question.statements] = True
            mass = np.exp(scores - scores.max(axis=1, keepdims=True))
            hoped = mass * answers
            total = hoped.sum(axis=1, keepdims=True)
            hoped /= np.maximum(total, 1e-20)
            mass /= mass.sum(axis=1, keepdims=True)
            pull = (mass - hoped) * (weight[at] * (total[:, 0] > 0))[:, None] / (HEAT * len(at))
            slope += q[at].T @ (pull @ kind.vectors)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope * slope
        near = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        matrix -= STEP * (1 - (step - 1) / steps) * near
    return matrix


def report(index: Index, kinds: list[Units], matrix: Floats) -> None:
    cases = read("retrieval")
    settings = get_settings()
    raw = vector_store(settings).vectors(
        [("query", c["question"]) for c in cases], lambda: make_embeddings(settings)
    )
    vectors = np.stack([index.centred(v) for v in raw.astype(np.float32)])
    places = [(p.source, p.locator.paragraph) for p in index.corpus.passages.values()]
    for name, turned in (("as embedded", vectors), ("turned", vectors @ matrix)):
        turned = turned / np.linalg.norm(turned, axis=1, keepdims=True)
        score = sum(
            WEIGHTS[kind] * np.maximum.reduceat(turned @ k.vectors.T, k.first, axis=1)
            for kind, k in zip(KINDS, kinds, strict=True)
        )
        for split in ("dev", "test"):
            figures = [
                measure(c, list(dict.fromkeys(places[i] for i in np.argsort(-row, kind="stable"))))
                for c, row in zip(cases, np.asarray(score), strict=True)
                if c["split"] == split
            ]
            recall, ndcg = np.mean(figures, axis=0)
            print(f"{name:12} {split:5} n={len(figures)} recall@5={recall:.3f} nDCG@10={ndcg:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    index = Index(ensure_index(get_settings()))
    kinds = units(index)
    matrix = fit(training(index), kinds)
    report(index, kinds, matrix)
    if write:
        save(matrix, index.manifest.model)


if __name__ == "__main__":
    main()
