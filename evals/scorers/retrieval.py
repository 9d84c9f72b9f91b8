"""Ranking measures over the ten best passages, by paragraph: a passage counts where its paragraph is relevant."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evals.cases import AnswerCase, Case, Place
from evals.scorers.base import Known, NotScorable, Output, Scored, yes
from evals.stats import Share

Ranked = Sequence[tuple[str, int | None]]


def score(case: Case, output: Output, known: Known) -> Scored:
    if not isinstance(case, AnswerCase):
        raise NotScorable("retrieval is scored on cases with relevant paragraphs")
    ranked = [(source, paragraph) for _, source, paragraph in output.found]
    return Scored(
        {
            "recall_5": Share(recall(case.relevant, ranked, 5)),
            "recall_10": Share(recall(case.relevant, ranked, 10)),
            "ndcg_10": Share(ndcg(case.relevant, ranked, 10)),
            "mrr": Share(reciprocal_rank(case.relevant, ranked)),
            "hit_1": yes(recall(case.relevant, ranked, 1) > 0),
        }
    )


def recall(relevant: Sequence[Place], ranked: Ranked, k: int) -> float:
    """Share of the answering paragraphs (grade 2) among the first k, of as many as fit into k."""
    wanted = {(p.source, p.paragraph) for p in relevant if p.grade == 2}
    if not wanted:
        raise NotScorable("no paragraph of grade 2")
    return len(wanted & set(ranked[:k])) / min(k, len(wanted))


def ndcg(relevant: Sequence[Place], ranked: Ranked, k: int) -> float:
    """nDCG with gains 1 and 2 and log2 discount (Järvelin and Kekäläinen 2002); a paragraph counts once."""
    grades: dict[tuple[str, int | None], float] = {(p.source, p.paragraph): float(p.grade) for p in relevant}
    gains = []
    for place in ranked[:k]:
        gains.append(grades.pop(place, 0.0))
    ideal = sorted((float(p.grade) for p in relevant), reverse=True)[:k]
    return _discounted(gains) / _discounted(ideal)


def reciprocal_rank(relevant: Sequence[Place], ranked: Ranked) -> float:
    wanted = {(p.source, p.paragraph) for p in relevant if p.grade == 2}
    return next((1 / rank for rank, place in enumerate(ranked, 1) if place in wanted), 0.0)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
