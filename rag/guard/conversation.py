"""What a turn means in its conversation: a short or pointing turn is read together with what was said before it.

A harmless last turn after a harmful build-up, or a pronoun that hides its target, is harmful only when read with the
turns before; a question of its own after a refusal is a new start and is read alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.model import Frozen, Turn
from rag.text import content_words, words

SHORT = 5  # content words up to which a turn can hardly stand alone
LONG = 9  # content words from which it stands alone whatever it points to
BEFORE = 3  # user turns looked back on
POINTING = frozenset(
    """that this it those these them they he she him her there then so such one ones same again else
    instead continue more further next step now do ca cela ceci eux elle lui ils das dies es ihn ihm sie dort dat dit
    hem haar ze daar eso esto ello el ella ellos alli onu bunu ona orada o bu""".split()
)


class View(Frozen):
    """One way to read the last turn: by itself, or with user turns before it."""

    text: str
    how: str


def views(question: str, history: Sequence[Turn]) -> tuple[View, ...]:
    """The last turn alone; then, if anything was said before, with the turn before it and with all that it rests on."""
    before = [t.content for t in history if t.role == "user"][-BEFORE:]
    alone = View(text=question, how="alone")
    if not before:
        return (alone,)
    return (
        alone,
        View(text=f"{before[-1]}\n{question}", how="with the turn before"),
        *(
            [View(text="\n".join([*before, question]), how="with the conversation")]
            if len(before) > 1
            else []
        ),
    )


def leans(question: str) -> bool:
    """Whether a turn rests on what was said before: too short for itself, or pointing back."""
    size = len(content_words(question))
    return size <= SHORT or (size < LONG and bool(POINTING & set(words(question))))
