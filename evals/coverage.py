"""What the cases leave out: passages, people, stages and sources that no case asks about."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from evals.cases import CASES, FILES, load
from rag.corpus import Corpus


class Coverage(NamedTuple):
    """Counts of cases by label, and what of the corpus has no case."""

    cases: dict[str, dict[str, int]]
    labels: dict[str, Counter[str]]
    passages: tuple[str, ...]
    people: tuple[str, ...]
    stages: tuple[str, ...]
    sources: tuple[str, ...]


def coverage(corpus: Corpus, folder: Path = CASES) -> Coverage:
    held = {name: load(name, folder) for name in FILES}
    asked = {(p.source, p.paragraph) for cases in held.values() for c in cases for p in c.evidence}
    reached = [
        p for p in corpus.passages.values() if any((p.source, n) in asked for n in p.locator.paragraphs)
    ]
    people = {x for p in reached for x in p.people}
    stages = {s for p in reached for s in p.stage}
    return Coverage(
        cases={name: dict(Counter(c.split for c in cases)) for name, cases in held.items()},
        labels={name: Counter(label for c in cases for label in c.labels) for name, cases in held.items()},
        passages=tuple(sorted(corpus.passages.keys() - {p.id for p in reached})),
        people=tuple(
            sorted(p.id for p in corpus.people if corpus.by_person.get(p.id) and p.id not in people)
        ),
        stages=tuple(t.id for t in corpus.taxonomy.stages if t.id not in stages),
        sources=tuple(sorted(corpus.sources.keys() - {p.source for p in reached})),
    )
