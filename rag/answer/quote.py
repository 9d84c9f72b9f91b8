"""Quote mode: which statements to say, and in which order, so that they read as an answer.

Statements are taken by falling probability, never more than the word budget and none that is far less likely than the
best; a question with one clear answer gets at most three. They are then grouped: the best first with the rest
of its passage, then the other voices.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.evidence import Candidate
from rag.corpus import Corpus
from rag.model import Sentence

# Share of the best statement's probability below which one is not said: one word in twenty goes, and no vital fact
# (0.884 of them on dev before and after; a share of 0.03 costs 0.01, one of 0.011 some of the facts of later turns).
LEAST = 0.005
PLAIN = 0.7  # a best statement above this answers a plain fact
PLAIN_SENTENCES = 3
MOST_SENTENCES = 8
SAME = 0.75  # share of words in common above which a statement only repeats another


def choose(candidates: Sequence[Candidate], budget: int) -> tuple[Candidate, ...]:
    """The statements to quote, best first; `budget` is in words, and the best statement is always in."""
    chosen: list[Candidate] = []
    words = 0
    most = PLAIN_SENTENCES if candidates and candidates[0].mass >= PLAIN else MOST_SENTENCES
    for candidate in candidates:
        size = len(candidate.text.split())
        unlikely = candidate.mass < LEAST * candidates[0].mass
        if chosen and (unlikely or len(chosen) >= most or words + size > budget):
            break
        if any(_repeats(candidate.text, c.text) for c in chosen):
            continue
        chosen.append(candidate)
        words += size
    return tuple(chosen)


def with_other_side(
    chosen: tuple[Candidate, ...], candidates: Sequence[Candidate], corpus: Corpus
) -> tuple[Candidate, ...]:
    """The choice, and the best statement of the other side where a note says that two places disagree."""
    if not chosen:
        return chosen
    lead = chosen[0].passage
    for note in (n for n in corpus.notes_of(lead) if n.contrast):
        other = [
            c
            for c in candidates
            if c.passage.source == lead.source
            and note.id in c.passage.notes
            and c.passage.locator.paragraph != lead.locator.paragraph
        ]
        if other and not any(c.passage.id == o.passage.id for c in chosen for o in other):
            return (*chosen, other[0])
    return chosen


def shows_both_sides(chosen: Sequence[Candidate], corpus: Corpus) -> bool:
    """Whether the statements come from two places that a note says disagree."""
    for candidate in chosen:
        for note in (n for n in corpus.notes_of(candidate.passage) if n.contrast):
            places = {
                c.passage.locator.paragraph
                for c in chosen
                if c.passage.source == candidate.passage.source and note.id in c.passage.notes
            }
            if len(places) > 1:
                return True
    return False


def arrange(chosen: Sequence[Candidate], corpus: Corpus) -> tuple[Sentence, ...]:
    """The statements in reading order: groups by speaker or source as their best statement ranks, each in its order.

    Words of a verbatim source stand in quotation marks, under the name of whoever said them.

    The first sentence of all is the best statement, because the reader asked a question and that answers it.
    """
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in chosen:
        groups.setdefault((candidate.passage.source, *candidate.passage.people), []).append(candidate)
    ordered: list[Candidate] = []
    for n, group in enumerate(groups.values()):
        lead, rest = (group[:1], group[1:]) if n == 0 else ([], group)
        ordered += [*lead, *sorted(rest, key=_place)]
    return tuple(Sentence(text=corpus.quotation(c.id), citations=(c.id,)) for c in ordered)


def _place(candidate: Candidate) -> tuple[str, int, str, int]:
    passage, _, number = candidate.id.partition("#")
    return candidate.passage.source, candidate.passage.locator.paragraph or 0, passage, int(number)


def _repeats(text: str, other: str) -> bool:
    a, b = set(text.lower().split()), set(other.lower().split())
    return len(a & b) >= SAME * min(len(a), len(b))
