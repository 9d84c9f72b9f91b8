"""From the corpus and what a visitor chose to what the Explore page shows: pure functions, no drawing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from math import sqrt
from typing import Literal

from rag.corpus import Corpus
from rag.corpus.stats import NOT_STATED, Stats, Table, stats
from rag.explore import (
    Comparison,
    Event,
    Found,
    Holdings,
    Selection,
    Subject,
    compare,
    explore,
    pathway,
    table_of_facet,
    table_of_pathway,
    table_of_timeline,
    timeline,
)
from rag.model import Frozen
from rag.web.choices import (
    BarsView,
    BarView,
    CardsView,
    ChipView,
    FacetView,
    TableView,
    cards,
    chips,
    facet_view,
    paged,
    table_view,
)
from rag.web.evidence import EvidenceView, byline, evidence, standing_word, told_in
from rag.web.labels import named, place
from rag.web.words import day, inside, labelled, t

Tab = Literal["pathway", "compare", "timeline", "countries", "balance"]
TABS: tuple[Tab, ...] = ("pathway", "compare", "timeline", "countries", "balance")
SMALLEST, LARGEST = 1.75, 4.25  # rem: a disc must be a target, and two must fit beside each other
CELL_PASSAGES = 3
EVENTS_A_PAGE = 40


class Choice(Frozen):
    id: str
    label: str


class State(Frozen):
    """What a visitor has chosen on this page so far."""

    tab: Tab = "pathway"
    chosen: Selection = Selection()
    sides: tuple[str, str, str, str] = ("", "", "", "")
    page: int = 1
    opened: str | None = None


class StageView(Frozen):
    id: str
    label: str
    definition: str
    passages: int
    people: str
    size: float
    chosen: bool
    alt: str


class PathwayView(Frozen):
    note: str
    alt: str
    stages: tuple[StageView, ...]
    table: TableView


class CellPassage(Frozen):
    id: str
    key: str
    text: str
    where: str
    standing: str


class CellView(Frozen):
    passages: tuple[CellPassage, ...]
    more: str
    empty: str


class CompareRow(Frozen):
    label: str
    cells: tuple[CellView, ...]


class ColumnView(Frozen):
    label: str
    note: str


class Choices(Frozen):
    label: str
    options: tuple[Choice, ...]


class CompareView(Frozen):
    choices: tuple[Choices, ...]
    sides: tuple[str, ...]
    note: str
    columns: tuple[ColumnView, ...]
    rows: tuple[CompareRow, ...]
    table: TableView | None


class EventView(Frozen):
    date: str
    when: str
    kind: str
    label: str
    text: str
    where: str
    passage: str
    reference: str


class YearView(Frozen):
    year: str
    events: tuple[EventView, ...]


class TimelineView(Frozen):
    lede: str
    years: tuple[YearView, ...]
    page: int
    pages: int
    table: TableView


class CountriesView(Frozen):
    lede: str
    chart: BarsView


class BalanceView(Frozen):
    lede: str
    missing: tuple[str, ...]
    charts: tuple[BarsView, ...]


class ExploreView(Frozen):
    """All that the Explore page's component gets."""

    state: str
    status: str
    problem: str
    tab: Tab
    tabs: tuple[Choice, ...]
    scope: str
    chips: tuple[ChipView, ...]
    facets: tuple[FacetView, ...]
    pathway: PathwayView | None = None
    compare: CompareView | None = None
    timeline: TimelineView | None = None
    countries: CountriesView | None = None
    balance: BalanceView | None = None
    passages: CardsView | None = None
    evidence: EvidenceView | None = None


def opening(state: tuple[str, str, str]) -> ExploreView:
    """The page while the collection is not open."""
    return ExploreView(
        state=state[0],
        status=state[1],
        problem=state[2],
        tab="pathway",
        tabs=(),
        scope="",
        chips=(),
        facets=(),
    )


