"""A message of several sentences: what one hides among others is read, and a harmless one beside it can be answered.

Only whole sentences are told apart: inside one sentence the harmless half is often the frame of the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.guard.conversation import POINTING
from rag.text import content_words, words

MOST = (
    4  # sentences of a message that is looked at by the part; a longer one is a story, to be read as a whole
)
_END = re.compile(r"(?<=[.?!؟…])\s+")
_OPEN = frozenset(
    {"they", "them", "then", "there", "so", "such"}
)  # in a first question: the people of the testimony
_FEWEST = 2  # content words of a question that can stand alone
_ASKS = ("?", "؟")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, by their closing marks."""
    return tuple(part for part in _END.split(text.strip()) if any(c.isalnum() for c in part))


def stands_alone(sentence: str) -> bool:
    """Whether a sentence is a question that needs nothing beside it to be understood."""
    if not sentence.endswith(_ASKS) or (POINTING - _OPEN) & set(words(sentence)):
        return False
    return len(content_words(sentence)) >= _FEWEST


def chosen(text: str, numbers: Sequence[int]) -> str:
    """The sentences of a text with these numbers, from 0."""
    found = sentences(text)
    return " ".join(found[n] for n in numbers)
