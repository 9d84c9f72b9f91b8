"""A second opinion from a moderation endpoint, where the settings name one: scores, asked for only in doubt.

Moderation models flag this whole subject, so a flag means nothing here and only the category scores are read. They are
asked for where the local layers already lean towards harm or need without being sure, and can only tighten what those
decide, never loosen it and never decide alone. When the endpoint fails or is slow, the local layers stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag.guard.intent import DISTRESS, LABELS, UNSAFE
from rag.model import Frozen
from rag.settings import Settings

SECONDS = 2.0  # a reader waits for this; one try
TRUST = 0.5  # the share of a score of 1 that counts: alone it stays under every threshold of the guard
_OWN_DEATH = "self-harm"  # how moderation categories about the writer's own harm begin


class Opinion(Frozen):
    """How likely harm and self-harm are, each from 0 to 1, in the eyes of another model."""

    harm: float
    self_harm: float


Judge = Callable[[str], "Opinion | None"]


def make_judge(settings: Settings) -> Judge | None:
    """The judge that the settings name, or None. Raises ValueError where the library for it is not installed."""
    if not settings.moderation_model:
        return None
    try:
        import openai
    except ImportError as e:
        raise ValueError(
            "EXITVOICES_MODERATION_MODEL needs the extra: pip install 'exitvoices[write]', or unset it."
        ) from e
    client = openai.OpenAI(
        api_key=settings.moderation_key or "none",
        base_url=settings.moderation_url,
        timeout=SECONDS,
        max_retries=0,
    )
    model = settings.moderation_model

    def judge(text: str) -> Opinion | None:
        try:
            answer = client.moderations.create(model=model, input=text)
            return opinion(answer.results[0].category_scores.model_dump(by_alias=True))
        # Whatever goes wrong at another's endpoint (no network, a proxy's page, another shape), the local layers stand.
        except (openai.OpenAIError, AttributeError, IndexError, TypeError, ValueError):
            return None

    return judge


def opinion(category_scores: Mapping[str, Any]) -> Opinion:
    """The highest score about others' harm, and the highest about the writer's own, each cut to 0..1."""
    known = {k: min(1.0, max(0.0, float(v))) for k, v in category_scores.items() if v is not None}
    own = [v for k, v in known.items() if k.replace("_", "-").startswith(_OWN_DEATH)]
    others = [v for k, v in known.items() if not k.replace("_", "-").startswith(_OWN_DEATH)]
    return Opinion(harm=max(others, default=0.0), self_harm=max(own, default=0.0))


def tightened(scores: Mapping[str, float], found: Opinion) -> dict[str, float]:
    """The probabilities with the opinion added: a part of what was harmless moves to the label that was likeliest.

    Independent evidence, combined as if either could be right (noisy or), at half trust for the other model.
    """
    moved = dict(scores)
    unsafe = max(UNSAFE, key=lambda label: scores.get(label, 0.0))
    for label, weight, kin in (
        (unsafe, found.harm, UNSAFE),
        ("self_harm", found.self_harm, DISTRESS),
    ):
        rest = [other for other in LABELS if other not in kin]
        taken = {other: moved.get(other, 0.0) * weight * TRUST for other in rest}
        for other, amount in taken.items():
            moved[other] = moved.get(other, 0.0) - amount
        moved[label] = moved.get(label, 0.0) + sum(taken.values())
    return moved
