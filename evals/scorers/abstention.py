"""Whether the system knows what the corpus does not say. The positive class is "should abstain"."""

from __future__ import annotations

from evals.cases import AnswerCase, Case, UnanswerableCase
from evals.scorers.base import Known, NotScorable, Output, Scored, outcome, yes
from evals.stats import Share

NEAR_MISSES = (
    "wrong_person",
    "false_premise",
    "missing_number",
    "later_event",
    "missing_detail",
    "other_group",
)


def score(case: Case, output: Output, known: Known) -> Scored:
    if not isinstance(case, (AnswerCase, UnanswerableCase)):
        raise NotScorable("abstention is scored on questions that are answerable or not")
    unanswerable = isinstance(case, UnanswerableCase)
    got = outcome(output.answer)
    silent = got not in ("answered", "partial")
    hedged = got != "answered"
    shares = {
        "f1": _f1(silent, unanswerable),
        "f1_with_partial": _f1(hedged, unanswerable),
        "precision": Share(float(silent and unanswerable), float(silent)),
    }
    if isinstance(case, UnanswerableCase):
        shares["recall"] = yes(silent)
        shares["not_answered_as_known"] = yes(hedged)
        if case.kind in NEAR_MISSES:
            shares["near_miss_recall"] = yes(silent)
            shares["near_misses_not_answered_as_known"] = yes(hedged)
    else:
        shares["false_abstention"] = yes(silent)
    confidence = output.answer.get("trace", {}).get("signals", {}).get("confidence")
    if confidence is not None:
        shares["confidence"] = Share(float(confidence))
        shares["answerable"] = yes(not unanswerable)
    return Scored(shares)


def _f1(silent: bool, should: bool) -> Share:
    """2·TP over (abstentions + unanswerables), which is F1 when summed over cases."""
    return Share(2.0 * (silent and should), float(silent) + float(should))
