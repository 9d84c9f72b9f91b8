"""From the corpus and what a visitor opened to what the Sources page shows: pure functions, no drawing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeVar

from rag.answer.cite import basis_notices
from rag.corpus import Corpus
from rag.corpus.ids import Tombstone
from rag.corpus.stats import stats
from rag.model import Frozen, Person, SourceFile, Term
from rag.text import fold
from rag.web.choices import BarsView, CardsView, cards, paged
from rag.web.evidence import EvidenceView, byline, evidence, standing_word
from rag.web.exploring import Choice, balance_charts
from rag.web.support import CallView, HelpView, ServiceView, help_view
from rag.web.words import day, labelled, number, t

Tab = Literal["sources", "people", "words", "help", "corpus"]
TABS: tuple[Tab, ...] = ("sources", "people", "words", "help", "corpus")
A_PAGE = 20
NEWEST = 40  # changes that are listed
FROM_CORPUS = (
    "method",
    "basis",
    "standing",
    "rights",
    "sources",
    "legal_source",
    "notes",
)  # facts in its own words
T = TypeVar("T")


class State(Frozen):
    """What a visitor has opened on this page so far."""

    tab: Tab = "sources"
    query: str = ""
    page: int = 1
    detail: str | None = None
    detail_page: int = 1
    opened: str | None = None


class FactView(Frozen):
    """A line of a card; `english` where the corpus wrote the text, not the catalogue."""

    term: str
    text: str
    english: bool = False


class ItemView(Frozen):
    """One line of a shelf; without an id it opens nothing."""

    id: str
    title: str
    byline: str
    badge: str = ""
    text: str = ""
    note: str = ""


class ListView(Frozen):
    heading: str
    items: tuple[ItemView, ...]
    page: int
    pages: int


class SearchView(Frozen):
    label: str
    query: str


class NoteLine(Frozen):
    when: str
    text: str


class SectionView(Frozen):
    title: str
    lede: str
    items: tuple[NoteLine, ...]
    open: bool


class DetailView(Frozen):
    key: str
    heading: str
    byline: str
    badge: str
    badge_note: str
    lede: str
    legal: str
    url: str
    link: str
    facts: tuple[FactView, ...]
    sections: tuple[SectionView, ...]
    passages: CardsView


class CountryLine(Frozen):
    """A country of the help list, in the form that the help panel draws, with how fresh its rows are."""

    code: str
    note: str
    emergency: tuple[CallView, ...]
    services: tuple[ServiceView, ...]
    directory: str


class ServicesView(Frozen):
    heading: str
    help: HelpView
    countries: tuple[CountryLine, ...]


class ChangeView(Frozen):
    date: str
    when: str
    kind: str
    text: str


class HoldingsView(Frozen):
    facts: tuple[FactView, ...]
    missing: tuple[str, ...]
    charts: tuple[BarsView, ...]
    changes_lede: str
    changes: tuple[ChangeView, ...]


class SourcesView(Frozen):
    """All that the Sources page's component gets."""

    state: str
    status: str
    problem: str
    tab: Tab
    tabs: tuple[Choice, ...]
    lede: str
    search: SearchView | None = None
    notice: str = ""
    list: ListView | None = None
    detail: DetailView | None = None
    services: ServicesView | None = None
    holdings: HoldingsView | None = None
    evidence: EvidenceView | None = None


def opening(state: tuple[str, str, str]) -> SourcesView:
    """The page while the collection is not open."""
    return SourcesView(state=state[0], status=state[1], problem=state[2], tab="sources", tabs=(), lede="")


