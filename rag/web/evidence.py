"""The evidence panel: a passage in its context, who speaks, and how far the source can be trusted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from urllib.parse import quote

from rag.answer import cite
from rag.corpus import Corpus
from rag.export import STYLES, Style, citation
from rag.export.cite import LABELS
from rag.model import Frozen, Passage, Person, Source, Standing
from rag.web.ask_back import AskedBack, asked_back
from rag.web.labels import place
from rag.web.words import day, labelled, listed, t

EXPLAINED = ("word", "organisation", "group", "person_term", "event")


class PartView(Frozen):
    text: str
    marked: bool


class PassageView(Frozen):
    where: str
    parts: tuple[PartView, ...]


class PersonView(Frozen):
    name: str
    description: str


class NoteView(Frozen):
    date: str
    text: str
    source: str


class TermView(Frozen):
    term: str
    definition: str


class CardView(Frozen):
    title: str
    authors: str
    published: str
    publisher: str
    kind: str
    method: str
    rights: str
    url: str
    as_of: str


class CitationView(Frozen):
    """A citation in one style; `file` names what it is downloaded as, where it is not for reading."""

    style: str
    text: str
    file: str = ""


class EvidenceView(Frozen):
    key: str
    heading: str
    byline: str
    basis: str
    standing: str
    standing_note: str
    rendering: str
    before: PassageView | None
    passage: PassageView
    after: PassageView | None
    people: tuple[PersonView, ...]
    status: tuple[str, ...]
    notes: tuple[NoteView, ...]
    terms: tuple[TermView, ...]
    card: CardView
    citations: tuple[CitationView, ...]
    link: str
    ask_back: tuple[AskedBack, ...]


def evidence(
    corpus: Corpus,
    passage_id: str,
    statement: str | None,
    number: int | None,
    today: dt.date,
    heading: str = "",
) -> EvidenceView:
    """What the panel shows of one passage; `statement` is the id of the sentence to highlight, if one was cited."""
    before, passage, after = corpus.neighbours(passage_id)
    source = corpus.sources[passage.source]
    said = cite.notices([passage], corpus, today)
    people = [corpus.persons[p] for p in passage.people if p in corpus.persons]
    return EvidenceView(
        key=f"{statement or passage_id}@{number}",
        heading=heading or (t("evidence.citation_n", n=number) if number else t("evidence.nearby")),
        byline=told_in(people, source),
        standing=standing_word(source.standing),
        standing_note=source.standing_note if source.standing != "good" else "",
        basis=" ".join(n.text for n in said if n.kind == "basis"),
        rendering=t(f"evidence.rendering_{source.rendering}"),
        before=_passage(before, None) if before else None,
        passage=_passage(passage, statement),
        after=_passage(after, None) if after else None,
        people=tuple(_person(p) for p in people),
        status=tuple(n.text for n in said if n.kind in ("legal_status", "identity")),
        notes=tuple(
            NoteView(date=day(n.date), text=n.note, source=n.source) for n in corpus.notes_of(passage)
        ),
        terms=terms(corpus, passage),
        card=_card(source),
        citations=in_styles(corpus, passage, today),
        link=link_to(passage.id),
        ask_back=asked_back(corpus, passage),
    )


def standing_word(standing: Standing) -> str:
    """How a standing is called on the page; empty for a source in good standing."""
    return "" if standing == "good" else t(f"standing.{standing}")


def link_to(passage: str) -> str:
    """The address of a passage on this page, to be shared."""
    return f"/sources?passage={quote(passage, safe='')}"


def byline(source: Source) -> str:
    """Who made a source, and when, as short as a reader needs to tell sources apart."""
    who = listed(source.authors) or source.publisher.partition(" (")[0]
    return f"{who}, {source.published[:4]}"


def told_in(people: Sequence[Person], source: Source) -> str:
    """Who is heard in a passage and in which source, on one line."""
    names = ", ".join(p.name for p in people[:3]) + (
        f" {t('evidence.and_others')}" if len(people) > 3 else ""
    )
    return t("evidence.told_in", names=names, source=byline(source)) if names else byline(source)


def in_styles(corpus: Corpus, passage: Passage, today: dt.date) -> tuple[CitationView, ...]:
    """The citation of a passage in every style; records for reference managers come as files."""
    ends: dict[Style, str] = {"bibtex": "bib", "ris": "ris"}
    return tuple(
        CitationView(
            style=LABELS[style],
            text=citation(passage.id, style, corpus, today),
            file=f"citation.{ends[style]}" if style in ends else "",
        )
        for style in STYLES
    )


def terms(corpus: Corpus, passage: Passage) -> tuple[TermView, ...]:
    """The glossary's words that occur in a passage."""
    return tuple(
        TermView(term=t.term, definition=t.definition)
        for t in corpus.terms
        if t.kind in EXPLAINED and any(_occurs(form, passage.text) for form in (t.term, *t.aliases))
    )


def _occurs(form: str, text: str) -> bool:
    # The plain test first: hundreds of forms are tried on each passage, and few of them are in it.
    return form in text and re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None


def _passage(passage: Passage, marked: str | None) -> PassageView:
    parts = tuple(PartView(text=s.text, marked=s.id == marked) for s in passage.cited())
    return PassageView(where=_capital(place(passage.locator)), parts=parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _person(person: Person) -> PersonView:
    alias = f" ({t('evidence.changed_name')})" if person.is_pseudonym else ""
    return PersonView(name=f"{person.name}{alias}", description=person.description)


def _card(source: Source) -> CardView:
    return CardView(
        title=source.title,
        authors=", ".join(source.authors) or t("evidence.no_author"),
        published=day(source.published),
        publisher=source.publisher,
        kind=labelled("source_kind", source.kind),
        method=source.method,
        rights=source.rights,
        url=source.url,
        as_of=day(source.as_of),
    )
