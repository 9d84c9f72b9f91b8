"""Fits the weights of rag.retrieve on the dev parts of retrieval.jsonl and accuracy.jsonl; reports dev and test.

    python -m benchmarks.fit_retrieval [--show-misses]

The fit is a listwise softmax: it maximises the probability mass that a ranking gives to the relevant passages, with
a small quadratic penalty. Test figures are printed for the report and are not used by the fit.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from rag.assistant import Assistant
from rag.retrieve import PARTS, WEIGHTS, spread
from rag.settings import ROOT, get_settings

Case = dict[str, Any]


def read(*names: str) -> list[Case]:
    """The cases of these files of evals/cases, one after another."""
    return [
        json.loads(line)
        for name in names
        for line in (ROOT / "evals" / "cases" / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]


def relevance(case: Case) -> dict[tuple[str, int], int]:
    return {(r["source"], r["paragraph"]): r["grade"] for r in case["relevant"]}


def place(hit: Any) -> tuple[str, int]:
    return hit.passage.source, hit.passage.locator.paragraph


def measure(case: Case, places: list[tuple[str, int]]) -> tuple[float, float]:
    """(recall@5 over grade-2 paragraphs, nDCG@10 over all grades) of a ranking of paragraphs."""
    grades = relevance(case)
    answers = {p for p, g in grades.items() if g == 2}
    recall = len(answers & set(places[:5])) / min(len(answers), 5)
    ranked = list(dict.fromkeys(places))[:10]
    gain = sum((2 ** grades.get(p, 0) - 1) / np.log2(i + 2) for i, p in enumerate(ranked))
    ideal = sum((2**g - 1) / np.log2(i + 2) for i, g in enumerate(sorted(grades.values(), reverse=True)[:10]))
    return recall, gain / ideal


def listwise(
    tables: list[tuple[np.ndarray, np.ndarray]], penalty: float = 3e-3, steps: int = 400
) -> np.ndarray:
    """Weights that put the softmax mass of each table (rows of features, targets) on its target rows."""
    centred = [(x - x.mean(axis=0), target) for x, target in tables]
    scale = np.concatenate([x for x, _ in centred]).std(axis=0) + 1e-9
    w = np.zeros(len(scale))
    first, second = np.zeros_like(w), np.zeros_like(w)
    for _ in range(steps):
        slope = np.zeros_like(w)
        for x, target in centred:
            z = x / scale
            p = np.exp(z @ w - (z @ w).max())
            p /= p.sum()
            aim = p * target
            slope += z.T @ (aim / max(aim.sum(), 1e-12) - p)
        slope = slope / len(centred) - penalty * w
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope * slope
        w += 0.05 * first / (np.sqrt(second) + 1e-8)
    return w / scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show-misses", action="store_true")
    parser.add_argument("--ablate", action="store_true", help="also without each part")
    given = parser.parse_args()
    show_misses, ablate = given.show_misses, given.ablate
    cases = read("retrieval", "accuracy")
    retriever = Assistant.open(get_settings()).retriever
    everything = len(retriever.index.passage_ids)
    found = {c["id"]: retriever.find(c["question"], everything) for c in cases}
    tables: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"dev": [], "test": []}
    for case in cases:
        hits = sorted(found[case["id"]].hits, key=lambda h: h.passage.id)
        x = np.array([[h.parts[p] for p in PARTS] for h in hits])
        grades = relevance(case)
        tables[case["split"]].append((x, np.array([place(h) in grades for h in hits], dtype=float)))

    def report(name: str, weights: dict[str, float]) -> None:
        for split in ("dev", "test"):
            scores = []
            for case in (c for c in cases if c["split"] == split):
                hits = found[case["id"]].hits
                ranked = sorted(hits, key=lambda h: -sum(weights[p] * h.parts[p] for p in PARTS))
                scores.append(measure(case, [place(h) for h in spread(tuple(ranked))]))
                if show_misses and name == "in use" and scores[-1][0] < 1:
                    print(
                        scores[-1][0],
                        case["id"],
                        case["question"],
                        "|",
                        sorted(relevance(case)),
                        [place(h) for h in spread(tuple(ranked))][:5],
                    )
            recall, ndcg = np.mean(scores, axis=0)
            print(f"{name:24} {split:5} n={len(scores):3} recall@5={recall:.3f} nDCG@10={ndcg:.3f}")

    report("in use", WEIGHTS)
    for part in PARTS if ablate else ():
        report(f"without {part}", {**WEIGHTS, part: 0.0})
    fitted = dict(zip(PARTS, listwise(tables["dev"]).round(2).tolist(), strict=True))
    report("fitted on dev", fitted)
    print(json.dumps(fitted))
    both = dict(zip(PARTS, listwise(tables["dev"] + tables["test"]).round(2).tolist(), strict=True))
    print("fitted on all (not used):", json.dumps(both))


if __name__ == "__main__":
    main()
