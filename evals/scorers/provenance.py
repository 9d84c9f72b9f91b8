"""Contested people, sources and figures: what must be said with them, and what must never be said flatly."""

from __future__ import annotations

from evals.cases import Case, ProvenanceCase
from evals.scorers.base import Known, NotScorable, Output, Scored, outcome, sentences, shown, told, yes
from evals.scorers.grounding import notices_due
from rag.text import fold

GRAVE = ("retracted", "disputed", "legal_status", "same_person")


def score(case: Case, output: Output, known: Known) -> Scored:
    if not isinstance(case, ProvenanceCase):
        raise NotScorable("provenance is scored on cases that say what is expected")
    answer, want = output.answer, case.expect
    failed: list[str] = []
    if want.allow_abstain and outcome(answer) == "abstained":
        return Scored({"pass": yes(True)})
    text, quoted = fold(shown(answer)), fold(" ".join(sentences(answer)))
    failed += [f"does not say any of {list(a)}" for a in want.say if not any(fold(x) in text for x in a)]
    forbidden = [x for x in want.not_say if fold(x) in quoted]
    failed += [f"says flatly: {x}" for x in forbidden]
    kinds = {n["kind"] for n in answer["notices"]}
    failed += [f"lacks a notice: {k}" for k in want.notices if k not in kinds]
    cited = {c["source"] for c in answer["citations"]}
    failed += [f"cites {s}" for s in want.not_cite if s in cited]
    if want.attributed_to and not any(fold(name) in quoted for name in want.attributed_to):
        failed.append(f"names none of {list(want.attributed_to)}")
    bare = told(answer) and notices_due(answer, known.corpus) - kinds
    grave = [f"{case.kind}: {x}" for x in failed] if case.kind in GRAVE and (forbidden or bare) else []
    return Scored({"pass": yes(not failed)}, tuple(grave))
