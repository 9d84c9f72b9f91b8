"""Fits the statement weights of rag.answer.evidence on the dev parts and on broad questions that the index has not seen
(benchmarks.broad), and measures quote mode on dev, test and the broad ones.

    python -m benchmarks.fit_quote

For every question the statements that hold a vital nugget, in a paragraph marked as relevant, are the targets of a
listwise softmax; for a broad one those that its list names. Of the broad ones every second theme is fitted on when they
are reported; the weights to keep are fitted on all. Reported: vital nugget recall, words and sentences an answer, share
of needed sources cited, and of what is quoted for a broad question the share that its list names, for the weights in
use, and for the plain baseline that takes the most similar statements until the words run out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.broad import Broad, held_out
from benchmarks.cases import listwise, read
from evals.nuggets import holds, vital_recall
from rag.answer.evidence import FEATURES, WEIGHTS, Candidate, candidates, softmax
from rag.answer.quote import choose
from rag.assistant import Assistant


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
    with held_out() as (assistant, broad):
        measured(assistant, broad)


def measured(assistant: Assistant, broad: list[Broad]) -> None:
    cases = read("retrieval", "accuracy")
    retriever, budget = assistant.retriever, assistant.settings.answer_words

    def evidence(question: str) -> tuple[Candidate, ...]:
        return candidates(retriever.find(question), retriever.index, retriever.frequency)

    found = {c["id"]: evidence(c["question"]) for c in cases}
    wide = [(b, {f"{p}#{n}" for p, at in b.answers.items() for n in at}, evidence(b.question)) for b in broad]
    dev = []
    for case in (c for c in cases if c["split"] == "dev"):
        places = {(r["source"], r["paragraph"]) for r in case["relevant"]}
        vital = [n for n in case["nuggets"] if n["vital"]]
        hold = {
            c.id
            for c in found[case["id"]]
            if (c.passage.source, c.passage.locator.paragraph) in places
            and any(holds(n, c.text) for n in vital)
        }
        dev.append(_table(found[case["id"]], hold))
    half = [_table(of, hold) for b, hold, of in wide if b.theme % 2]
    every = [_table(of, hold) for _, hold, of in wide]
    other_themes, fitted = (listwise([t for t in dev + part if t[1].any()]) for part in (half, every))
    print("fitted:", [round(float(w), 2) for w in fitted])

    def report(name: str, pick: Any, themes: int | None = None) -> None:
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

        for whole in (False, True):
            rest = [x for x in wide if x[0].whole == whole and (themes is None or x[0].theme % 2 == themes)]
            belong = [np.mean([c.id in hold for c in pick(of)]) for _, hold, of in rest]
            first = [pick(of)[0].id in hold for _, hold, of in rest]
            label = "theme" if whole else "wording"
            print(
                f"{name:28} {label} n={len(rest)} quoted belong {np.mean(belong):.3f}, first {np.mean(first):.3f}"
            )

    report("most similar statements", lambda f: by_similarity(f, budget))
    report("in use", lambda f: choose(rescored(f, np.array(WEIGHTS)), budget))
    report("fitted, other themes", lambda f: choose(rescored(f, other_themes), budget), themes=0)
    report("fitted on all", lambda f: choose(rescored(f, fitted), budget))


def _table(found: tuple[Candidate, ...], hold: set[str]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array([[c.features[f] for f in FEATURES] for c in found])
    return rows, np.array([float(c.id in hold) for c in found])


if __name__ == "__main__":
    main()
