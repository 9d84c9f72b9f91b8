"""Deciding what to say: a pure function from what is known of the evidence to one of five rulings.

A gap that code has proven (a person, group or number of the question that the evidence lacks) beats any confidence.
"""

from __future__ import annotations

from enum import StrEnum

from rag.model import Frozen, Outcome

# Confidences between the two are the honest middle: said to be not covered, with what is said nearby.
# Chosen on the dev part of the answerability cases (docs/evaluation.md; the risk-coverage curve is there too), the
# upper one so that the questions to start with, which the page offers, are answered.
ABSTAIN_BELOW = 0.40
ANSWER_FROM = 0.50
# What is known of questions may be wrong about a plain one; where the evidence alone looks this good, it is shown as
# nearby rather than held back.
EVIDENT_FROM = 0.85
# A message that the guard is not sure to be a question of study ("where is ivory sold", a request in doubt) needs an
# answer that is sure. Of the development parts of the public sets and of our cases and of every sixth training
# question, ten about other subjects that are answered wrongly lie below, and two of 300 that the corpus answers;
# messages in doubt cost one more of 227 answerable and one of 92 harmless ones.
UNSURE_FROM = 0.7


class Ruling(StrEnum):
    ANSWER = "answer"
    CAVEAT = "answer with caveat"
    BOTH_SIDES = "both sides"
    GAP = "gap"
    ABSTAIN = "abstain"


class Signals(Frozen):
    """What the decision rests on; all of it is in the trace of an answer."""

    has_evidence: bool
    confidence: float
    evident: float = 0.0
    subject_missing: bool = False
    gaps: tuple[str, ...] = ()
    known: tuple[
        str, ...
    ] = ()  # what the editors hold of it (who is one person), as sentences; testimony only surrounds it
    unanswered: tuple[str, ...] = ()  # parts of the question that the evidence does not answer, as questions
    conflicting: bool = False
    disputed: bool = False
    single_voice: bool = False
    stale: bool = False
    unsure: bool = False  # it may be something else than a question of study, as the guard reads it


def decide(signals: Signals) -> Ruling:
    doubtful = signals.confidence < ABSTAIN_BELOW and signals.evident < EVIDENT_FROM
    doubtful = doubtful or (signals.unsure and signals.confidence < UNSURE_FROM)
    if not signals.has_evidence or signals.subject_missing or (doubtful and not signals.known):
        return Ruling.ABSTAIN
    if signals.known or signals.gaps or signals.unanswered or signals.confidence < ANSWER_FROM:
        return Ruling.GAP
    if signals.conflicting:
        return Ruling.BOTH_SIDES
    if signals.disputed or signals.single_voice or signals.stale:
        return Ruling.CAVEAT
    return Ruling.ANSWER


def outcome(ruling: Ruling) -> Outcome:
    if ruling is Ruling.ABSTAIN:
        return Outcome.ABSTAINED
    return Outcome.PARTIAL if ruling is Ruling.GAP else Outcome.ANSWERED
