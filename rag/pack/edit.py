"""Changes to a pack that keep it whole: swap or move a passage, take one out, change minutes.

Each gives a new pack whose minutes add up and whose notes, warnings and handout fit the passages; words that a person
changed elsewhere in the pack stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import islice

from rag.corpus import Corpus
from rag.guard.output import OutputGuard
from rag.pack import times
from rag.pack.choose import Chosen, Fitting, counter_voices, ranked, stories, unfit
from rag.pack.model import EditRefused, Minutes, Pack, Slot, Stimulus
from rag.pack.passage import stimulus
from rag.pack.plan import FEWEST, fitting, rested, subject_of

OFFERED = 12


def alternatives(pack: Pack, number: int, corpus: Corpus, output: OutputGuard) -> tuple[Chosen, ...]:
    """Passages that could stand in place of the stimulus of that number (from 1), the best first."""
    here = _at(pack, number)
    beside = [corpus.passages[s.passage] for s in pack.stimuli if s is not here]
    on = _on(pack, corpus, output)
    found = stories(on, beside) if here.role == "story" else counter_voices(on, beside)
    others = (c for c in found if c.passage.id != here.passage)
    return tuple(islice(ranked(others, on), OFFERED))


def swapped(
    pack: Pack, number: int, passage: str, corpus: Corpus, output: OutputGuard, today: dt.date
) -> Pack:
    """The pack with another passage in place of one. Raises EditRefused where that passage does not fit."""
    here = _at(pack, number)
    if passage not in corpus.passages:
        raise EditRefused(f"The corpus has no passage '{passage}'.")
    on = _on(pack, corpus, output)
    reason = unfit(corpus.passages[passage], on)
    if reason:
        raise EditRefused(f"{passage} does not fit this pack: {reason}.")
    if any(s.passage == passage for s in pack.stimuli):
        raise EditRefused(f"{passage} is in this pack already.")
    made = stimulus(corpus.passages[passage], here.role, on, today)
    stimuli = tuple(made if s is here else s for s in pack.stimuli)
    return rested(pack.model_copy(update={"stimuli": stimuli}), corpus, today)


def moved(pack: Pack, number: int, to: int, corpus: Corpus, today: dt.date) -> Pack:
    """The pack with one passage at another place; its minutes go with it."""
    here = _at(pack, number)
    _at(pack, to)
    stimuli = [s for s in pack.stimuli if s is not here]
    stimuli.insert(to - 1, here)
    minutes = [s.minutes for s in pack.schedule if times.kind(s.part) == "stimulus"]
    own = minutes.pop(number - 1)
    minutes.insert(to - 1, own)
    given = iter(minutes)
    slots = tuple(
        Slot(part=s.part, minutes=next(given)) if times.kind(s.part) == "stimulus" else s
        for s in pack.schedule
    )
    return rested(pack.model_copy(update={"stimuli": tuple(stimuli), "schedule": slots}), corpus, today)


def removed(pack: Pack, number: int, corpus: Corpus, today: dt.date) -> Pack:
    """The pack without one passage; its minutes go to the others. A story and a voice from outside must stay."""
    here = _at(pack, number)
    stimuli = tuple(s for s in pack.stimuli if s is not here)
    if len(stimuli) < FEWEST or {s.role for s in stimuli} != {"story", "counter_voice"}:
        raise EditRefused("A session needs a story and a voice from outside; swap the passage instead.")
    slots = times.schedule(pack.brief.minutes, len(stimuli))
    return rested(pack.model_copy(update={"stimuli": stimuli, "schedule": slots}), corpus, today)


def with_length(pack: Pack, minutes: Minutes, corpus: Corpus, today: dt.date) -> Pack:
    """The pack for another length with the same passages. Raises EditRefused where they do not fit into it."""
    slots = times.schedule(minutes, len(pack.stimuli))
    brief = pack.brief.model_copy(update={"minutes": minutes})
    return rested(pack.model_copy(update={"brief": brief, "schedule": slots}), corpus, today)


def with_minutes(pack: Pack, part: str, minutes: int) -> Pack:
    """The pack with other minutes for one part; the rest share what is left, so that the sum stays."""
    return pack.model_copy(update={"schedule": times.changed(pack.schedule, part, minutes)})


def reviewed(pack: Pack, by: str) -> Pack:
    """The pack with the name of the person who read it through, or without one."""
    return pack.model_copy(update={"reviewed_by": " ".join(by.split())})


def _at(pack: Pack, number: int) -> Stimulus:
    if not 1 <= number <= len(pack.stimuli):
        raise EditRefused(f"There is no passage {number}; the pack has {len(pack.stimuli)}.")
    return pack.stimuli[number - 1]


def _on(pack: Pack, corpus: Corpus, output: OutputGuard) -> Fitting:
    """Choosing for a pack that exists: a question's passages are told by those that it already has."""
    near = None
    if pack.brief.question is not None:
        near = _like(pack.stimuli, corpus)
    return fitting(pack.brief, subject_of(pack.brief, corpus, near), corpus, output, near)


def _like(stimuli: Sequence[Stimulus], corpus: Corpus) -> dict[str, float]:
    """Passages that share stages with those of the pack, for a question whose search is not at hand."""
    held = [corpus.passages[s.passage] for s in stimuli if s.passage in corpus.passages]
    stages = {s for p in held for s in p.stage}
    return {p.id: 1.0 * len(stages & set(p.stage)) for p in corpus.passages.values() if stages & set(p.stage)}
