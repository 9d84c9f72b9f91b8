"""Whether the cited statements bear a sentence: checked by rule, apart from whatever the system itself checked.

Not an entailment model. A sentence passes when it is one of the statements, or when its numbers, names and nearly all
of its content words are in them, it neither adds nor drops a negation, keeps the words that make a claim smaller
("some", "maybe"), and says whose word it is where the statements do. How often it agrees with a person is measured in
docs/evaluation.md: it is exact for quotations and hard on free paraphrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text import content_stems, fold, numbers, words

COVERED = 0.8  # share of a sentence's content words that its statements must hold
NAME = re.compile(r"\b[A-Z][\w'’-]+")
NEGATIONS = frozenset("no not never none nobody nothing neither nor without cannot".split())
# Words that make a claim smaller or less certain; who drops them claims more than was said.
SMALLER = frozenset(
    """some many few several one half most mostly part partly often sometimes rarely almost nearly about at-least only
    maybe perhaps probably possibly likely may might could seems seemed apparently alleged allegedly reported reportedly
    """.split()
)
ALL = frozenset("all every everyone everybody always any each whole entire entirely is are has".split())
COMMON = frozenset(
    "the a an in at by of on for from as he she they it his her their when where after before".split()
)
REPORTING = frozenset(
    """said says say told tells claimed claims wrote writes write according recalled thought thinks believed admitted
    maintained alleged reported reports found find finds described explained denied argued stated concluded counted
    called calls named heard account words retold render noted note testified insisted added""".split()
)


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
    said = words(sentence)
    if any(part not in held for name in NAME.findall(sentence) for part in words(name) if part not in COMMON):
        return False
    if _negative(sentence) != any(_negative(s) for s in statements):
        return False
    if (ALL & set(said)) - held or _dropped(statements, said):
        return False
    wanted = set(content_stems(sentence))
    return not wanted or len(wanted & set(content_stems(together))) >= COVERED * len(wanted)


def _dropped(statements: Sequence[str], said: Sequence[str]) -> bool:
    """Whether a sentence leaves out that it is somebody's word, or what makes the claim smaller, in every statement."""
    spoken = set(said)
    for statement in statements:
        held = set(words(statement))
        quiet = held & REPORTING and not spoken & REPORTING
        larger = held & SMALLER and not spoken & SMALLER
        if not quiet and not larger:
            return False
    return True


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
