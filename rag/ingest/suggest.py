"""Tags that a passage may carry, by how near it stands to what they mean: guesses, marked as such, for a curator.

The vectors of passages and of the taxonomy's definitions are compared after the mean of each side is taken away, as the
index does it; a tag is suggested where it stands out from the other tags of its kind by two standard deviations.
"""

from __future__ import annotations

import numpy as np

from rag.corpus import load_corpus
from rag.embed import Progress, make_embeddings, unit_length
from rag.index import vector_store
from rag.ingest.draft import Jobs
from rag.model import Tag
from rag.settings import Settings

OUTSTANDING = 2.0
_MOST = {"stage": 1, "motives": 2, "disillusionment": 2}


def suggest(settings: Settings, job: str, progress: Progress = lambda done, total: None) -> int:
    """Adds suggested tags to the open passages of a job; how many passages got one. Raises EmbeddingUnavailable."""
    taxonomy = load_corpus(settings.corpus_dir).taxonomy
    kinds = {
        "stage": taxonomy.stages,
        "motives": taxonomy.motives,
        "disillusionment": taxonomy.disillusionment,
    }
    here = Jobs(settings).job(job)
    drafts = [here.load(s) for s in here.sources()]
    passages = [p for d in drafts for p in d.passages if p.state == "open"]
    if not passages:
        return 0
    themes = [(kind, t) for kind, tags in kinds.items() for t in tags]
    texts = [("passage", p.text) for p in passages] + [("passage", _meaning(t)) for _, t in themes]
    vectors = (
        vector_store(settings).vectors(texts, lambda: make_embeddings(settings), progress).astype(np.float32)
    )
    own, meant = vectors[: len(passages)], vectors[len(passages) :]
    near = unit_length(own - own.mean(axis=0)) @ unit_length(meant - meant.mean(axis=0)).T
    chosen: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, most in _MOST.items():
        columns = [n for n, (k, _) in enumerate(themes) if k == kind]
        for row, p in enumerate(passages):
            scores = near[row, columns]
            spread = (scores - scores.mean()) / max(float(scores.std()), 1e-6)
            best = [i for i in np.argsort(-spread)[:most] if spread[i] >= OUTSTANDING]
            if best:
                chosen.setdefault(p.id, {})[kind] = tuple(themes[columns[int(i)]][1].id for i in best)
    with here.alone():  # embedding took a while: what was decided since stays
        for draft in map(here.load, here.sources()):
            told = tuple(
                p.model_copy(update={"suggested": p.suggested.model_copy(update=chosen[p.id])})
                if p.id in chosen and p.state == "open"
                else p
                for p in draft.passages
            )
            here.save(draft.model_copy(update={"passages": told}))
    return len(chosen)


def _meaning(tag: Tag) -> str:
    return f"{tag.label}: {tag.definition}"
