"""Fits the statement weights of rag.answer.evidence on the dev parts and measures quote mode on dev and test.

    python -m benchmarks.fit_quote

For every question the statements that hold a vital nugget, in a paragraph marked as relevant, are the targets of a
listwise softmax. Reported: vital nugget recall, words and sentences an answer, and share of needed sources cited, for
the weights in use, and for the plain baseline that takes the most similar statements until the words run out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.fit_retrieval import listwise, read
from evals.nuggets import holds, vital_recall
from rag.answer.evidence import FEATURES, WEIGHTS, Candidate, candidates, softmax
from rag.answer.quote import choose
from rag.assistant import Assistant
from rag.settings import get_settings


def rescored(found: tuple[Candidate, ...], weights: np.ndarray) -> list[Candidate]:
    scores = np.array([[c.features[f] for f in FEATURES] for c in found]) @ weights
    mass = softmax(scores)
    ranked = sorted(range(len(found)), key=lambda i: (-scores[i], i))
    return [
        Candidate(
            found[i].id, found[i].text, found[i].passage, float(scores[i]), float(mass[i]), found[i].features
        )
        for i in ranked
    ]


def by_similarity(found: tuple[Candidate, ...], budget: int) -> list[Candidate]:
    chosen: list[Candidate] = []
    size = 0
    for c in sorted(found, key=lambda c: -c.features["statement"]):
        if size + len(c.text.split()) > budget:
            break
        chosen.append(c)
        size += len(c.text.split())
    return chosen


def main() -> None:
    cases = read("retrieval", "accuracy")
    settings = get_settings()
    retriever = Assistant.open(settings).retriever
    found = {
        c["id"]: candidates(retriever.find(c["question"]), retriever.index, retriever.frequency)
        for c in cases
    }
    tables = []
    for case in (c for c in cases if c["split"] == "dev"):
        places = {(r["source"], r["paragraph"]) for r in case["relevant"]}
        vital = [n for n in case["nuggets"] if n["vital"]]
        target = np.array(
            [
                float(
                    (c.passage.source, c.passage.locator.paragraph) in places
                    and any(holds(n, c.text) for n in vital)
                )
                for c in found[case["id"]]
            ]
        )
        if target.any():
            tables.append((np.array([[c.features[f] for f in FEATURES] for c in found[case["id"]]]), target))
    fitted = listwise(tables)
    print("fitted on dev:", [round(float(w), 2) for w in fitted])

    def report(name: str, pick: Any) -> None:
        for split in ("dev", "test"):
            rows = []
            for case in (c for c in cases if c["split"] == split):
                chosen = pick(found[case["id"]])
                text = " ".join(c.text for c in chosen)
                need = set(case["sources_needed"])
                cited = {c.passage.source for c in chosen}
                rows.append(
                    (
                        vital_recall(case["nuggets"], text),
                        len(text.split()),
                        len(chosen),
                        len(need & cited) / len(need),
                    )
                )
            recall, words, sentences, sources = np.mean(rows, axis=0)
            kinds = {
                k: np.mean(
                    [
                        r[2]
                        for r, c in zip(rows, (c for c in cases if c["split"] == split), strict=True)
                        if c["kind"] == k
                    ]
                )
                for k in ("figure", "single_fact")
            }
            print(
                f"{name:28} {split:5} nuggets={recall:.3f} words={words:.0f} sentences={sentences:.1f} "
                f"sources={sources:.3f} sentences for a figure={kinds['figure']:.1f}, a fact={kinds['single_fact']:.1f}"
            )

    budget = settings.answer_words
    report("most similar statements", lambda f: by_similarity(f, budget))
    report("in use", lambda f: choose(rescored(f, np.array(WEIGHTS)), budget))
    report("fitted on dev", lambda f: choose(rescored(f, fitted), budget))


if __name__ == "__main__":
    main()
