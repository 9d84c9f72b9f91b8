"""Questions that the corpus can answer, offered to somebody whose own was not: from passages, never made up."""

from __future__ import annotations

from collections.abc import Sequence

from rag.corpus import Corpus
from rag.model import Passage

UNFIT = {"graphic", "suicide", "sexual_violence", "minor", "operational", "propaganda", "named_accused"}
TOLD = {"testimony", "testimony_reported", "family_or_victim", "analysis"}


def offered(stages: Sequence[str], corpus: Corpus) -> tuple[str, ...]:
    """One well-written question for each stage, from a passage of good standing that holds nothing hard to read."""
    picked: list[str] = []
    for stage in stages:
        held = (p for p in corpus.passages.values() if stage in p.stage and _gentle(p, corpus))
        ranked = sorted(held, key=lambda p: p.stage.index(stage))
        picked += [q for p in ranked for q in p.offerable if q not in picked][:1]
    return tuple(picked)


def _gentle(passage: Passage, corpus: Corpus) -> bool:
    sound = corpus.sources[passage.source].standing == "good"
    return sound and passage.type in TOLD and not UNFIT & set(passage.flags)
