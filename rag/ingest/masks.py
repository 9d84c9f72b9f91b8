"""Pseudonyms: the same person gets the same mask all through a source, and the key to them stays out of the corpus."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.ingest.names import one_person
from rag.ingest.personal import Personal
from rag.text import fold


class Pseudonyms:
    """Masks of one source: `[person 1]`, `[phone 2]`; parts of a name share the mask of the whole."""

    def __init__(self, key: dict[str, str] | None = None) -> None:
        """`key` maps masks to the words that they stand for, several by " / "; masks that it has are kept."""
        self._words: dict[str, list[str]] = {m: w.split(" / ") for m, w in (key or {}).items()}

    def learn(self, found: Iterable[Personal]) -> None:
        """Gives masks to all that was found in a source; longest names first, so that parts find their whole."""
        order = {p.text: p for p in found}
        for item in sorted(order.values(), key=lambda p: (p.kind, -len(p.text.split()))):
            self.mask(item)

    def mask(self, item: Personal) -> str:
        """The mask for what was found; a name is compared with the fullest form of others."""
        for mask, words in self._words.items():
            if mask.startswith(f"[{item.kind} ") and self._same(item, words[0]):
                if item.text not in words:
                    words.append(item.text)
                return mask
        count = sum(m.startswith(f"[{item.kind} ") for m in self._words) + 1
        mask = f"[{item.kind} {count}]"
        self._words[mask] = [item.text]
        return mask

    @property
    def key(self) -> dict[str, str]:
        return {mask: " / ".join(words) for mask, words in self._words.items()}

    @staticmethod
    def _same(item: Personal, words: str) -> bool:
        if item.kind == "person":
            return one_person(item.text, words)
        if item.kind in ("phone", "account", "case number"):
            return re.sub(r"\W", "", item.text).casefold() == re.sub(r"\W", "", words).casefold()
        return fold(item.text) == fold(words)


def masked(text: str, words: str, mask: str) -> str:
    """The text with every occurrence of the words replaced; never within a longer word."""
    return re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", lambda _: mask, text)
