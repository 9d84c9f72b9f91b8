"""The decision as a truth table: what is known of the evidence on the left, what is said on the right."""

from __future__ import annotations

import itertools

import pytest

from rag.answer.decide import ABSTAIN_BELOW, ANSWER_FROM, UNSURE_FROM, Ruling, Signals, decide, outcome
from rag.model import Outcome

SURE, UNSURE, NO = 0.99, (ABSTAIN_BELOW + ANSWER_FROM) / 2, ABSTAIN_BELOW - 0.01
GAP = ("The corpus holds no testimony on the Taliban.",)


@pytest.mark.parametrize(
    ("signals", "ruling"),
    [
        (Signals(has_evidence=True, confidence=SURE), Ruling.ANSWER),
        (Signals(has_evidence=True, confidence=SURE, disputed=True), Ruling.CAVEAT),
        (Signals(has_evidence=True, confidence=SURE, single_voice=True), Ruling.CAVEAT),
        (Signals(has_evidence=True, confidence=SURE, stale=True), Ruling.CAVEAT),
        (Signals(has_evidence=True, confidence=SURE, conflicting=True), Ruling.BOTH_SIDES),
        (Signals(has_evidence=True, confidence=SURE, conflicting=True, disputed=True), Ruling.BOTH_SIDES),
        (Signals(has_evidence=True, confidence=UNSURE), Ruling.GAP),
        (Signals(has_evidence=True, confidence=UNSURE, conflicting=True), Ruling.GAP),
        (Signals(has_evidence=True, confidence=SURE, gaps=GAP), Ruling.GAP),
        (Signals(has_evidence=True, confidence=NO), Ruling.ABSTAIN),
        (Signals(has_evidence=True, confidence=SURE, subject_missing=True), Ruling.ABSTAIN),
        (Signals(has_evidence=True, confidence=SURE, unsure=True), Ruling.ANSWER),
        (Signals(has_evidence=True, confidence=UNSURE_FROM - 0.01, unsure=True), Ruling.ABSTAIN),
        (Signals(has_evidence=True, confidence=UNSURE_FROM - 0.01, evident=1.0, unsure=True), Ruling.ABSTAIN),
        (Signals(has_evidence=True, confidence=UNSURE_FROM - 0.01), Ruling.ANSWER),
        (Signals(has_evidence=False, confidence=SURE), Ruling.ABSTAIN),
    ],
)
def test_the_table(signals: Signals, ruling: Ruling) -> None:
    assert decide(signals) is ruling


def test_a_proven_gap_beats_any_confidence() -> None:
    for flags in itertools.product((False, True), repeat=4):
        conflicting, disputed, single, stale = flags
        signals = Signals(
            has_evidence=True, confidence=1.0, gaps=GAP, conflicting=conflicting, disputed=disputed,
            single_voice=single, stale=stale,
        )  # fmt: skip
        assert decide(signals) is Ruling.GAP


def test_without_evidence_nothing_makes_an_answer() -> None:
    for flags in itertools.product((False, True), repeat=2):
        assert (
            decide(Signals(has_evidence=False, confidence=1.0, conflicting=flags[0], disputed=flags[1]))
            is Ruling.ABSTAIN
        )


@pytest.mark.parametrize(
    ("ruling", "said"),
    [
        (Ruling.ANSWER, Outcome.ANSWERED),
        (Ruling.CAVEAT, Outcome.ANSWERED),
        (Ruling.BOTH_SIDES, Outcome.ANSWERED),
        (Ruling.GAP, Outcome.PARTIAL),
        (Ruling.ABSTAIN, Outcome.ABSTAINED),
    ],
)
def test_each_ruling_has_one_outcome(ruling: Ruling, said: Outcome) -> None:
    assert outcome(ruling) is said