def shelves(
    corpus: Corpus,
    state: State,
    today: dt.date,
    stones: Mapping[str, Tombstone],
    *,
    status: str = "",
    notice: str = "",
) -> SourcesView:
    """The page of one state. `stones` are the ids that were removed; `notice` says why a link led nowhere."""
    listed = {"sources": _sources, "people": _people, "words": _words}.get(state.tab)
    detail = _detail(corpus, state, today) if state.detail else None
    opened = state.opened if state.opened in corpus.passages else None
    return SourcesView(
        state="ready",
        status=status,
        problem="",
        tab=state.tab,
        tabs=tuple(Choice(id=x, label=t(f"sources.tab_{x}")) for x in TABS),
        lede=t(f"sources.lede_{state.tab}"),
        search=SearchView(label=t(f"sources.search_{state.tab}"), query=state.query)
        if listed and not detail
        else None,
        notice=notice,
        list=listed(corpus, state, today) if listed and not detail else None,
        detail=detail,
        services=_services(corpus, today) if state.tab == "help" else None,
        holdings=_holdings(corpus, stones) if state.tab == "corpus" else None,
        evidence=evidence(corpus, opened, None, None, today, heading=t("evidence.passage"))
        if opened
        else None,
    )


def linked(corpus: Corpus, stones: Mapping[str, Tombstone], passage: str) -> tuple[State, str]:
    """Where a shared link to a passage or statement leads, and what to say where it leads nowhere any more."""
    wanted = passage.partition("#")[0]
    if wanted in corpus.passages:
        source = corpus.passages[wanted].source
        return State(detail=source, opened=wanted, detail_page=_page_of(corpus, source, wanted)), ""
    stone = stones.get(passage) or stones.get(wanted) or stones.get(wanted.partition("/")[0])
    if stone is not None:
        return State(), t("sources.removed", id=wanted, date=day(stone.removed_on))
    return State(), t("sources.unknown", id=wanted[:80])


def _page_of(corpus: Corpus, source: str, passage: str) -> int:
    ids = [p.id for p in corpus.passages.values() if p.source == source]
    return ids.index(passage) // 8 + 1


# --- shelves ----------------------------------------------------------------------------------------------------------


def _sources(corpus: Corpus, state: State, today: dt.date) -> ListView:
    def words(file: SourceFile) -> str:
        s = file.source
        kind = labelled("source_kind", s.kind)
        return " ".join(
            (s.title, *s.authors, s.publisher, s.published, kind, s.summary, standing_word(s.standing))
        )

    files = _matching(sorted(corpus.files, key=lambda f: f.source.title.lower()), state.query, words)

    def item(file: SourceFile) -> ItemView:
        s = file.source
        kind, count = labelled("source_kind", s.kind), t("sources.n_passages", n=len(file.passages))
        return ItemView(
            id=s.id,
            title=s.title,
            byline=f"{byline(s)} · {kind} · {count}",
            badge=standing_word(s.standing),
            text=s.summary,
        )

    return _listed(files, state.page, item, "sources.n_sources", len(corpus.files))


def _people(corpus: Corpus, state: State, today: dt.date) -> ListView:
    def words(p: Person) -> str:
        return " ".join(
            (p.name, *p.aliases, *p.described_as, *p.nationality, *p.group, *p.role, p.description)
        )

    found = _matching(sorted(corpus.people, key=lambda p: p.name.lower()), state.query, words)

    def item(p: Person) -> ItemView:
        return ItemView(
            id=p.id,
            title=p.name,
            byline=" · ".join(
                (labelled("voice", p.voice), t("sources.n_passages", n=len(corpus.by_person[p.id])))
            ),
            text=p.description,
            note=_legal(p),
        )

    return _listed(found, state.page, item, "sources.n_people", len(corpus.people))


def _words(corpus: Corpus, state: State, today: dt.date) -> ListView:
    def words(term: Term) -> str:
        return " ".join((term.term, *term.aliases, term.definition))

    found = _matching(sorted(corpus.terms, key=lambda x: x.term.lower()), state.query, words)

    def item(term: Term) -> ItemView:
        also = t("sources.also", names=", ".join(term.aliases[:6])) if term.aliases else ""
        kind = labelled("term_kind", term.kind)
        return ItemView(
            id="", title=term.term, byline=f"{kind} · {also}" if also else kind, text=term.definition
        )

    return _listed(found, state.page, item, "sources.n_words", len(corpus.terms))


