"""Fits the answerability model of rag.answer.sufficiency and reports it, with the risk-coverage curve.

    python -m benchmarks.fit_sufficiency [--write]

Fitted on evals/cases/answerability_train.jsonl and the dev parts of retrieval.jsonl (answerable) and
unanswerable.jsonl; measured on their test parts, which the fit and the thresholds never see. --write replaces
rag/data/sufficiency.json.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from rag.answer.decide import ABSTAIN_BELOW, ANSWER_FROM
from rag.answer.evidence import candidates
from rag.answer.sufficiency import features
from rag.embed import make_embeddings
from rag.index import Index, ensure_index
from rag.retrieve import Retriever
from rag.settings import ROOT, get_settings
from rag.words import WordSpace

CASES = ROOT / "evals" / "cases"
MODEL = ROOT / "rag" / "data" / "sufficiency.json"
Row = dict[str, Any]


def read(name: str) -> list[Row]:
    return [json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines()]


def rows() -> list[Row]:
    """Every case with its part (train, dev, test), whether it is answerable, and its features."""
    settings = get_settings()
    index = Index(ensure_index(settings))
    embeddings = make_embeddings(settings)
    retriever, space = Retriever(index, embeddings), WordSpace(index.directory, embeddings)
    cases = [{**c, "split": "train", "y": int(c["answerable"])} for c in read("answerability_train.jsonl")]
    cases += [{**c, "y": 1} for c in read("retrieval.jsonl")] + [
        {**c, "y": 0} for c in read("unanswerable.jsonl")
    ]
    for case in cases:
        found = retriever.find(case["question"])
        evidence = candidates(found, index, retriever.frequency)
        case["x"] = features(found, evidence, retriever, space)
    return cases


def matrix(cases: list[Row], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[c["x"][n] for n in names] for c in cases]), np.array([c["y"] for c in cases])


def logistic(x: np.ndarray, y: np.ndarray, penalty: float = 0.03, steps: int = 4000) -> Row:
    """Ridge logistic regression by gradient descent on standardised features."""
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
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


def out_of_fold(cases: list[Row], names: list[str], folds: int = 5) -> np.ndarray:
    x, y = matrix(cases, names)
    fold = np.array([i % folds for i in np.random.default_rng(7).permutation(len(cases))])
    p = np.zeros(len(cases))
    for k in range(folds):
        p[fold == k] = confidence(logistic(x[fold != k], y[fold != k]), x[fold == k])
    return p


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
    run(rows(), write)


def run(cases: list[Row], write: bool) -> None:
    names = list(cases[0]["x"])
    part = {s: [c for c in cases if c["split"] == s] for s in ("train", "dev", "test")}
    fitting = part["train"] + part["dev"]
    unseen = out_of_fold(fitting, names)
    is_dev = np.array([c["split"] == "dev" for c in fitting])
    dev = [c for c in fitting if c["split"] == "dev"]
    answerable = unseen[is_dev & np.array([bool(c["y"]) for c in fitting])]
    print(
        f"in use: abstain below {ABSTAIN_BELOW}, answer from {ANSWER_FROM}; 5 % and 22 % of answerable dev questions "
        f"lie below {np.quantile(answerable, 0.05):.3f} and {np.quantile(answerable, 0.22):.3f}"
    )
    report("dev", dev, unseen[is_dev], ABSTAIN_BELOW, ANSWER_FROM)
    model = logistic(*matrix(fitting, names))
    report(
        "test", part["test"], confidence(model, matrix(part["test"], names)[0]), ABSTAIN_BELOW, ANSWER_FROM
    )
    if write:
        data = {
            "features": names,
            **{k: [round(float(v), 5) for v in model[k]] for k in ("mean", "scale", "weight")},
            "bias": round(model["bias"], 5),
            "fitted_on": f"{len(fitting)} questions (train and dev parts)",
        }
        MODEL.write_text(json.dumps(data, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