def exploring(held: Holdings, state: State, today: dt.date, status: str = "") -> ExploreView:
    """The page of one state of its controls."""
    corpus, chosen = held.corpus, state.chosen
    found = explore(held, chosen)
    filtered = state.tab in ("pathway", "timeline", "countries")
    opened = state.opened if state.opened in corpus.passages else None
    return ExploreView(
        state="ready",
        status=status,
        problem="",
        tab=state.tab,
        tabs=tuple(Choice(id=x, label=t(f"explore.tab_{x}")) for x in TABS),
        scope=_scope(found) if filtered else "",
        chips=chips(chosen, corpus) if filtered else (),
        facets=tuple(facet_view(f, corpus) for f in found.facets if f.name != "stage") if filtered else (),
        pathway=pathway_view(held, chosen) if state.tab == "pathway" else None,
        compare=compare_view(held, state.sides) if state.tab == "compare" else None,
        timeline=timeline_view(corpus, found, state.page) if state.tab == "timeline" else None,
        countries=countries_view(corpus, found) if state.tab == "countries" else None,
        balance=balance_view(stats(corpus)) if state.tab == "balance" else None,
        passages=cards(
            corpus,
            _voices_first(corpus, found.passages),
            state.page,
            t("explore.passages", n=len(found.passages)),
            opened,
        )
        if state.tab in ("pathway", "countries")
        else None,
        evidence=evidence(corpus, opened, None, None, today, heading=t("evidence.passage"))
        if opened
        else None,
    )


def _voices_first(corpus: Corpus, passages: Iterable[str]) -> list[str]:
    """Testimony before what was written about it, each in corpus order."""
    told = ("testimony", "family_or_victim", "testimony_reported")
    return sorted(passages, key=lambda p: corpus.passages[p].type not in told)


def _scope(found: Found) -> str:
    return t(
        "explore.scope",
        people=len(found.people),
        n=found.total_people,
        passages=len(found.passages),
        all_passages=found.total_passages,
    )


def pathway_view(held: Holdings, chosen: Selection) -> PathwayView:
    """The picture and its twin. The area of a disc grows with the passages of its stage."""
    stages = pathway(held, chosen)
    total = len(held.people)
    most = max((s.passages for s in stages), default=0)
    table = table_of_pathway(
        stages,
        total,
        t("explore.pathway_table", n=total),
        (t("explore.stage"), t("explore.col_passages"), t("explore.col_people"), t("explore.col_of")),
    )
    labels = {s.id: named("stage", s.id, held.corpus) for s in stages}
    fullest = max(stages, key=lambda s: s.passages)
    empty = [labels[s.id] for s in stages if not s.passages]
    alt = t("explore.pathway_alt", stage=labels[fullest.id], passages=fullest.passages, n=total)
    return PathwayView(
        note=t("explore.pathway_note"),
        alt=f"{alt} {t('explore.pathway_empty', stages=', '.join(empty))}" if empty else alt,
        stages=tuple(
            StageView(
                id=s.id,
                label=labels[s.id],
                definition=s.definition,
                passages=s.passages,
                people=t("explore.people_short", n=len(s.people)),
                size=_size(s.passages, most),
                chosen=s.chosen,
                alt=t(
                    "explore.stage_alt",
                    label=labels[s.id],
                    passages=s.passages,
                    people=len(s.people),
                    n=total,
                ),
            )
            for s in stages
        ),
        table=table_view(table, "pathway"),
    )


def _size(n: int, most: int) -> float:
    if not n:
        return SMALLEST
    return round(SMALLEST + (LARGEST - SMALLEST) * sqrt(n / most), 2)


