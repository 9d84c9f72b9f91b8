"""Fits the answerability models of rag.answer.sufficiency and reports them, with the risk-coverage curve.

    python -m benchmarks.fit_sufficiency [--write]

Two steps that never share a question. The score of rag.answer.told is fitted on the curated questions of the corpus
and strangers' broad ones, on answerability_train.jsonl and unanswerable_train.jsonl of evals/cases, and on the
guard's off-topic examples (which are told of nowhere). The dev parts of retrieval.jsonl and accuracy.jsonl
(answerable) and of unanswerable.jsonl fit how it is weighed with the other features. Measured on the test parts,
which neither fit and no threshold sees. --write replaces rag/data/told.npz and rag/data/sufficiency.json; do that
after the corpus or its curated questions changed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from benchmarks.cases import read
from rag.answer.decide import ABSTAIN_BELOW, ANSWER_FROM
from rag.answer.evidence import candidates
from rag.answer.sufficiency import features
from rag.answer.told import FILE, WRITTEN, Told, curated, kernel, key
from rag.assistant import Assistant
from rag.corpus import Corpus
from rag.guard.examples import broad, read_examples
from rag.index import Index
from rag.settings import ROOT, get_settings

EXAMPLES = ROOT / "rag" / "guard" / "data" / "examples"
MODEL = ROOT / "rag" / "data" / "sufficiency.json"
RIDGE = 0.1  # of the told score, against weights of about 1; 0.03 to 0.3 do as well on dev
# Without how well the quoted statements cover the question's words: on our cases that speaks against an answer, because
# their answerable questions avoid the text's words and the others use them; readers do not write like that. Nor does it
# know of a "why": more of those have a false premise among our cases than an answer (dev AUC 0.936, 0.932 without), and
# readers who ask why people left were turned away four times as often as others.
BESIDE_TOLD = (
    "told question_all question_named statement_all statement_named score margin mass not_held term_missing "
    "country_missing number_missing unknown_names number_not_given asks_number later named same_type echoed alike "
    "with_questions_mean with_questions_open yes_no length"
).split()
# Shares of answerable dev questions that the thresholds of rag.answer.decide turn away, out of fold.
ABSTAINED, NOT_ANSWERED = 0.05, 0.15
Row = dict[str, Any]


def fit_told(
    index: Index, raw: np.ndarray, keys: Sequence[tuple[int, int]], answered: Sequence[bool]
) -> dict[str, np.ndarray]:
    """Kernel ridge regression on these questions (`raw`: their vectors as read, unit rows), for rag.answer.told.

    Both classes weigh the same in all, however many questions of each there are.
    """
    step = np.float32(np.abs(raw).max() / 127)
    vectors = np.rint(raw / step).astype(np.int8)
    points = index.query_vectors(vectors.astype(np.float32) * step).astype(np.float64)
    y = np.where(answered, 1.0, -1.0)
    # A copy: the product of an array with itself makes OpenBLAS break off at 15,000 rows.
    system = kernel(points, points.copy())
    system[np.diag_indices(len(y))] += 2 * RIDGE * np.where(y > 0, (y > 0).mean(), (y < 0).mean())
    weights = cho_solve(cho_factor(system, lower=True, overwrite_a=True), y).astype(np.float32)
    return {
        "model": np.array(index.manifest.model),
        "keys": np.array([question for question, _ in keys], dtype=np.uint64),
        "passages": np.array([passage for _, passage in keys], dtype=np.uint64),
        "vectors": vectors,
        "step": step,
        "weights": weights,
    }


def questions(corpus: Corpus) -> tuple[list[str], list[tuple[int, int]], list[bool]]:
    """What the told score is fitted on: every question, its key and its passage's, and whether it is answered."""
    ours = curated(corpus)
    train = read("answerability_train", "unanswerable_train")
    wide = [q for q in broad(corpus) if q not in ours]
    off_topic = [e.text for e in read_examples(EXAMPLES) if e.label == "off_topic" and e.text]
    texts = [*ours, *wide, *(c["question"] for c in train), *off_topic]
    written = [(WRITTEN, WRITTEN)] * (len(texts) - len(ours))
    keys = [*((key(q), key(p)) for q, p in ours.items()), *written]
    told = [*[True] * (len(ours) + len(wide)), *(c["answerable"] for c in train), *[False] * len(off_topic)]
    return texts, keys, told


def rows(write: Path | None = None) -> list[Row]:
    """Every dev and test case, whether it is answerable, and its features; `write` is where the told score goes."""
    assistant = Assistant.open(get_settings())
    index, retriever = assistant.index, assistant.retriever
    texts, keys, answered = questions(index.corpus)
    stored = fit_told(index, np.stack([retriever.as_typed(q) for q in texts]), keys, answered)
    if write:
        np.savez(write, **stored)  # packed, it would open five times as slowly
    told = Told.over(index, stored)
    assert told is not None
    answerable = read("retrieval", "accuracy")
    cases = [{**c, "y": 1} for c in answerable] + [{**c, "y": 0} for c in read("unanswerable")]
    for case in cases:
        found = retriever.find(case["question"])
        evidence = candidates(found, index, retriever.frequency)
        case["x"] = {
            **features(found, evidence, retriever, assistant.words),
            "told": told.score(found.vector),
        }
    return cases


