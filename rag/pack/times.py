"""Whole minutes that add up: what each part of a session gets, and what the others get when one is changed."""

from __future__ import annotations

from collections.abc import Sequence

from rag.pack.model import EditRefused, Minutes, Slot
from rag.pack.themes import fixed

BEFORE = ("opening", "warm_up")
AFTER = ("activity", "tolerance_task", "debrief")
TITLES = {
    "opening": "Opening and ground rules",
    "warm_up": "Warm-up",
    "activity": "Activity",
    "tolerance_task": "Task: rights of people I disagree with",
    "debrief": "Debrief",
}


def stimuli_wanted(minutes: Minutes) -> int:
    """How many passages a session of that length is planned with."""
    return int(fixed()["times"][minutes]["stimuli"])


def schedule(minutes: Minutes, stimuli: int) -> tuple[Slot, ...]:
    """The parts with their minutes. Raises EditRefused where so many passages cannot be read in the time."""
    planned = fixed()["times"][minutes]
    parts = [*BEFORE, *(f"stimulus {n}" for n in range(1, stimuli + 1)), *AFTER]
    return shared(minutes, parts, [planned[kind(p)] for p in parts])


def changed(slots: Sequence[Slot], part: str, minutes: int) -> tuple[Slot, ...]:
    """One part gets so many minutes and the others share the rest as before; the sum stays.

    Raises EditRefused for a part that there is not, and for minutes that leave too little for it or for the others.
    """
    if part not in [s.part for s in slots]:
        raise EditRefused(f"There is no part '{part}'; there are {', '.join(s.part for s in slots)}.")
    rest = [s for s in slots if s.part != part]
    most = sum(s.minutes for s in slots) - sum(least(s.part) for s in rest)
    if not least(part) <= minutes <= most:
        raise EditRefused(
            f"{name(part)} can have {least(part)} to {most} minutes here, so that the rest has time."
        )
    total = sum(s.minutes for s in slots) - minutes
    given = {s.part: s.minutes for s in shared(total, [s.part for s in rest], [s.minutes for s in rest])}
    return tuple(Slot(part=s.part, minutes=given.get(s.part, minutes)) for s in slots)


def shared(total: int, parts: Sequence[str], weights: Sequence[float]) -> tuple[Slot, ...]:
    """`total` minutes over the parts: what each needs at least, and the rest by weight (largest remainders)."""
    needs = [least(p) for p in parts]
    spare = total - sum(needs)
    if spare < 0:
        raise EditRefused(
            f"{total} minutes are too few for these parts, which need {sum(needs)}; take out a passage."
        )
    wanted = [max(w - n, 0) for w, n in zip(weights, needs, strict=True)]
    whole = sum(wanted)
    exact = [spare * w / whole if whole else spare / len(parts) for w in wanted]
    given = [int(x) for x in exact]
    for n in sorted(range(len(parts)), key=lambda n: (given[n] - exact[n], n))[: spare - sum(given)]:
        given[n] += 1
    return tuple(Slot(part=p, minutes=n + g) for p, n, g in zip(parts, needs, given, strict=True))


def least(part: str) -> int:
    """The fewest minutes in which a part makes sense."""
    return int(fixed()["least"][kind(part)])


def kind(part: str) -> str:
    return part.partition(" ")[0]


def name(part: str) -> str:
    """How a part is called on paper."""
    return TITLES.get(part, part.replace("stimulus", "Passage"))