def countries_view(corpus: Corpus, found: Found) -> CountriesView:
    """People by country of origin, at the level of the country and no finer."""
    facet = found.facet("country")
    options = sorted(facet.options, key=lambda o: (o.value == NOT_STATED, -o.count, o.value))
    kept = facet.model_copy(update={"options": tuple(o for o in options if o.count)})
    labels = [named("country", o.value, corpus) for o in kept.options]
    total = found.total_people
    columns = (t("explore.col_country"), t("explore.col_people"), t("explore.col_of"))
    title = t("explore.countries_table", n=total)
    top = ", ".join(f"{label} {o.count}" for label, o in list(zip(labels, kept.options, strict=True))[:5])
    return CountriesView(
        lede=t("explore.countries_lede"),
        chart=BarsView(
            caption=title,
            alt=t("explore.countries_alt", n=total, top=top or t("explore.none")),
            bars=tuple(BarView(label=x, n=o.count) for x, o in zip(labels, kept.options, strict=True)),
            table=table_view(table_of_facet(kept, labels, total, title, columns), "countries"),
        ),
    )


def timeline_view(corpus: Corpus, found: Found, page: int) -> TimelineView:
    events = list(timeline(corpus, found.passages, found.people))
    shown, page, pages = paged(events, page, EVENTS_A_PAGE)
    columns = tuple(t(f"explore.col_{x}") for x in ("date", "kind", "event", "source"))
    table = table_of_timeline(events, t("explore.timeline_table"), columns)
    return TimelineView(
        lede=t("explore.timeline_lede", n=len(events)),
        years=tuple(
            YearView(year=year, events=tuple(_event(e, corpus) for e in of_year))
            for year, of_year in groupby(shown, key=lambda e: e.date[:4])
        ),
        page=page,
        pages=pages,
        table=table_view(table, "timeline"),
    )


def _event(event: Event, corpus: Corpus) -> EventView:
    passage = event.reference.partition("#")[0] if event.kind == "told" else ""
    if passage:
        source = corpus.sources[corpus.passages[passage].source]
        people = [corpus.persons[p] for p in event.people if p in corpus.persons]
        where = f"{told_in(people, source)}, {place(corpus.passages[passage].locator)}"
    elif event.kind == "legal":
        status = corpus.persons[event.reference].legal_status
        where = status.source if status else ""
    else:
        source = corpus.sources[event.reference]
        where = " · ".join(x for x in (byline(source), standing_word(source.standing)) if x)
    return EventView(
        date=event.date,
        when=day(event.date),
        kind=event.kind,
        label=t(f"explore.event_{event.kind}"),
        text=event.text,
        where=where,
        passage=passage,
        reference=event.reference,
    )


def compare_view(held: Holdings, sides: Iterable[str]) -> CompareView:
    """The choices of two to four sides, and the comparison as soon as two are chosen."""
    chosen = tuple(sides)
    offered = _offered(held)
    known = {o.id for group in offered for o in group.options}
    subjects = [Subject.parse(s) for s in dict.fromkeys(chosen) if s in known]
    if len(subjects) < 2:
        return CompareView(
            choices=offered, sides=chosen, note=t("explore.compare_two"), columns=(), rows=(), table=None
        )
    found = compare(held, subjects)
    labels = [_subject(held, s) for s in subjects]
    empty = _empty_stages(found, held.corpus)
    return CompareView(
        choices=offered,
        sides=chosen,
        note=t("explore.compare_empty", stages=", ".join(empty)) if empty else "",
        columns=tuple(
            ColumnView(
                label=label,
                note=t(
                    "explore.compare_note",
                    people=len(c.people),
                    n=len(held.people),
                    passages=c.passages,
                ),
            )
            for label, c in zip(labels, found.columns, strict=True)
        ),
        rows=tuple(
            CompareRow(
                label=named("stage", stage, held.corpus),
                cells=tuple(_cell(held.corpus, c.passages, n) for n, c in enumerate(cells)),
            )
            for stage, cells in found.filled
        ),
        table=table_view(_compare_table(found, labels, held.corpus), "comparison"),
    )


