"""Facets, chips and passage cards as the pages show them: the labels of values, counts, and what is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rag.answer.cite import FLAG_WORDS
from rag.corpus import Corpus
from rag.corpus.stats import NOT_STATED, Table
from rag.explore import Facet, Selection, csv_text
from rag.model import Frozen
from rag.web.evidence import standing_word, told_in
from rag.web.labels import named, place
from rag.web.words import t

Item = TypeVar("Item")


class OptionView(Frozen):
    id: str
    label: str
    n: int
    chosen: bool


class FacetView(Frozen):
    id: str
    label: str
    unit: str
    options: tuple[OptionView, ...]


class ChipView(Frozen):
    facet: str
    value: str
    label: str


class CardView(Frozen):
    """A passage in a list."""

    id: str
    text: str
    byline: str
    standing: str
    flags: str
    tags: str
    open: bool


class CardsView(Frozen):
    heading: str
    items: tuple[CardView, ...]
    page: int
    pages: int


class TableView(Frozen):
    """A table to read and, as `csv`, to keep."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    csv: str
    file: str


class BarView(Frozen):
    label: str
    n: int


class BarsView(Frozen):
    """Bars with their numbers; `alt` says in words what they show."""

    caption: str
    alt: str
    bars: tuple[BarView, ...]
    table: TableView | None


def facet_view(facet: Facet, corpus: Corpus, *, stated_only: bool = False) -> FacetView:
    """A facet with its counts; `stated_only` leaves out the value that stands for none."""
    return FacetView(
        id=facet.name,
        label=t(f"facet.{facet.name}"),
        unit=t("facet.unit_people" if facet.of_people else "facet.unit_passages"),
        options=tuple(
            OptionView(id=o.value, label=named(facet.name, o.value, corpus), n=o.count, chosen=o.chosen)
            for o in facet.options
            if not (stated_only and o.value == NOT_STATED)
        ),
    )


def chips(chosen: Selection, corpus: Corpus) -> tuple[ChipView, ...]:
    return tuple(
        ChipView(facet=name, value=v, label=f"{t(f'facet.{name}')}: {named(name, v, corpus)}")
        for name in Selection.model_fields
        for v in sorted(chosen.of(name))
    )


def card(corpus: Corpus, passage_id: str, opened: str | None) -> CardView:
    passage = corpus.passages[passage_id]
    source = corpus.sources[passage.source]
    people = [corpus.persons[p] for p in passage.people if p in corpus.persons]
    flags = list(dict.fromkeys(t(f"flag.{f}") for f in passage.flags if f in FLAG_WORDS))
    return CardView(
        id=passage.id,
        text=passage.text,
        byline=f"{told_in(people, source)}, {place(passage.locator)}",
        standing=standing_word(source.standing),
        flags=t("common.content_note", what=", ".join(flags)) if flags else "",
        tags=" · ".join(
            named(kind, v, corpus)
            for kind, values in (
                ("stage", passage.stage),
                ("motive", passage.motives),
                ("disillusionment", passage.disillusionment),
            )
            for v in values
        ),
        open=passage.id == opened,
    )


def cards(corpus: Corpus, ids: Iterable[str], page: int, heading: str, opened: str | None) -> CardsView:
    """One page of a list of passages, counted from 1; a page that there is not becomes the nearest."""
    held = list(ids)
    shown, page, pages = paged(held, page, 8)
    return CardsView(
        heading=heading, items=tuple(card(corpus, p, opened) for p in shown), page=page, pages=pages
    )


def paged(items: list[Item], page: int, size: int) -> tuple[list[Item], int, int]:
    """(the items of a page, its number from 1, how many pages); a page that there is not becomes the nearest."""
    pages = max(1, -(-len(items) // size))
    page = min(max(1, page), pages)
    return items[(page - 1) * size : page * size], page, pages


def table_view(table: Table, file: str) -> TableView:
    return TableView(
        title=table.title,
        columns=table.columns,
        rows=table.rows,
        csv=csv_text(table),
        file=f"{file}.csv",
    )
