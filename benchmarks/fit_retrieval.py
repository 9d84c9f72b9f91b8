"""Fits the weights of rag.retrieve on the dev parts of retrieval.jsonl and accuracy.jsonl and on broad questions that
the index has not seen (benchmarks.broad); reports dev, test and the broad ones.

    python -m benchmarks.fit_retrieval [--show-misses] [--ablate]

The fit is a listwise softmax: it maximises the probability mass that a ranking gives to the relevant passages, with
a small quadratic penalty. Test figures are printed for the report and are not used by the fit. Of the broad questions
every second theme is fitted on when they are reported; the weights to keep are fitted on all.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from benchmarks.broad import Broad, held_out
from benchmarks.cases import Case, listwise, measure, place, read, relevance
from rag.model import Hit
from rag.retrieve import PARTS, WEIGHTS, Found, Retriever, spread

Weights = dict[str, float]
FIRST = 6  # passages: about as many as an answer quotes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show-misses", action="store_true")
    parser.add_argument("--ablate", action="store_true", help="also without each part")
    given = parser.parse_args()
    show_misses, ablate = given.show_misses, given.ablate
    cases = read("retrieval", "accuracy")
    with held_out() as (assistant, broad):
        measured(cases, broad, assistant.retriever, show_misses, ablate)


def measured(
    cases: list[Case], broad: list[Broad], retriever: Retriever, show_misses: bool, ablate: bool
) -> None:
    everything = len(retriever.index.passage_ids)
    found = {c["id"]: _sorted(retriever.find(c["question"], everything)) for c in cases}
    found_broad = [_sorted(retriever.find(b.question, everything)) for b in broad]
    dev = [
        (_table(found[c["id"]]), np.array([place(h) in relevance(c) for h in found[c["id"]]], dtype=float))
        for c in cases
        if c["split"] == "dev"
    ]
    wide = [
        (_table(hits), np.array([h.passage.id in b.answers for h in hits], dtype=float))
        for b, hits in zip(broad, found_broad, strict=True)
    ]

    def report(name: str, weights: Weights, themes: int | None = None) -> None:
        w = np.array([weights[p] for p in PARTS])
        for split in ("dev", "test"):
            scores = []
            for case in (c for c in cases if c["split"] == split):
                ranked = spread(_ranked(found[case["id"]], w))
                scores.append(measure(case, [place(h) for h in ranked]))
                if show_misses and name == "in use" and scores[-1][0] < 1:
                    missed = sorted(relevance(case)), [place(h) for h in ranked][:5]
                    print(scores[-1][0], case["id"], case["question"], "|", *missed)
            recall, ndcg = np.mean(scores, axis=0)
            print(f"{name:24} {split:8} n={len(scores):4} recall@5={recall:.3f} nDCG@10={ndcg:.3f}")
        for whole in (False, True):
            shares = [
                np.mean([h.passage.id in b.answers for h in _ranked(hits, w)[:FIRST]])
                for b, hits in zip(broad, found_broad, strict=True)
                if b.whole == whole and (themes is None or b.theme % 2 == themes)
            ]
            label = "theme" if whole else "wording"
            print(f"{name:24} {label:8} n={len(shares):4} of the first {FIRST} belong {np.mean(shares):.3f}")

    report("in use", WEIGHTS)
    for part in PARTS if ablate else ():
        report(f"without {part}", {**WEIGHTS, part: 0.0})
    half = [t for b, t in zip(broad, wide, strict=True) if b.theme % 2]
    report("fitted, other themes", _fitted(dev + half), themes=0)
    print(json.dumps(_fitted(dev + wide)))
    report("fitted on all", _fitted(dev + wide))


def _sorted(found: Found) -> list[Hit]:
    return sorted(found.hits, key=lambda h: h.passage.id)


def _table(hits: list[Hit]) -> np.ndarray:
    return np.array([[h.parts[p] for p in PARTS] for h in hits])


def _ranked(hits: list[Hit], weights: np.ndarray) -> tuple[Hit, ...]:
    order = np.argsort(-(_table(hits) @ weights), kind="stable")
    return tuple(hits[i] for i in order)


def _fitted(tables: list[tuple[np.ndarray, np.ndarray]]) -> Weights:
    return dict(zip(PARTS, listwise(tables).round(2).tolist(), strict=True))


if __name__ == "__main__":
    main()
