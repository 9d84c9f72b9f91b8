"""Sentences that cannot be checked, or that say nothing: they never pass.

A sentence of framing ("The testimony gives several reasons:") has nothing that a statement could bear; nor has a
question or an instruction. A sentence with marks, links or several lines is not one sentence.
"""

from __future__ import annotations

import re

from rag.answer.verify.lexicon import elsewhere, group
from rag.answer.verify.meanings import Meanings
from rag.answer.verify.reading import Reading, plain, read
from rag.answer.verify.verdict import Failure
from rag.text import STOPWORDS

LONGEST = 600
LEAST_CONTENT = 2
ENGLISH = 0.2  # share of English function words from which a text is taken for English
KNOWN = 0.6  # share of English words that does as well, where no other language says "said"
_FOREIGN_MARKS = re.compile(r"https?://|www\.|<[a-zA-Z/!]|\]\(|\[\s*\^?\d+(?:\s*,\s*\d+)*\s*\]|\{|\}|\||```")
_MORE = re.compile(r"[.!?]\s+[\"“(]?[A-ZÄÖÜÉ]")
_ABBREVIATED = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|U\.S|Ph\.D|[A-Z])\.\s+")
_QUESTION = re.compile(r"[?؟]\s*[\"”']?$")


def malformed(sentence: str) -> Failure | None:
    """Why a text is no sentence that could be checked; None where it is one."""
    if not isinstance(sentence, str) or not sentence.strip():
        return Failure(kind="unsupported", detail="The sentence is empty.")
    if len(sentence) > LONGEST:
        return Failure(kind="unsupported", detail=f"The sentence is longer than {LONGEST} characters.")
    text = plain(sentence)
    if "\n" in sentence.strip() or _MORE.search(_ABBREVIATED.sub("", text)):
        return Failure(kind="unsupported", detail="This is more than one sentence.")
    if _FOREIGN_MARKS.search(sentence):
        return Failure(
            kind="unsupported", detail="The sentence carries marks, links or citations of its own."
        )
    if _QUESTION.search(text):
        return Failure(kind="unsupported", detail="A question states nothing.")
    if text.rstrip().endswith(":"):
        return Failure(kind="unsupported", detail="The sentence announces something and says nothing itself.")
    reading = read(text)
    content = [t for t in reading.content if t.word not in group("frame")]
    if len(content) < LEAST_CONTENT:
        return Failure(kind="unsupported", detail="The sentence says nothing that a statement could bear.")
    return None


def english(reading: Reading, meanings: Meanings) -> bool:
    """Whether a sentence is in English: by its function words, or because most of its words are English ones."""
    words = [t.word for t in reading.tokens if not t.capital and not t.word.isdigit()]
    if not words:
        return True
    share = sum(w in STOPWORDS for w in words) / len(words)
    known = sum(w in STOPWORDS or meanings.known(w) for w in words) / len(words)
    return share >= ENGLISH or (known >= KNOWN and not set(words) & elsewhere())
