"""The numbers that the scorer weighs: how far the words and the meaning of a sentence are in its statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rag.answer.verify import contrast
from rag.answer.verify.align import CERTAIN, Link, links
from rag.answer.verify.lexicon import group
from rag.answer.verify.meanings import Meanings
from rag.answer.verify.order import exchanged, mirrored
from rag.answer.verify.reading import Reading
from rag.embed import Vectors

NAMES = (
    "missing",  # weight of the words without counterpart
    "missing_share",  # the same over the weight of all words
    "worst",  # weight of the word with least counterpart
    "second",  # of the next
    "low",  # words with less than half a counterpart
    "cosine",  # with the nearest cited statement
    "cosine_all",  # with all of them together
    "turned",  # words under another negation
    "firmer",  # words that lost their "may", "wanted to"
    "compared",  # words under another comparison
    "opposed",  # words whose opposite the statement has
    "more_negations",
    "fewer_negations",
    "swapped",  # verbs whose two sides changed places
    "crossed",  # words that changed sides of their verb
    "rewired",  # verbs with another doer out of the same statement
    "disorder",  # share of words in another order
    "causes",  # "because" and the like that are new
    "times",
    "comparing",
    "gender",  # a pronoun of a gender that the statements do not have
    "kept",  # share of the statements' content that the sentence has
    "adjacent",  # share of neighbouring words that are neighbours in the statement too
    "clause",  # the greatest share of a clause that is without counterpart
    "novel_near",  # the worst word's loss among words that are otherwise there
    "exact",  # share of words that are there in the same form
    "foreign_parts",  # phrases between function words of which no word has a counterpart
    "foreign_end",  # whether the last phrase is one of them
    "graft",  # such phrases in a sentence whose other words are all the statement's
    "gap",  # distance in meaning in spite of the same words
    "gap_nearest",
    "reversed_copy",  # triples of words turned round, in a sentence whose words are otherwise the statement's
    "mirrored_copy",  # pairs of words in each other's place, in such a sentence
    "surplus",  # content words more than the nearest statement has
    "surplus_copy",
)
FOREIGN = 0.6  # a phrase of which no word is nearer than this has no counterpart
COPY = 6  # how steeply another word makes a sentence less of a copy, in which alone the order of words tells much
CUTS = frozenset(
    "and or of in on at by for with from to into after before while when because about as than".split()
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A sentence set beside its statements."""

    features: npt.NDArray[np.float64]
    links: tuple[Link, ...]

    def least(self) -> list[str]:
        """Up to three words of the sentence that the statements hold least, worst first."""
        ranked = sorted((x for x in self.links if x.weight), key=lambda x: -x.weight * (1 - x.score))
        return [x.token.raw for x in ranked[:3] if x.score < CERTAIN]


def compare(
    sentence: Reading,
    cited: Sequence[Reading],
    vector: Vectors,
    statements: Vectors,
    meanings: Meanings,
    person: frozenset[str] = frozenset(),
) -> Compared:
    """The features of a sentence against its statements. Vectors are of unit length, one row a statement; `person` are
    the words of the name that "he" or "she" stands for, where only one person is named.
    """
    found = links(sentence, cited, meanings)
    losses = sorted((x.weight * (1 - x.score) for x in found), reverse=True)
    whole = sum(x.weight for x in found) or 1.0
    cosines = statements @ vector
    together = statements.sum(axis=0)
    length = float(np.linalg.norm(together)) or 1.0
    turned, firmer, compared = contrast.operators(found, cited)
    negations = contrast.negations(sentence, cited)
    held = {t.root for r in cited for t in r.content if t.word not in group("frame")}
    own = {t.root for t in sentence.content}
    foreign = _foreign_parts(sentence, found)
    mirror, surplus = mirrored(sentence, cited)
    exact = sum(x.score == 1.0 for x in found) / max(1, len(found))
    values = (
        sum(losses),
        sum(losses) / whole,
        losses[0] if losses else 1.0,
        losses[1] if len(losses) > 1 else 0.0,
        float(sum(x.score < 0.5 for x in found)),
        float(cosines.max()),
        float(together @ vector) / length,
        float(turned),
        float(firmer),
        float(compared),
        float(contrast.opposed(sentence, cited)[0]),
        float(max(0, negations)),
        float(max(0, -negations)),
        *map(float, contrast.swapped(found, sentence, cited, person)),
        contrast.disorder(found),
        float(contrast.added(sentence, cited, "causes")),
        float(contrast.added(sentence, cited, "times")),
        float(contrast.added(sentence, cited, "comparing")),
        float(_gender(sentence, cited)),
        len(held & own) / max(1, len(held)),
        _adjacent(found),
        _worst_clause(found),
        (losses[0] if losses else 1.0) * exact,
        exact,
        *foreign,
        foreign[0] * exact**2,
        exact**2 * (1 - float(together @ vector) / length),
        exact**2 * (1 - float(cosines.max())),
        exchanged(found, sentence, cited) * exact**COPY,
        mirror * exact**COPY,
        surplus,
        surplus * exact**2,
    )
    return Compared(features=np.asarray(values), links=found)


def _gender(sentence: Reading, cited: Sequence[Reading]) -> bool:
    held = frozenset(w for r in cited for w in r.words)
    for pronouns, words, others in (("feminine", "she", "he"), ("masculine", "he", "she")):
        if sentence.words & group(pronouns) and not held & group(words) and held & group(others):
            return True
    return False


def _worst_clause(found: Sequence[Link]) -> float:
    """The share of the most foreign clause or conjunct that has no counterpart, 0 to 1."""
    clauses: dict[int, list[Link]] = {}
    for link in found:
        clauses.setdefault(link.token.clause, []).append(link)
    shares = [
        sum(x.weight * (1 - x.score) for x in part) / (sum(x.weight for x in part) or 1.0)
        for part in clauses.values()
    ]
    return max(shares, default=1.0)


def _foreign_parts(sentence: Reading, found: Sequence[Link]) -> tuple[float, float]:
    """How many phrases, cut before prepositions and conjunctions, have no counterpart, and if the last has none."""
    score = {id(x.token): x.score for x in found if x.weight}
    parts: list[list[float]] = [[]]
    clause = 0
    for token in sentence.tokens:
        if token.word in CUTS or token.clause != clause:
            parts.append([])
            clause = token.clause
        if id(token) in score:
            parts[-1].append(score[id(token)])
    foreign = [max(p) < FOREIGN for p in parts if p]
    return float(sum(foreign)), float(bool(foreign) and foreign[-1])


def _adjacent(found: Sequence[Link]) -> float:
    pairs = list(pairwise(found))
    near = sum(
        any(a[0] == b[0] and 0 < b[1] - a[1] <= 5 for a in one.spots for b in two.spots) for one, two in pairs
    )
    return near / len(pairs) if pairs else 0.0
