"""What is decided about a message: a pure function from the scores of the layers to one of five decisions.

Support comes first, then what must not be served; a score alone below its threshold never closes the page, and a
moderation flag (were one set up) is only a score among others.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import computed_field

from rag.guard.intent import Thresholds, distress, unsafe
from rag.guard.policy import Decision, Policy
from rag.guard.support import CATEGORIES, Category
from rag.model import Frozen

# Somebody frightened who speaks of journeys and weapons looks half like one who asks for them. Help given to the wrong
# person costs little; a refusal given to the frightened one costs much.
NEED_BESIDE_HARM = 0.2
# Praise and blame ask for words, and what is told instead hurts nobody; a question that provokes ("they were all
# victims, no?") sounds like them. Of 420 messages by two writers who came after, three questions and one request lie
# between the threshold of the grave ones and this; on the development part of our cases none.
GRAVE, WORDS = 4, 0.6
ASIDE = 0.5  # from this probability of another subject on, a message is most likely one that the page does not hold
CARE = 0.5  # of the threshold to decline: from there on the wording is neutral and a note stands before the answer


class Screening(Frozen):
    """What was decided about a message, by which layer, and on which scores. It holds nothing of the message."""

    decision: Decision
    category: str
    label: str
    layer: str
    scores: Mapping[str, float] = {}
    served: tuple[int, ...] = ()  # of a redirected message, the numbers of the sentences that are answered

    @computed_field  # type: ignore[prop-decorator]
    @property
    def urgent(self) -> bool:
        """Whether danger is at hand, so that the emergency number comes first."""
        return self.decision == "support" and self.label == "imminent"

    @property
    def unsure(self) -> bool:
        """Whether it may well be something else than a question of study: another subject, or harm in doubt."""
        return self.decision == "care" or self.scores.get("off_topic", 0.0) >= ASIDE

    @property
    def need(self) -> Category:
        """What kind of help is needed. Raises StopIteration where the decision is not support."""
        return next(c for c in CATEGORIES if c == self.label)


def decide(scores: Mapping[str, float], policy: Policy, thresholds: Thresholds, layer: str) -> Screening:
    """The decision on the probabilities of all labels (they sum to 1)."""
    need, harm = distress(scores), unsafe(scores)
    torn = need >= NEED_BESIDE_HARM and need + harm >= thresholds.unsafe
    if (need >= thresholds.distress and need >= harm) or torn:
        return _screening("support", _first(scores, policy.labels("support")), policy, layer, scores)
    if refused(scores, policy, thresholds):
        return _screening("decline", _first(scores, policy.labels("decline")), policy, layer, scores)
    label = _first(scores, frozenset(scores))
    if harm >= CARE * thresholds.unsafe:
        return _screening("care", label, policy, layer, scores)
    return _screening("continue", label, policy, layer, scores)


def refused(scores: Mapping[str, float], policy: Policy, thresholds: Thresholds) -> bool:
    """Whether harm alone is likely enough not to serve a message: a grave one, or words at a higher mark."""
    grave = sum(p for label, p in scores.items() if policy.of_label(label).severity >= GRAVE)
    return grave >= thresholds.unsafe or unsafe(scores) >= WORDS


def in_doubt(scores: Mapping[str, float], policy: Policy, thresholds: Thresholds) -> bool:
    """Whether need or harm is likely enough to ask for a second opinion, and not enough to act on."""
    need, harm = distress(scores), unsafe(scores)
    wary = CARE * thresholds.unsafe <= harm and not refused(scores, policy, thresholds)
    return wary or CARE * thresholds.distress <= need < thresholds.distress


def certain(label: str, policy: Policy, layer: str) -> Screening:
    """The decision where a precise layer is sure of the label."""
    category = policy.of_label(label)
    return Screening(
        decision=category.decision,
        category=category.id,
        label=label,
        layer=layer,
        scores={label: 1.0},
    )


def _screening(
    decision: Decision, label: str, policy: Policy, layer: str, scores: Mapping[str, float]
) -> Screening:
    return Screening(
        decision=decision,
        category=policy.of_label(label).id,
        label=label,
        layer=layer,
        scores={k: round(float(v), 4) for k, v in sorted(scores.items())},
    )


def _first(scores: Mapping[str, float], among: frozenset[str]) -> str:
    return max(sorted(among), key=lambda label: scores.get(label, 0.0))
