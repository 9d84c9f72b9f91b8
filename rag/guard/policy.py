"""The policy as data: which intents there are, what is decided about each, and in which words (policy.yaml)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

from pydantic import Field

from rag.data import from_yaml
from rag.model import Frozen

Decision = Literal["continue", "care", "redirect", "decline", "support"]


class Examples(Frozen):
    not_served: tuple[str, ...] = ()
    served: tuple[str, ...] = ()


class Category(Frozen):
    """One kind of intent. `offer` names the stages whose questions are offered after a refusal."""

    id: str
    title: str
    definition: str
    allowed: str
    examples: Examples
    labels: tuple[str, ...] = Field(min_length=1)
    decision: Decision
    severity: int = Field(ge=0, le=4)
    wording: str
    offer: tuple[str, ...]


class Policy(Frozen):
    version: int
    purpose: str
    categories: tuple[Category, ...]

    def of_label(self, label: str) -> Category:
        """The category of a label of the classifier. Raises KeyError for a label that no category has."""
        for category in self.categories:
            if label in category.labels:
                return category
        raise KeyError(label)

    def labels(self, decision: Decision) -> frozenset[str]:
        return frozenset(label for c in self.categories if c.decision == decision for label in c.labels)


@cache
def policy() -> Policy:
    """The policy that ships with this version."""
    text = resources.files("rag.guard").joinpath("policy.yaml").read_text("utf-8")
    return Policy.model_validate(from_yaml(text))
