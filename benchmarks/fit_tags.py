"""Fits which tags a question is about (rag.index.tags), and reports how well that tells those of unseen questions.

    python -m benchmarks.fit_tags [--write]

Learnt from the questions that the corpus is known to answer: the target of each tag is the share of the answering
passages that carry it. One logistic regression a tag, all at once, by Adam over the whole set. One question in forty is
not learnt from and only reported. --write replaces rag/data/tags.npz; do that after the encoder or many tags changed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import numpy.typing as npt

from benchmarks.fit_asking import Question, training
from rag.embed.tuned import encoder
from rag.index import Index, ensure_index
from rag.index.tags import Tags, of_passage, save
from rag.settings import get_settings
from rag.text import calm

APART = 40
BROAD, BROAD_WEIGHT = (
    4,
    6.0,
)  # a question that so many passages answer says more of tags than one of a single passage
STEPS, STEP, DECAY = 400, 0.05, 1e-4
SPREAD = (
    4.0  # length of the centred vectors while they are learnt from, so that STEP suits weights and bias alike
)
Floats = npt.NDArray[np.float64]


def as_read(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """What the encoder gives for each text, a unit row each."""
    with ProcessPoolExecutor() as pool:
        return np.concatenate(list(pool.map(_read, np.array_split(np.array(texts, dtype=object), 64))))


def _read(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    read = encoder()
    return np.array([read(calm(t)) for t in texts], dtype=np.float32).reshape(-1, 384)


def fit(index: Index, questions: Sequence[Question], vectors: npt.NDArray[np.float32]) -> Tags:
    """The classifier of these questions, `vectors` as they were read; the same for the same input."""
    names, target = targets(index, questions)
    weight = np.array([BROAD_WEIGHT if len(q.answers) >= BROAD else 1.0 for q in questions])[:, None]
    weight /= weight.sum()
    mean = vectors.mean(axis=0, dtype=np.float64)
    x = vectors - mean
    scale = SPREAD / np.linalg.norm(x, axis=1).mean()
    x = np.hstack([x * scale, np.ones((len(x), 1))])
    share = target.mean(axis=0)
    w = np.vstack([np.zeros((vectors.shape[1], len(names))), np.log(share / (1 - share))])
    hold = np.full((len(w), 1), DECAY)
    hold[-1] = 0
    first, second = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, STEPS + 1):
        slope = x.T @ ((1 / (1 + np.exp(-(x @ w))) - target) * weight) + hold * w
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope * slope
        w -= STEP * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
    matrix = w[:-1] * scale
    return Tags(names, matrix.astype(np.float32), (w[-1] - mean @ matrix).astype(np.float32))


def targets(index: Index, questions: Sequence[Question]) -> tuple[tuple[str, ...], Floats]:
    """The tags that any passage carries, and for each question the share of its answering passages with each."""
    passages = [index.corpus.passages[p] for p in index.passage_ids]
    carried = [{t for kind in of_passage(p) for t in kind} for p in passages]
    names = tuple(sorted(set().union(*carried)))
    table = np.array([[n in tags for n in names] for tags in carried], dtype=np.float64)
    return names, np.stack([table[list(q.answers)].mean(axis=0) for q in questions])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    index = Index(ensure_index(get_settings()))
    questions = training(index)
    vectors = as_read([q.text for q in questions])
    apart = np.arange(len(questions)) % APART == 0
    learnt = [q for q, a in zip(questions, apart, strict=True) if not a]
    found = fit(index, learnt, vectors[~apart])
    _, target = targets(index, questions)
    odds = vectors @ found.matrix + found.bias
    share = target[~apart].mean(axis=0)
    for name, rows in (("learnt", ~apart), ("apart", apart)):
        y, p = target[rows], 1 / (1 + np.exp(-odds[rows]))
        loss, plain = (-(y * np.log(x) + (1 - y) * np.log(1 - x)).mean() for x in (p, share))
        best = y[np.arange(len(y)), p.argmax(axis=1)].mean()
        print(
            f"{name:7} n={len(y):5} log loss {loss:.4f} (shares alone {plain:.4f}), likeliest tag carried {best:.3f}"
        )
    if write:
        save(found, index.manifest.model)


if __name__ == "__main__":
    main()