def _matching(items: Iterable[T], query: str, words: Callable[[T], str]) -> list[T]:
    """The items that have every word of the query somewhere, whatever its accents and case."""
    wanted = fold(query).split()
    return [i for i in items if all(w in fold(words(i)) for w in wanted)] if wanted else list(items)


def _listed(found: list[T], page: int, item: Callable[[T], ItemView], key: str, total: int) -> ListView:
    shown, page, pages = paged(found, page, A_PAGE)
    return ListView(
        heading=t(key, n=len(found), total=total), items=tuple(map(item, shown)), page=page, pages=pages
    )


def _legal(person: Person) -> str:
    status = person.legal_status
    return t("sources.legal", text=status.text, date=day(status.as_of)) if status else ""


# --- one source, one person -------------------------------------------------------------------------------------------


def _detail(corpus: Corpus, state: State, today: dt.date) -> DetailView | None:
    if state.tab == "sources" and state.detail in corpus.sources:
        return _source(corpus, state)
    person = corpus.persons.get(state.detail or "")
    return _person(corpus, person, state) if state.tab == "people" and person else None


def _source(corpus: Corpus, state: State) -> DetailView:
    file = next(f for f in corpus.files if f.source.id == state.detail)
    s, ids = file.source, [p.id for p in file.passages]
    left = [
        NoteLine(when=_paragraphs(x.covers), text=f"{x.part}: {x.reason}" if x.part else x.reason)
        for x in file.left_out
    ]
    notes = [NoteLine(when=day(n.date), text=n.note) for n in s.editorial_notes]
    return DetailView(
        key=s.id,
        heading=s.title,
        byline=byline(s),
        badge=standing_word(s.standing),
        badge_note=s.standing_note if s.standing != "good" else "",
        lede=s.summary,
        legal="",
        url=s.url,
        link=f"/sources?source={s.id}",
        facts=_facts(
            by=", ".join(s.authors) or t("evidence.no_author"),
            published=f"{day(s.published)}, {s.publisher}",
            kind=labelled("source_kind", s.kind),
            method=s.method,
            rendering=t(f"evidence.rendering_{s.rendering}"),
            basis=" ".join(n.text for n in basis_notices([s])),
            standing=s.standing_note if s.standing == "good" else "",
            as_of=day(s.as_of),
            coverage=_coverage(file),
            people=", ".join(_names(corpus, file)),
            rights=s.rights,
        ),
        sections=(
            SectionView(
                title=t("sources.editorial", n=len(notes)),
                lede=t("sources.editorial_lede"),
                items=tuple(notes),
                open=bool(notes) and s.standing != "good",
            ),
            SectionView(
                title=t("sources.left_out", n=len(left)),
                lede=t("sources.left_out_lede"),
                items=tuple(left),
                open=False,
            ),
        ),
        passages=cards(corpus, ids, state.detail_page, t("sources.passages", n=len(ids)), state.opened),
    )


def _facts(**texts: str) -> tuple[FactView, ...]:
    return tuple(
        FactView(term=t(f"sources.fact_{k}"), text=v, english=k in FROM_CORPUS) for k, v in texts.items() if v
    )


def _coverage(file: SourceFile) -> str:
    told = {n for p in file.passages for n in p.locator.paragraphs}
    whole = {n for x in file.left_out if x.part is None for n in x.covers} - told
    if not told:
        return t("sources.n_passages", n=len(file.passages))
    return t("sources.coverage", told=len(told), left=len(whole), n=len(file.passages))


def _names(corpus: Corpus, file: SourceFile) -> list[str]:
    told = Counter(x for p in file.passages for x in p.people if x in corpus.persons)
    names = [corpus.persons[x].name for x, _ in told.most_common()]
    return [*names[:12], t("evidence.and_others")] if len(names) > 12 else names


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _paragraphs(covers: range) -> str:
    return str(covers.start) if len(covers) == 1 else f"{covers.start}–{covers.stop - 1}"


