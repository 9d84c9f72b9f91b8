"""The words whose loss, addition or exchange changes a claim, read once from lexicon.yaml."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from rag.text import fold, stem


@cache
def _raw() -> dict[str, Any]:
    text = resources.files("rag.answer.verify").joinpath("lexicon.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


@cache
def group(name: str) -> frozenset[str]:
    """The words of one list, folded."""
    return frozenset(fold(w) for w in str(_raw()[name]).split())


@cache
def elsewhere() -> frozenset[str]:
    """Words of other languages that say whose word something is."""
    return frozenset(fold(w) for words in _raw()["elsewhere"].values() for w in str(words).split())


@cache
def _roots() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _raw()["irregular"]:
        forms = str(line).split()
        for form in forms:
            found.setdefault(form, stem(forms[0]))
    return found


@cache
def root(word: str) -> str:
    """The stem of a folded word; forms of an irregular verb or noun have one root ("took", "taken": take)."""
    return _roots().get(word) or stem(word)


@cache
def opposites() -> dict[str, frozenset[str]]:
    """For each root the roots of its opposites."""
    found: dict[str, set[str]] = {}
    for one, other in _raw()["opposites"]:
        found.setdefault(root(fold(one)), set()).add(root(fold(other)))
        found.setdefault(root(fold(other)), set()).add(root(fold(one)))
    return {k: frozenset(v) for k, v in found.items()}
