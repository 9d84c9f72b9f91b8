"""Screening a message before anything is looked up: undo disguises, match precise forms, weigh intent, read in context.

Every layer can be switched off, so that what it buys and costs can be measured (docs/safety.md). Nothing about the
asker is kept: a Screening holds scores, not words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

from rag.embed import Reads
from rag.guard.conversation import leans, views
from rag.guard.decide import Screening, certain, decide, in_doubt
from rag.guard.intent import Intent, unsafe
from rag.guard.judge import Judge, make_judge, tightened
from rag.guard.neutral import as_read
from rag.guard.normalise import meant, readings
from rag.guard.parts import MOST, sentences, stands_alone
from rag.guard.patterns import matches
from rag.guard.place import country_in
from rag.guard.policy import Policy, policy
from rag.guard.support import was_asked
from rag.model import Turn
from rag.settings import Settings
from rag.text import calm

Layer = Literal["normalise", "patterns", "classifier", "sentences", "conversation"]
LAYERS: frozenset[Layer] = frozenset(get_args(Layer))
# A question this near to one that the corpus answers is about its stories, whatever its words: of 667 unsafe examples
# that the encoder did not learn from, one in twenty comes to 0.41 and one in a hundred to 0.46; of the 100 of them that
# the classifier is not certain of, three come beyond this.
IN_SCOPE = 0.45
# "What is the safest way out of such a group" asks for help as a planner does, but nobody is hurt by leaving: taken for
# operational, it is answered. Of 160 operational examples that the encoder did not learn from two would be, an excuse
# for being away and a weapon carried out of a house; what they get is testimony.
LEAVING = 0.6
CERTAIN = 0.9
PLAINLY = 0.9  # from this probability of study a sentence is answered although the one beside it is not
# A sentence vector is a mean, so a plain question beside a request washes it out; but a sentence read alone lacks what
# the rest makes of it, so it must be surer than a whole message, a little less where the whole leans the same way.
ALONE = 0.85
LIKELY, LEANING = 0.6, 0.1  # as much as mere words need to be declined; a quarter of what harm needs
WEIGHED = ("classifier", "conversation (classifier)")  # what the corpus may speak against
WEIGHT = {"support": 3, "decline": 2, "redirect": 1, "care": 1, "continue": 0}


class Scope(NamedTuple):
    """What the corpus makes of a question."""

    nearest: float  # cosine with the nearest question that it is known to answer
    leaving: float  # probability that it is about getting out of a group, or about what keeps people in


def make_guard(settings: Settings, reads: Reads) -> Guard:
    """The guard with the classifier that ships; `reads` is `rag.embed.tuned.encoder()`, whatever else embeds."""
    return Guard(reads, Intent.load(), judge=make_judge(settings))


class Guard:
    """Screens messages. Holds the classifier and the policy, and no state between messages."""

    def __init__(
        self,
        reads: Reads,
        intent: Intent,
        rules: Policy | None = None,
        layers: frozenset[Layer] = LAYERS,
        judge: Judge | None = None,
    ) -> None:
        """`reads` gives the vectors that `intent` was made for; `judge` a second opinion of a text in doubt."""
        self._reads = reads
        self._intent = intent
        self._policy = rules or policy()
        self._layers = layers
        self._judge = judge

    def with_layers(self, layers: frozenset[Layer]) -> Guard:
        """The same guard with only these layers, to measure what each is for."""
        return Guard(self._reads, self._intent, self._policy, layers, self._judge)

    def screen(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Callable[[], Scope] | None = None,
    ) -> Screening:
        """The decision about the last turn; `scope` is asked only where the classifier would decline."""
        found = self._screened(question, history)
        weighed = found.decision == "decline" and found.layer in WEIGHED
        if weighed and scope is not None and _in_scope(found, scope()):
            return found.model_copy(
                update={"decision": "care", "layer": f"{found.layer}, in scope of the corpus"}
            )
        if "sentences" in self._layers and not history and found.decision != "support":
            return self._divided(question, found)
        return found

    def _divided(self, question: str, whole: Screening) -> Screening:
        """A message whose every sentence is, for itself, either not served or plainly a question of study.

        A sentence that is neither (who is asking, what for, what was meant by it) belongs to both, and the message is
        decided as a whole; so is one that hides anything, since a disguise over a part is a way to get the rest served.
        """
        found = sentences(question)
        if not 1 < len(found) <= MOST:
            return whole
        asking = [stands_alone(part) for part in found]
        divisible = any(asking) and len(readings(question)) == 1
        if not divisible and whole.decision != "care":
            return whole
        read = [self._read(part) for part in found]
        if divisible and (redirected := _redirected(whole, asking, read)):
            return redirected
        worst = max(read, key=_harm)
        if whole.decision == "care" and worst.decision == "decline" and _harm(worst) >= LIKELY:
            return worst  # half a request: courtesy beside it may hide the rest
        return whole

    def _screened(self, question: str, history: Sequence[Turn]) -> Screening:
        alone, *joined = views(question, history)
        if was_asked(history[-1:]) and country_in(question, asked=True):
            return self._answers_back(history)
        found = self._read(alone.text)
        if "conversation" not in self._layers or not joined or not leans(question):
            return found
        sure = found.layer != "classifier" or _harm(found) >= CERTAIN or found.decision == "support"
        if sure and WEIGHT[found.decision] >= WEIGHT["decline"]:
            return found
        # A fragment says little by itself: what it means with the turns before it decides, for better and for worse.
        read = [self._read(view.text) for view in joined]
        gravest = max(read, key=lambda wider: WEIGHT[wider.decision])
        return gravest.model_copy(update={"layer": f"conversation ({gravest.layer})"})

    def _answers_back(self, history: Sequence[Turn]) -> Screening:
        """Somebody who was asked for the country names it: the help goes on for what they had said before."""
        said = (self._read(t.content) for t in reversed(history) if t.role == "user")
        need = next((s for s in said if s.decision == "support"), None)
        found = need or certain("worried", self._policy, "conversation")
        return found.model_copy(update={"layer": "conversation (the country was asked for)"})

    def _read(self, text: str) -> Screening:
        """The gravest decision about any reading of a text that can have been meant."""
        if "normalise" not in self._layers:
            return self._weigh(text)
        found: Screening | None = None
        for reading in meant(readings(text)):
            typed = reading.how == "typed"
            screened = self._weigh(reading.text)
            if not typed:
                screened = screened.model_copy(update={"layer": f"{screened.layer}, {reading.how} undone"})
            if found is None or WEIGHT[screened.decision] > WEIGHT[found.decision]:
                found = screened
        assert found is not None
        return found

    def _weigh(self, text: str) -> Screening:
        if "patterns" in self._layers and (forms := matches(text)):
            pattern = max(forms, key=lambda p: WEIGHT[self._policy.of_label(p.label).decision])
            return certain(pattern.label, self._policy, f"pattern {pattern.id}")
        if "classifier" not in self._layers:
            return Screening(decision="continue", category="study", label="study", layer="none")
        alike = as_read(text)
        scores = self._intent.probabilities(alike, self._reads(calm(alike)))
        found = decide(scores, self._policy, self._intent.thresholds, "classifier")
        if self._judge is None or not in_doubt(scores, self._policy, self._intent.thresholds):
            return found
        opinion = self._judge(text)
        if opinion is None:
            return found
        second = decide(tightened(scores, opinion), self._policy, self._intent.thresholds, "judge")
        return second if WEIGHT[second.decision] > WEIGHT[found.decision] else found


def _in_scope(found: Screening, scope: Scope) -> bool:
    near = _harm(found) < CERTAIN and scope.nearest >= IN_SCOPE
    return near or (found.label == "operational" and scope.leaving >= LEAVING)


def _redirected(whole: Screening, asking: Sequence[bool], read: Sequence[Screening]) -> Screening | None:
    """What is decided where every sentence is either served or refused and there are both; None where it is not so."""
    # Where the whole is declined, a sentence that is only suspected may be the frame of what was asked.
    enough = LIKELY if whole.decision != "decline" and _harm(whole) >= LEANING else ALONE
    refused = [s for s in read if s.decision == "decline" and _harm(s) >= enough]
    served = tuple(
        n
        for n, (asks, s) in enumerate(zip(asking, read, strict=True))
        if asks and s.decision == "continue" and s.scores.get("study", 0.0) >= PLAINLY
    )
    if not refused or not served or len(served) + len(refused) < len(read):
        return None
    return max(refused, key=_harm).model_copy(update={"decision": "redirect", "served": served})


def _harm(screening: Screening) -> float:
    return unsafe(screening.scores)
