"""Turns that lean on the turns before: is the right thing looked for, found and said?"""

from __future__ import annotations

from evals.cases import Case, ConversationCase
from evals.matching import recall as nuggets_said
from evals.scorers.base import Known, NotScorable, Output, Scored, sentences, told
from evals.scorers.retrieval import recall
from evals.stats import Share


def score(case: Case, output: Output, known: Known) -> Scored:
    if not isinstance(case, ConversationCase):
        raise NotScorable("conversations are scored on cases with turns")
    if len(output.asked) != len(case.dialogue):
        raise NotScorable(f"{len(case.dialogue)} turns, {len(output.asked)} answers")
    sums: dict[str, Share] = {}

    def add(name: str, share: Share) -> None:
        before = sums.get(name, Share(0.0, 0.0))
        sums[name] = Share(before.part + share.part, before.of + share.of)

    for n, (turn, record) in enumerate(zip(case.dialogue, output.asked, strict=True)):
        later = n > 0
        if turn.answerable is None:
            continue
        answered = told(record["answer"])
        if later:
            add("right_to_answer", Share(float(answered == turn.answerable)))
        if turn.answerable and any(p.grade == 2 for p in turn.relevant):
            ranked = [(source, paragraph) for _, source, paragraph in record["found"]]
            add("followup_recall_5" if later else "first_recall_5", Share(recall(turn.relevant, ranked, 5)))
        vital = nuggets_said(turn.nuggets, sentences(record["answer"]), vital=True)
        if turn.answerable and vital is not None and later:
            add("followup_nuggets", Share(vital))
    return Scored(sums)
