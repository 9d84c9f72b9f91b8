"""Whether an answer says what was asked: nuggets, needed sources, and at what length."""

from __future__ import annotations

from evals.cases import AnswerCase, Case, Nugget
from evals.matching import Said, recall, said
from evals.scorers.base import Known, NotScorable, Output, Scored, sentences, told, yes
from evals.stats import Share

SAME_MEANING = 0.80  # cosine of e5 passage vectors; chosen on hand labels, see docs/evaluation.md


def score(case: Case, output: Output, known: Known) -> Scored:
    if not isinstance(case, AnswerCase):
        raise NotScorable("accuracy is scored on cases with nuggets")
    lines = sentences(output.answer)
    cited = {c["source"] for c in output.answer["citations"]}
    need = set(case.sources_needed)
    every = recall(case.nuggets, lines, vital=False)
    vital = recall(case.nuggets, lines, vital=True)
    if vital is None or every is None:
        raise NotScorable("no vital nugget")
    agreed, by_meaning = second_opinion(case.nuggets, lines, known)
    return Scored(
        {
            "nuggets_vital": Share(vital),
            "nuggets_all": Share(every),
            "nuggets_by_meaning": by_meaning,
            "matchers_disagree": Share(agreed.of - agreed.part, agreed.of),
            "sources_cited": Share(len(need & cited) / len(need)),
            "told": yes(told(output.answer)),
            "words": Share(float(len(output.answer["text"].split()))),
        }
    )


def second_opinion(nuggets: tuple[Nugget, ...], lines: list[str], known: Known) -> tuple[Share, Share]:
    """How often meaning and words agree on a nugget, and the share of vital nuggets said by meaning."""
    alike = [
        max((known.likeness(n.text, line) for line in lines), default=0.0) >= SAME_MEANING for n in nuggets
    ]
    by_words = [said(n, lines) is Said.WHOLLY for n in nuggets]
    vital = [a for a, n in zip(alike, nuggets, strict=True) if n.vital]
    agree = sum(a == b for a, b in zip(alike, by_words, strict=True))
    return Share(float(agree), float(len(nuggets))), Share(sum(vital) / len(vital))
