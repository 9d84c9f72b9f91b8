"""What a session can be about: plain themes over the tags of the taxonomy, and every single tag."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from rag.corpus import Corpus
from rag.data import from_yaml
from rag.model import Frozen, Passage
from rag.pack.model import NoPack

ANY = "*"
STAGE, STAGE_BESIDE, MOTIVE, DISILLUSIONMENT, TYPE, STANDING, FLAG = 3.0, 1.2, 2.0, 2.5, 2.0, 4.0, 1.0
KINDS = {"stage": "stages", "motive": "motives", "disillusionment": "disillusionment"}


class Where(Frozen):
    stages: tuple[str, ...] = ()
    motives: tuple[str, ...] = ()
    disillusionment: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class Theme(Frozen):
    id: str
    title: str
    about: str
    where: Where
    line: tuple[str, str]
    activity: str
    source_criticism: bool = False

    def match(self, passage: Passage, corpus: Corpus) -> float:
        """How much of the theme a passage carries by its tags; 0 for none."""
        held = self.where
        primary, *beside = (*passage.stage, "") if not passage.stage else passage.stage
        told = 0.0
        told += STAGE * (primary in held.stages)
        told += STAGE_BESIDE * any(s in held.stages for s in beside)
        told += MOTIVE * _shared(passage.motives, held.motives)
        told += DISILLUSIONMENT * _shared(passage.disillusionment, held.disillusionment)
        told += TYPE * (passage.type in held.types)
        told += STANDING * (corpus.sources[passage.source].standing in held.standing)
        told += FLAG * _shared(passage.flags, held.flags)
        return told


class Curriculum(Frozen):
    title: str
    link: str


def _shared(tags: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return bool(tags) and (ANY in wanted or not set(tags).isdisjoint(wanted))


def theme(name: str, corpus: Corpus) -> Theme:
    """A theme by its id, or one tag of the taxonomy as `stage:doubt`. Raises NoPack for a name that there is not."""
    known = themes()
    if name in known:
        return known[name]
    kind, _, tag = name.partition(":")
    tags = {t.id: t for t in getattr(corpus.taxonomy, KINDS.get(kind, ""), ())} if kind in KINDS else {}
    if tag not in tags:
        raise NoPack(
            f"There is no theme '{name}'. Themes: {', '.join(known)}; or a tag, such as stage:doubt."
        )
    like = next(
        (t for t in known.values() if tag in getattr(t.where, KINDS[kind])), next(iter(known.values()))
    )
    return Theme(
        id=name,
        title=tags[tag].label,
        about=f"the point “{tags[tag].label}”",
        where=Where(**{KINDS[kind]: (tag,)}),
        line=like.line,
        activity=like.activity,
    )


@cache
def themes() -> Mapping[str, Theme]:
    """The themes with plain titles, in the order in which they are offered."""
    return {t["id"]: Theme.model_validate(t) for t in _file()["themes"]}


@cache
def curriculum() -> Mapping[str, Curriculum]:
    """What a session gives to a subject, by its id."""
    return {name: Curriculum.model_validate(v) for name, v in _file()["curriculum"].items()}


@cache
def fixed() -> Mapping[str, Any]:
    """The fixed words of packs (words.yaml)."""
    return _yaml("words.yaml")


@cache
def _file() -> Mapping[str, Any]:
    return _yaml("themes.yaml")


def _yaml(name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = from_yaml(resources.files("rag.pack").joinpath(name).read_text("utf-8"))
    return data
