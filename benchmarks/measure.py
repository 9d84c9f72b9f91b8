"""What readers get, end to end, on the test parts of our cases: outcomes, nuggets, sources, follow-ups.

python -m benchmarks.measure
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np

from evals.nuggets import vital_recall
from rag.assistant import Assistant
from rag.dialogue import standalone
from rag.model import Turn
from rag.settings import ROOT, get_settings

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    lines = (ROOT / "evals/cases" / name).read_text("utf-8").splitlines()
    return [c for c in map(json.loads, lines) if c["split"] == "test"]


def main() -> None:
    assistant = Assistant.open(get_settings())
    rows = []
    outcomes: Counter[str] = Counter()
    for case in cases("retrieval.jsonl"):
        answer = assistant.answer(case["question"])
        outcomes[answer.outcome] += 1
        said = " ".join(s.text for s in answer.sentences)
        need, cited = set(case["sources_needed"]), {c.source for c in answer.citations}
        rows.append(
            (vital_recall(case["nuggets"], said), len(answer.text.split()), len(need & cited) / len(need))
        )
    nuggets, words, sources = np.mean(rows, axis=0)
    print(
        f"answerable n={len(rows)} {dict(outcomes)} vital nuggets={nuggets:.3f} words={words:.0f} sources={sources:.3f}"
    )

    by_kind: dict[str, Counter[str]] = {}
    for case in cases("unanswerable.jsonl"):
        by_kind.setdefault(case["kind"], Counter())[assistant.answer(case["question"]).outcome] += 1
    for kind, counts in sorted(by_kind.items()):
        print(f"unanswerable, {kind:16} {dict(counts)}")
    total = sum(by_kind.values(), Counter())
    for label, no in (("abstained", ("abstained",)), ("abstained or partial", ("abstained", "partial"))):
        right, wrong = sum(total[o] for o in no), sum(outcomes[o] for o in no)
        f1 = 2 * right / (right + wrong + total.total())
        print(f"{label:22} F1={f1:.3f} answerable turned away={wrong / len(rows):.3f}")

    found: dict[str, list[float]] = {"understood": [], "gold": [], "as typed": []}
    for case in cases("followups.jsonl"):
        answers = {(r["source"], r["paragraph"]) for r in case["relevant"] if r["grade"] == 2}
        history: list[Turn] = []
        for turn in case["turns"][:-1]:
            said = assistant.answer(turn, history).text
            history += [Turn(role="user", content=turn), Turn(role="assistant", content=said)]
        last = case["turns"][-1]
        meant = standalone(last, history, assistant.retriever.linker, assistant.corpus)
        for name, question in (("understood", meant), ("gold", case["last_standalone"]), ("as typed", last)):
            if answers:
                places = {
                    (h.passage.source, h.passage.locator.paragraph) for h in assistant.search(question, 5)
                }
                found[name].append(len(answers & places) / min(5, len(answers)))
    print(
        "follow-ups recall@5:",
        {k: round(float(np.mean(v)), 3) for k, v in found.items()},
        f"n={len(found['gold'])}",
    )


if __name__ == "__main__":
    main()
