"""Doubt that a sentence must carry: accusations that are no verdicts, withdrawn accounts, claims of a past day."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.verify.attribution import FIRST_HAND, Told
from rag.answer.verify.lexicon import group, root
from rag.answer.verify.reading import Reading
from rag.answer.verify.verdict import Failure

_THEN = re.compile(
    r"\b(at the time|when (?:the|this) [\w\s]{1,20} (?:was|were) (?:written|made|published)|when [^,]{1,40} wrote|"
    r"as of \d{4}|"
    r"then being|by then|were then|was then|at that time|had recently)\b",
    re.IGNORECASE,
)
_PAST = frozenset("was were had did then wrote stood been".split())


def unsafe(sentence: Reading, cited: Sequence[Told]) -> Failure | None:
    """A status told as more than the statements give, or without its doubt; None where there is none."""
    said = sentence.words
    held = frozenset(w for told in cited for w in told.reading.words)
    for told in cited:
        own = told.reading.words
        disputed = told.source.standing != "good" and told.passage.type in FIRST_HAND
        if ((own & group("retracted") and told.source.standing != "good") or disputed) and not said & group(
            "retracted"
        ):
            return Failure(
                kind="stale_status",
                detail=f"The sentence leaves out that this account is {told.source.standing}.",
            )
    roots = {root(w) for w in held}
    if roots & {root(w) for w in ("prison", "jail", "imprisoned", "sentenced", "detained")}:
        held |= {"jailed"}
    guilt = {w for w in (said & group("guilt")) - held if root(w) not in roots}
    if guilt:
        return Failure(kind="stale_status", detail=f"“{min(guilt)}” is not what the cited statements say.")
    if all(told.reading.words & group("accusing") for told in cited) and not said & (
        group("doubts") | {"may", "might", "possibly", "confirm", "proof", "unproven"}
    ):
        return Failure(
            kind="stale_status", detail="The sentence leaves out that this is an accusation or a charge."
        )
    anchored = [_THEN.search(told.reading.text) for told in cited]
    if all(anchored) and said & group("present") and not (said & _PAST or _THEN.search(sentence.text)):
        return Failure(
            kind="stale_status", detail="The statements hold for a time; the sentence tells it as of today."
        )
    shifted = _shifted(sentence, cited)
    if shifted:
        return Failure(
            kind="stale_status", detail=f"The statements tell of the past; “{shifted}” tells it as of today."
        )
    if (said & {"today", "currently", "nowadays", "presently"}) - held:
        return Failure(kind="stale_status", detail="The statements do not say how it is today.")
    return None


def _shifted(sentence: Reading, cited: Sequence[Told]) -> str | None:
    """A verb in the present that the statements of fact have only in the past."""
    if any(told.passage.type in FIRST_HAND for told in cited):
        return None
    held = [t for told in cited for t in told.reading.tokens]
    for token in sentence.tokens:
        if (
            not token.content
            or token.capital
            or not token.word.endswith("s")
            or token.word in group("reporting")
        ):
            continue
        same = [t.word for t in held if t.root == token.root]
        past = (token.word[:-1] + "ed", token.word[:-1] + "d", token.word[:-2] + "ed")
        if same and all(w in past for w in same):
            return token.raw
    return None
