"""What the fits share: the cases, how well a ranking serves one, and the softmax by which weights are fitted."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from rag.settings import ROOT

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
