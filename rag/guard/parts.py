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
MOST_PIECES = 8  # each costs an embedding
_END = re.compile(r"(?<=[.?!؟…])\s+")
_FEWEST = 2  # content words of a question that can stand alone
_ASKS = ("?", "؟")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, by their closing marks."""
    return tuple(part for part in _END.split(text.strip()) if any(c.isalnum() for c in part))


def pieces(text: str) -> tuple[str, ...]:
    """The sentences of a text; of a long one neighbours together, so that there are at most eight."""
    found = sentences(text)
    size = -(-len(found) // MOST_PIECES) or 1
    return tuple(" ".join(found[n : n + size]) for n in range(0, len(found), size))


def stands_alone(sentence: str) -> bool:
    """Whether a sentence is a question that needs nothing beside it to be understood."""
    if not sentence.endswith(_ASKS) or POINTING & set(words(sentence)):
        return False
    return len(content_words(sentence)) >= _FEWEST


def chosen(text: str, numbers: Sequence[int]) -> str:
    """The sentences of a text with these numbers, from 0."""
    found = sentences(text)
    return " ".join(found[n] for n in numbers)
