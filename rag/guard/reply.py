"""What the guard says itself: why a request is not served and what can be asked instead, and the note of care."""

from __future__ import annotations

from rag.corpus import Corpus
from rag.guard.decide import Screening
from rag.guard.offer import offered
from rag.guard.policy import Policy
from rag.model import Answer, Notice, Outcome

OFFERED = 2
CARE = "This is a hard subject. What follows is what people said of it, not what anybody should do or think."


def declined(screening: Screening, policy: Policy, corpus: Corpus) -> Answer:
    """The answer to a declined request. It never repeats the request: not even as the question that stands alone."""
    category = policy.of_label(screening.label)
    return Answer(
        outcome=Outcome.DECLINED,
        text=category.wording,
        suggestions=offered(category.offer, corpus)[:OFFERED],
        corpus_version=corpus.version,
    )


def care(screening: Screening) -> tuple[Notice, ...]:
    """The note before an answer to a question on the edge of what this page is for."""
    return (Notice(kind="content", text=CARE),) if screening.decision == "care" else ()
