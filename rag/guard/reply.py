"""What the guard says itself: why a request is not served, what can be asked instead, and the notes beside an answer.

English wording of refusals is part of the policy (policy.yaml); other languages and the notes are in replies.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from rag.corpus import Corpus
from rag.data import from_yaml
from rag.guard.decide import Screening
from rag.guard.language import language_of
from rag.guard.offer import offered
from rag.guard.policy import Policy
from rag.model import Answer, Frozen, Notice, Outcome

OFFERED = 2


class Replies(Frozen):
    """The fixed words of one language; `wording` by the id of a policy's category."""

    care: str
    part: str
    wording: Mapping[str, str]


def declined(screening: Screening, policy: Policy, corpus: Corpus, language: str = "en") -> Answer:
    """The answer to a declined request. It never repeats the request: not even as the question that stands alone."""
    category = policy.of_label(screening.label)
    return Answer(
        outcome=Outcome.DECLINED,
        text=_in(language).wording.get(category.id, category.wording),
        suggestions=offered(category.offer, corpus)[:OFFERED],
        corpus_version=corpus.version,
    )


def noted(screening: Screening, question: str) -> tuple[Notice, ...]:
    """The note before an answer on the edge of what this page is for, or to a part of a message only."""
    words = _in(language_of(question))
    if screening.decision == "redirect":
        return (Notice(kind="gap", text=words.part),)
    return (Notice(kind="content", text=words.care),) if screening.decision == "care" else ()


def as_part(answer: Answer, screening: Screening) -> Answer:
    """The answer to the harmless part of a message, told as partial; any other as it is."""
    if screening.decision != "redirect" or answer.outcome is not Outcome.ANSWERED:
        return answer
    return answer.model_copy(update={"outcome": Outcome.PARTIAL})


@cache
def replies() -> Mapping[str, Replies]:
    """The replies that ship with this version, by language."""
    text = resources.files("rag.guard").joinpath("replies.yaml").read_text("utf-8")
    return {language: Replies.model_validate(found) for language, found in from_yaml(text).items()}


def _in(language: str) -> Replies:
    return replies().get(language, replies()["en"])
