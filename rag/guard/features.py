"""A text as numbers for the intent model: which words, in which frames, with which letters.

Feature hashing (Weinberger and others, 2009) with CRC-32, which is the same in every process and on every machine.
Three blocks: words and pairs of words, with names read as their kind; frames, which are runs of two to four words in
which only function words stand and the others leave their endings ("how do I # the #ng"); and runs of three to five
characters inside words, for those who mistype.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.data import from_yaml
from rag.text import fold

BUCKETS = 1 << 14  # for each block
_WEIGHTS = (1.0, 1.0, 0.6)  # letters help those who mistype and say little else
SIZE = BUCKETS * len(_WEIGHTS)
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")
_LONGEST = 4000  # characters that are looked at


class Hashed(NamedTuple):
    """A sparse row: where it is not zero, and what stands there."""

    at: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


def names() -> dict[str, tuple[str, ...]]:
    """The names of data/names.yaml by kind."""
    text = (resources.files("rag.guard") / "data" / "names.yaml").read_text("utf-8")
    loaded: dict[str, list[str]] = from_yaml(text)
    return {kind: tuple(found) for kind, found in loaded.items()}


@cache
def _name_form() -> tuple[re.Pattern[str], Mapping[str, str]]:
    kind_of = {name: kind for kind, found in names().items() for name in found}
    longest_first = sorted(kind_of, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b"), kind_of


def tokens(text: str) -> list[str]:
    """Folded words and single signs; names as their kind in capitals."""
    form, kind_of = _name_form()
    named = form.sub(lambda m: f" {kind_of[m.group()].upper()} ", fold(text[:_LONGEST]))
    return _TOKEN.findall(named)


def function_words(texts: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The commonest words of (language, text) pairs: 150 of English, 40 of every other language."""
    counts: dict[str, Counter[str]] = {}
    for language, text in texts:
        counts.setdefault(language, Counter()).update(set(tokens(text)))
    return frozenset(
        word
        for language, found in counts.items()
        for word, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[
            : 150 if language == "en" else 40
        ]
    )


def hashed(text: str, function: frozenset[str]) -> Hashed:
    """The three blocks of a text. `function` are the words that frames keep."""
    found = tokens(text)
    blocks = (_words(found), _frames(found, function), _characters(found))
    at: list[int] = []
    values: list[float] = []
    for number, (block, weight) in enumerate(zip(blocks, _WEIGHTS, strict=True)):
        counts = Counter(zlib.crc32(feature.encode()) % BUCKETS for feature in block)
        length = sum(counts.values()) ** 0.5 or 1.0
        at.extend(number * BUCKETS + bucket for bucket in counts)
        values.extend(weight * n**0.5 / length for n in counts.values())
    return Hashed(np.asarray(at, dtype=np.int64), np.asarray(values, dtype=np.float32))


def _words(found: Sequence[str]) -> list[str]:
    edged = ["^", *found, "$"]
    return [f"w{t}" for t in found] + [f"b{a} {b}" for a, b in pairwise(edged)]


def _frames(found: Sequence[str], function: frozenset[str]) -> list[str]:
    plain = ["^", *(t if t in function or t.isupper() else "#" for t in found), "$"]
    ended = ["^", *(t if t in function or t.isupper() else f"#{t[-2:]}" for t in found), "$"]
    runs = [
        mark + " ".join(kept[i : i + n])
        for mark, kept in (("k", plain), ("s", ended))
        for n in (2, 3, 4)
        for i in range(len(kept) - n + 1)
    ]
    return runs + [f"p{t}" for t in found[:3]]


def _characters(found: Sequence[str]) -> list[str]:
    return [
        f" {t} "[i : i + n]
        for t in found
        if t[0].isalnum()
        for n in (3, 4, 5)
        for i in range(max(0, len(t) + 2 - n + 1))
    ]
