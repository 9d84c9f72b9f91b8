"""The pathway: how many passages and people stand at each stage, in the order of the codebook.

The order is for reading. Nobody's life has to follow it, and a passage may stand at up to three stages.
"""

from __future__ import annotations

from rag.explore.facets import Holdings, Selection, explore
from rag.model import Frozen


class Stage(Frozen):
    """A stage with what a selection leaves at it; `people` are ids of those who tell their story there."""

    id: str
    label: str
    definition: str
    passages: int
    people: tuple[str, ...]
    chosen: bool


def pathway(held: Holdings, chosen: Selection) -> tuple[Stage, ...]:
    """Every stage of the codebook, also the empty ones. Stages chosen as a filter are marked, not applied."""
    found = explore(held, chosen.model_copy(update={"stage": ()}))
    fitting = set(found.people)
    at: dict[str, list[str]] = {t.id: [] for t in held.corpus.taxonomy.stages}
    for passage in found.passages:
        for stage in held.passages[passage]["stage"]:
            at.setdefault(stage, []).append(passage)
    return tuple(
        Stage(
            id=tag.id,
            label=tag.label,
            definition=tag.definition,
            passages=len(at[tag.id]),
            people=tuple(dict.fromkeys(x for p in at[tag.id] for x in held.speakers_of[p] if x in fitting)),
            chosen=tag.id in chosen.stage,
        )
        for tag in held.corpus.taxonomy.stages
    )