def _empty_stages(found: Comparison, corpus: Corpus) -> list[str]:
    filled = {stage for stage, _ in found.filled}
    return [named("stage", stage, corpus) for stage, _ in found.rows if stage not in filled]


def _cell(corpus: Corpus, passages: tuple[str, ...], column: int) -> CellView:
    shown = [corpus.passages[p] for p in passages[:CELL_PASSAGES]]
    more = len(passages) - len(shown)
    return CellView(
        passages=tuple(
            CellPassage(
                id=p.id,
                key=str(column),
                text=p.statements[0],
                where=f"{byline(corpus.sources[p.source])}, {place(p.locator)}",
                standing=standing_word(corpus.sources[p.source].standing),
            )
            for p in shown
        ),
        more=t("explore.cell_more", n=more) if more else "",
        empty="" if passages else t("explore.cell_empty"),
    )


def _compare_table(found: Comparison, labels: list[str], corpus: Corpus) -> Table:
    """One row for each passage of each side, so that every cell keeps its citation."""
    rows = [
        (named("stage", stage, corpus), label, p, corpus.passages[p].text if p else t("explore.cell_empty"))
        for stage, cells in found.rows
        for label, cell in zip(labels, cells, strict=True)
        for p in (cell.passages or ("",))
    ]
    columns = tuple(t(f"explore.col_{x}") for x in ("stage", "side", "passage", "text"))
    return Table(title=t("explore.compare_caption"), columns=columns, rows=tuple(rows))


def _subject(held: Holdings, subject: Subject) -> str:
    if subject.facet == "person":
        return held.corpus.persons[subject.value].name
    return f"{t(f'facet.{subject.facet}')}: {named(subject.facet, subject.value, held.corpus)}"


def _offered(held: Holdings) -> tuple[Choices, ...]:
    """Everybody and every group that can be a side, by kind."""
    found = explore(held, Selection())
    people = sorted((held.corpus.persons[x].name, x) for x in held.people)
    groups = [
        Choices(
            label=t(f"facet.{f.name}"),
            options=tuple(
                Choice(
                    id=f"{f.name}={o.value}",
                    label=f"{named(f.name, o.value, held.corpus)} ({o.count})",
                )
                for o in f.options
                if o.value != NOT_STATED and o.count
            ),
        )
        for f in found.facets
        if f.of_people
    ]
    everybody = Choices(
        label=t("explore.persons"), options=tuple(Choice(id=f"person={x}", label=name) for name, x in people)
    )
    return (*groups, everybody)


def balance_view(counted: Stats) -> BalanceView:
    """Whose voices there are, by every trait that is known, and which are missing."""
    total = counted.totals["speakers"]
    return BalanceView(
        lede=t("explore.balance_lede", n=total),
        missing=counted.missing,
        charts=balance_charts(counted),
    )


def balance_charts(counted: Stats) -> tuple[BarsView, ...]:
    total = counted.totals["speakers"]
    made = []
    for facet, counts in counted.speakers.items():
        labels = [t("common.not_stated") if v == NOT_STATED else labelled(facet, v) for v in counts]
        title = t("explore.balance_by", facet=inside(t(f"facet.{facet}")), n=total)
        rows = tuple((label, n, total) for label, n in zip(labels, counts.values(), strict=True))
        columns = (t(f"facet.{facet}"), t("explore.col_people"), t("explore.col_of"))
        nobody = [label for label, n, _ in rows if not n]
        most = max(rows, key=lambda r: r[1])
        alt = t("explore.balance_alt", title=title, top=most[0], count=most[1], n=total)
        made.append(
            BarsView(
                caption=title,
                alt=f"{alt} {t('explore.balance_nobody', values=', '.join(nobody))}" if nobody else alt,
                bars=tuple(BarView(label=label, n=n) for label, n, _ in rows),
                table=table_view(Table(title=title, columns=columns, rows=rows), f"people-by-{facet}"),
            )
        )
    return tuple(made)