def _person(corpus: Corpus, p: Person, state: State) -> DetailView:
    ids = corpus.by_person[p.id]
    same = [
        NoteLine(
            when=t(f"sources.same_{link.confidence}", name=corpus.persons[link.person].name),
            text=" ".join(
                (
                    t("sources.same_for", points="; ".join(link.evidence_for) or t("explore.none")),
                    t("sources.same_against", points="; ".join(link.evidence_against) or t("explore.none")),
                )
            ),
        )
        for link in p.same_as
        if link.person in corpus.persons
    ]
    age = "" if p.age is None else t("sources.age", age=p.age, date=day(p.age_as_of or ""))
    sections = [
        SectionView(title=t("sources.same"), lede=t("sources.same_lede"), items=tuple(same), open=True)
    ]
    return DetailView(
        key=p.id,
        heading=p.name,
        byline=labelled("voice", p.voice),
        badge="",
        badge_note="",
        lede=p.description,
        legal=_legal(p),
        url="",
        link=f"/sources?person={p.id}",
        facts=_facts(
            name_note=_capital(t("evidence.changed_name")) if p.is_pseudonym else "",
            aliases=", ".join(p.aliases),
            country=", ".join(labelled("country", x) for x in p.nationality),
            age=age,
            role=", ".join(labelled("role", r) for r in p.role),
            group=", ".join(p.group),
            ideology=labelled("ideology", p.ideology) if p.ideology else "",
            sources=", ".join(corpus.sources[s].title for s in p.sources if s in corpus.sources),
            legal_source=p.legal_status.source if p.legal_status else "",
            notes=p.notes or "",
        ),
        sections=tuple(sections) if same else (),
        passages=cards(corpus, ids, state.detail_page, t("sources.passages", n=len(ids)), state.opened),
    )


# --- help services and the corpus -------------------------------------------------------------------------------------


def _services(corpus: Corpus, today: dt.date) -> ServicesView:
    """Every service that may be shown today, by country; how many wait for a check is said, not which."""
    shown = help_view(corpus.support, None, today)
    fresh = [s for s in corpus.support.services if s.shown_on(today)]
    waiting = len(corpus.support.services) - len(fresh)
    oldest = min((s.checked_on for s in fresh if s.checked_on), default="")
    return ServicesView(
        heading=t("sources.help_heading", n=len(fresh), oldest=day(oldest), waiting=waiting),
        help=shown,
        countries=tuple(
            CountryLine(
                code=c.code,
                note=t("sources.n_services", n=len(c.services)),
                emergency=c.emergency,
                services=c.services,
                directory=c.directory,
            )
            for c in shown.countries
        ),
    )


def _holdings(corpus: Corpus, stones: Mapping[str, Tombstone]) -> HoldingsView:
    counted = stats(corpus)
    totals = {k: number(v) for k, v in counted.totals.items()}
    changes = [
        *(
            ChangeView(
                date=n.date,
                when=day(n.date),
                kind=t("sources.change_note"),
                text=f"{f.source.title}: {n.note}",
            )
            for f in corpus.files
            for n in f.source.editorial_notes
        ),
        *(
            ChangeView(
                date=p.legal_status.as_of,
                when=day(p.legal_status.as_of),
                kind=t("sources.change_legal"),
                text=p.legal_status.text,
            )
            for p in corpus.people
            if p.legal_status and p.legal_status.status not in ("unknown", "not_charged")
        ),
        *(
            ChangeView(date=s.removed_on, when=day(s.removed_on), kind=t("sources.change_removed"), text=s.id)
            for s in stones.values()
        ),
    ]
    changes.sort(key=lambda c: c.date, reverse=True)
    return HoldingsView(
        facts=_facts(version=corpus.version, **totals),
        missing=counted.missing,
        charts=balance_charts(counted),
        changes_lede=t("sources.changes_lede", n=min(NEWEST, len(changes)), total=len(changes)),
        changes=tuple(changes[:NEWEST]),
    )
