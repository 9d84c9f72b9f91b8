"""A follow-up made to stand alone by the model, where what it wrote adds nothing; else the model-free way holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag.answer.write.prompt import to_condense
from rag.answer.write.purse import Account, BudgetSpent
from rag.chat import ChatFailed, Message
from rag.link import Linker
from rag.model import Turn
from rag.text import content_stems, fold, numbers, words
from rag.tokens import latest

MOST_TOKENS = 80
LONGEST = 300  # characters
NEW = (
    0.34  # share of content words that need not stand in the conversation: a rewriter may inflect and connect
)
KEPT = 0.5  # share of the question's content words that must be left
NAME = re.compile(r"(?<![.!?\"“‘(]\s)(?<!^)\b[A-ZÀ-Þ][\w'’-]*")


def condense(
    account: Account, history: Sequence[Turn], question: str, linker: Linker, budget: int, until: float
) -> Iterator[str | None]:
    """None while nothing has come; last the standalone question, or an empty text where it may not be used."""
    talk = [(t.role, t.content) for t in latest(history, budget)]

    def messages(schema: bool) -> list[Message]:
        return to_condense(talk, question)

    said: list[str] = []
    try:
        with account.ask(messages, schema=None, most=MOST_TOKENS, until=until) as reply:
            for piece in reply:
                said.append(piece)
                if not piece:
                    yield None
    except (ChatFailed, BudgetSpent):
        said = []
    text = " ".join("".join(said).split()).strip('"“” ')
    conversation = " ".join([*(t.content for t in history), question])
    yield text if adds_nothing(text, question, conversation, linker.mentions) else ""


def adds_nothing(text: str, question: str, conversation: str, mentions: Callable[[str], object]) -> bool:
    """Whether a rewritten question names nobody, nothing and no number that the conversation does not, and still asks.

    `mentions` reads whom and what a text names (see rag.link).
    """
    if not text or len(text) > LONGEST or "\n" in text or set("<>{}[]|") & set(text):
        return False
    held = set(words(conversation))
    if not numbers(text) <= numbers(conversation):
        return False
    if any(w not in held for name in NAME.findall(text) for w in words(name.removesuffix("'s"))):
        return False
    named, before = _named(mentions(text)), _named(mentions(conversation))
    if not named <= before and not all(_stands_in(w, held) for w in words(text)):
        return False
    stems, known = set(content_stems(text)), set(content_stems(conversation))
    asked = set(content_stems(question))
    new = len(stems - known) / len(stems) if stems else 1.0
    kept = len(asked & stems) / len(asked) if asked else 1.0
    return bool(stems) and new <= NEW and kept >= KEPT


def _named(found: object) -> set[str]:
    fields = ("persons", "groups", "places", "other_terms", "countries", "unknown_names")
    return {x for f in fields for x in getattr(found, f, ())}


def _stands_in(word: str, held: set[str]) -> bool:
    return word in held or fold(word) in held
