"""How far two curators agree on the tags of passages: Cohen's kappa for the primary stage and for each tag.

    python -m benchmarks.tagging

Of evals/labels/tagging, first.jsonl holds the tags of 78 passages as they were when the second pass was made, and
second.jsonl those of a reader who had the statements and the taxonomy's definitions and nothing else. third.jsonl and
fourth.jsonl are of two such readers, apart from each other, over 90 other passages and the definitions that the first
comparison changed; corpus.jsonl holds the tags of those passages as they were then. Kappa is Cohen's (1960); a tag's
kappa is over its presence or absence, and says little where hardly a passage carries the tag.
"""

from __future__ import annotations

import json
from pathlib import Path

from evals.stats import kappa
from rag.corpus import load_corpus
from rag.settings import ROOT

LABELS = ROOT / "evals" / "labels" / "tagging"
FIELDS = ("stage", "motives", "disillusionment")
WANTED = 0.6
PAIRS = (("first", "second"), ("third", "fourth"), ("corpus", "third"), ("corpus", "fourth"))
Tags = dict[str, dict[str, list[str]]]


def read(path: Path) -> Tags:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {row["passage"]: {field: row[field] for field in FIELDS} for row in rows}


def compare(one: str, other: str) -> None:
    first, second = read(LABELS / f"{one}.jsonl"), read(LABELS / f"{other}.jsonl")
    passages = sorted(first)
    if passages != sorted(second):
        raise SystemExit("The two passes hold different passages.")
    primary = [[(tags[p]["stage"] or ["none"])[0] for p in passages] for tags in (first, second)]
    print(f"\n{one} and {other}: {len(passages)} passages; kappa of the primary stage: {kappa(*primary):.2f}")
    taxonomy = load_corpus(ROOT / "corpus").taxonomy
    for field, known in zip(
        FIELDS, (taxonomy.stages, taxonomy.motives, taxonomy.disillusionment), strict=True
    ):
        for tag in (t.id for t in known):
            held = [[tag in tags[p][field] for p in passages] for tags in (first, second)]
            if any(held[0]) or any(held[1]):
                value = kappa(*held)
                mark = "  below" if value < WANTED else ""
                print(f"{field:16} {tag:24} {sum(held[0]):3} {sum(held[1]):3}  {value:5.2f}{mark}")


def main() -> None:
    for pair in PAIRS:
        compare(*pair)


if __name__ == "__main__":
    main()
