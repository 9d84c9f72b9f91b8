"""Whether the cited statements bear a sentence: checked by rule, apart from whatever the system itself checked.

Not an entailment model: a sentence passes when it is one of the statements, or when its numbers, names and nearly all
of its content words are in them and it neither adds nor drops a negation. That is strict for a free paraphrase and
exact for a quotation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text import content_stems, fold, numbers, words

COVERED = 0.8  # share of a sentence's content words that its statements must hold
NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w'’-]+")
NEGATIONS = frozenset("no not never none nobody nothing neither nor without cannot".split())


def bears(statements: Sequence[str], sentence: str) -> bool:
    """Whether the statements together support the sentence."""
    if not statements:
        return False
    plain = _plain(sentence)
    if any(plain == _plain(s) for s in statements):
        return True
    together = " ".join(statements)
    if not numbers(sentence) <= numbers(together):
        return False
    held = set(words(together))
    if any(fold(name) not in held for name in NAME.findall(sentence)):
        return False
    if _negative(sentence) != any(_negative(s) for s in statements):
        return False
    wanted = set(content_stems(sentence))
    return not wanted or len(wanted & set(content_stems(together))) >= COVERED * len(wanted)


def precise(statements: Sequence[str], sentence: str) -> list[bool]:
    """For each statement whether it is needed or enough, as in ALCE (Gao et al. 2023, arXiv 2305.14627)."""
    if not bears(statements, sentence):
        return [False] * len(statements)
    return [
        bears([s], sentence) or not bears([t for t in statements if t is not s], sentence) for s in statements
    ]


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def _negative(text: str) -> bool:
    return any(w in NEGATIONS or w.endswith("n't") for w in words(text))