def matrix(cases: list[Row], names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[c["x"][n] for n in names] for c in cases]), np.array([c["y"] for c in cases])


def logistic(x: np.ndarray, y: np.ndarray, penalty: float = 0.03, steps: int = 4000) -> Row:
    """Ridge logistic regression by gradient descent on standardised features."""
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 1e-6, scale, 1.0)  # a feature that never changes gets no weight
    z = np.c_[(x - mean) / scale, np.ones(len(x))]
    w = np.zeros(z.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(z @ w)))
        w -= 0.3 * (z.T @ (p - y) / len(y) + penalty * np.r_[w[:-1], 0])
    return {"mean": mean, "scale": scale, "weight": w[:-1], "bias": float(w[-1])}


def confidence(model: Row, x: np.ndarray) -> np.ndarray:
    return np.asarray(
        1 / (1 + np.exp(-(((x - model["mean"]) / model["scale"]) @ model["weight"] + model["bias"])))
    )


def out_of_fold(cases: list[Row], names: Sequence[str], folds: int = 5, rounds: int = 4) -> np.ndarray:
    """Each case's confidence from fits that did not see it, meaned over several ways to cut the folds."""
    x, y = matrix(cases, names)
    p = np.zeros((rounds, len(cases)))
    for n in range(rounds):
        fold = np.random.default_rng(n).permutation(len(cases)) % folds
        for k in range(folds):
            p[n, fold == k] = confidence(logistic(x[fold != k], y[fold != k]), x[fold == k])
    return np.asarray(p.mean(axis=0))


def report(name: str, cases: list[Row], p: np.ndarray, low: float, high: float) -> None:
    y = np.array([c["y"] for c in cases])
    for label, threshold in (("abstained", low), ("abstained or partial", high)):
        said_no = p < threshold
        right = (said_no & (y == 0)).sum()
        precision, recall = right / max(1, said_no.sum()), right / (y == 0).sum()
        print(
            f"{name:5} {label:22} precision={precision:.2f} recall={recall:.2f} "
            f"F1={2 * right / (said_no.sum() + (y == 0).sum()):.3f} "
            f"answerable turned away={(said_no & (y == 1)).sum() / (y == 1).sum():.3f}"
        )
    kinds: dict[str, list[bool]] = {}
    for case, value in zip(cases, p, strict=True):
        if not case["y"]:
            kinds.setdefault(case["kind"], []).append(bool(value < high))
    print(
        "      not answered as if known:", {k: round(float(np.mean(v)), 2) for k, v in sorted(kinds.items())}
    )
    order = np.argsort(-p)
    wrong = np.cumsum(1 - y[order]) / np.arange(1, len(y) + 1)
    curve = {
        f"{c:.0%}": round(float(wrong[max(0, int(c * len(y)) - 1)]), 3)
        for c in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1)
    }
    a, b = p[y == 1], p[y == 0]
    auc = float((a[:, None] > b[None, :]).mean() + 0.5 * (a[:, None] == b[None, :]).mean())
    print(f"      AUC={auc:.3f}, risk at coverage: {curve}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    run(rows(MODEL.with_name(FILE) if write else None), write)


def run(cases: list[Row], write: bool) -> None:
    dev, test = ([c for c in cases if c["split"] == s] for s in ("dev", "test"))
    fitted = json.loads(MODEL.read_text("utf-8"))
    unseen = out_of_fold(dev, BESIDE_TOLD)
    answerable = unseen[[bool(c["y"]) for c in dev]]
    low, high = np.quantile(answerable, (ABSTAINED, NOT_ANSWERED))
    model = logistic(*matrix(dev, BESIDE_TOLD))
    print(
        f"{ABSTAINED:.0%} and {NOT_ANSWERED:.0%} of answerable dev questions lie below "
        f"{low:.3f} and {high:.3f}; in use: {ABSTAIN_BELOW} and {ANSWER_FROM}"
    )
    report("dev", dev, unseen, ABSTAIN_BELOW, ANSWER_FROM)
    report("test", test, confidence(model, matrix(test, BESIDE_TOLD)[0]), ABSTAIN_BELOW, ANSWER_FROM)
    fitted["told"] = {
        "features": list(BESIDE_TOLD),
        **{k: [round(float(v), 5) for v in model[k]] for k in ("mean", "scale", "weight")},
        "bias": round(model["bias"], 5),
        "fitted_on": f"{len(dev)} questions (dev part)",
    }
    if write:
        MODEL.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
