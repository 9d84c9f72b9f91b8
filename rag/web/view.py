"""From the conversation and the corpus to what the page shows: pure functions, no drawing.

The texts here are drawn as text, never as markup, so nothing is escaped and nothing needs to be.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rag.corpus import Corpus
from rag.corpus.stats import speakers
from rag.explore import Holdings, Selection, explore
from rag.model import Citation, Filters, Frozen, Notice, NoticeKind, Outcome, Sentence
from rag.retrieve import WEIGHTS
from rag.store import KINDS as KINDS_OF_FEEDBACK
from rag.text import fold
from rag.web.choices import ChipView, FacetView, chips, facet_view
from rag.web.conversation import Conversation, Exchange, Opened
from rag.web.evidence import EvidenceView, byline, evidence, standing_word
from rag.web.exporting import EXPORTS, FileView
from rag.web.labels import named, place
from rag.web.support import HelpPartView, help_parts
from rag.web.words import ENGLISH, inside, language, listed, t

REASONS = {
    "statement": "sentence",
    "question": "question",
    "questions": "question",
    "passage": "passage",
    "bm25_people": "person",
    "bm25_context": "words",
    "person": "person",
    "theme": "theme",
    "tags": "theme",
}
SHOWN_QUESTION = 400  # characters of a question that the page repeats

EXAMPLES = ("went", "leave", "videos", "doubt", "trust", "interviews")  # ask.example_… in the catalogue

BEFORE: tuple[NoticeKind, ...] = ("content", "gap", "language", "mode")
KINDS: tuple[NoticeKind, ...] = (*BEFORE, "standing", "legal_status", "identity", "representativeness")


class CiteView(Frozen):
    n: int
    statement: str
    label: str
    open: bool


class SentenceView(Frozen):
    text: str
    cites: tuple[CiteView, ...]


class NoticeView(Frozen):
    kind: str
    label: str
    text: str


class NearbyView(Frozen):
    statement: str
    text: str
    where: str
    open: bool


class FactView(Frozen):
    term: str
    text: str


class WhyView(Frozen):
    """Why a passage came up for a question."""

    passage: str
    where: str
    why: str


class DetailsView(Frozen):
    facts: tuple[FactView, ...]
    passages: tuple[WhyView, ...]


class ChoiceView(Frozen):
    id: str
    label: str


class FeedbackView(Frozen):
    kinds: tuple[ChoiceView, ...]
    words: bool
    sent: bool


class ExchangeView(Frozen):
    id: int
    question: str
    understood: str
    scope: str
    outcome: str
    busy: bool
    stopped: bool
    status: str
    problem: str
    lead: str
    help: tuple[HelpPartView, ...]
    before: tuple[NoticeView, ...]
    paragraphs: tuple[tuple[SentenceView, ...], ...]
    nearby: tuple[NearbyView, ...]
    after: tuple[NoticeView, ...]
    editorial: tuple[str, ...]
    details: DetailsView | None
    feedback: FeedbackView | None
    suggestions: tuple[str, ...]
    announced_in_english: str
    announcement: str


class SourceLine(Frozen):
    title: str
    byline: str
    standing: str
    cites: tuple[CiteView, ...]


class AboutView(Frozen):
    holds: str
    private: str
    examples: tuple[str, ...]


class ReaderView(Frozen):
    id: str
    label: str
    chosen: bool


class ScopeView(Frozen):
    """Which part of the corpus answers may draw on, and for whom they are worded."""

    summary: str
    chips: tuple[ChipView, ...]
    facets: tuple[FacetView, ...]
    readers: tuple[ReaderView, ...]


class PageView(Frozen):
    """All that the page's component gets."""

    state: str
    status: str
    problem: str
    about: AboutView | None
    notes: tuple[str, ...]
    thread: tuple[ExchangeView, ...]
    sources: tuple[SourceLine, ...]
    evidence: EvidenceView | None
    scope: ScopeView | None
    exports: tuple[ChoiceView, ...]
    file: FileView | None


def page(
    conversation: Conversation,
    corpus: Corpus | None,
    held: Holdings | None,
    *,
    status: str,
    problem: str,
    today: dt.date,
    feedback: bool = False,
    under_16: bool = False,
    sent: bool = False,
    readers: Sequence[str] = (),
) -> PageView:
    """The whole page. `readers` are those that answers can be worded for; none where that makes no difference.

    Without a corpus (still opening, or unusable) it is no more than the status or the problem.
    """
    ready = corpus is not None
    exchanges = conversation.exchanges
    opened = conversation.opened
    return PageView(
        state="failed" if problem else "ready" if ready else "opening",
        status=status,
        problem=problem,
        about=about(corpus, sent=sent) if corpus and not exchanges else None,
        notes=(t("ask.under_16"),) if ready and under_16 else (),
        thread=tuple(
            exchange_view(e, corpus, opened, feedback=feedback, words=not under_16) for e in exchanges
        ),
        sources=source_lines(exchanges[-1], corpus) if corpus and exchanges else (),
        evidence=_evidence(exchanges, opened, corpus, today) if corpus and opened else None,
        scope=scope_view(conversation.scope, held, readers, conversation.reader) if held else None,
        exports=tuple(ChoiceView(id=e, label=t(f"ask.export_{e}")) for e in EXPORTS)
        if any(e.answer and e.answer.citations for e in exchanges)
        else (),
        file=conversation.file,
    )


def exchange_view(
    exchange: Exchange,
    corpus: Corpus | None,
    opened: Opened | None,
    *,
    feedback: bool = False,
    words: bool = True,
) -> ExchangeView:
    """One question with as much of its answer as there is. `feedback` offers to say something; `words`, in words."""
    answer = exchange.answer
    abstained = answer is not None and not exchange.sentences
    supported = answer is not None and answer.outcome is Outcome.SUPPORTED
    notices = answer.notices if answer else tuple(exchange.notices)
    cites = cite_views(exchange, corpus, opened)
    return ExchangeView(
        id=exchange.id,
        question=shown_question(exchange.question),
        understood=understood(exchange),
        scope=t("ask.within", what=_chosen(exchange.scope, corpus)) if exchange.scope and corpus else "",
        outcome=answer.outcome if answer else "",
        busy=exchange.busy,
        stopped=exchange.stopped,
        status=exchange.status if language() == ENGLISH else "",  # then the page has a word of its own
        problem=exchange.problem,
        lead=answer.text if answer and abstained and not supported else "",
        help=help_parts(answer, corpus.support) if answer and corpus and supported else (),
        before=_notices(notices, [k for k in BEFORE if not (abstained and k == "gap")]),
        paragraphs=paragraphs(exchange.sentences, cites),
        nearby=nearby(exchange, corpus, opened) if corpus else (),
        after=_notices(notices, [k for k in KINDS if k not in BEFORE]),
        editorial=tuple(n.text.removeprefix("Editorial note ") for n in notices if n.kind == "note"),
        details=details(exchange, corpus) if corpus else None,
        feedback=feedback_view(exchange, words=words) if feedback else None,
        suggestions=answer.suggestions if answer else (),
        announced_in_english=announced_in_english(exchange),
        announcement=announcement(exchange),
    )


def shown_question(question: str) -> str:
    """The question as typed, without control characters, and cut where it would fill the screen."""
    plain = "".join(c for c in question if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    if len(plain) <= SHOWN_QUESTION:
        return plain
    return t("ask.cut", start=plain[:SHOWN_QUESTION].rstrip(), n=len(question))


def understood(exchange: Exchange) -> str:
    """The question that was answered, where it is not what was typed."""
    alone = exchange.answer.standalone_question if exchange.answer else ""
    same = " ".join(fold(alone).split()) == " ".join(fold(exchange.question).split())
    return "" if same else alone


def cite_views(exchange: Exchange, corpus: Corpus | None, opened: Opened | None) -> dict[str, CiteView]:
    """The button of each cited statement of an exchange."""
    chosen = opened.statement if opened and opened.exchange == exchange.id else None
    return {
        c.statement: CiteView(
            n=c.n, statement=c.statement, label=_cite_label(c, corpus), open=c.statement == chosen
        )
        for c in exchange.citations
    }


def _cite_label(citation: Citation, corpus: Corpus | None) -> str:
    standing = corpus.sources[citation.source].standing if corpus else "good"
    doubt = "" if standing == "good" else f" ({inside(standing_word(standing))})"
    who = f"{citation.person}, " if citation.person else ""
    where = place(corpus.passages[citation.passage].locator) if corpus else citation.locator
    return t("ask.cite", n=citation.n, where=f"{who}{where}", title=f"{citation.title}{doubt}")


def paragraphs(
    sentences: Sequence[Sentence], cites: dict[str, CiteView]
) -> tuple[tuple[SentenceView, ...], ...]:
    """The sentences in their order: the first alone, since it answers; the rest together by the source they cite."""
    views = [
        SentenceView(text=s.text, cites=tuple(cites[c] for c in s.citations if c in cites)) for s in sentences
    ]
    rest = groupby(views[1:], key=lambda v: v.cites[0].statement.partition("/")[0] if v.cites else "")
    return (*((view,) for view in views[:1]), *(tuple(group) for _, group in rest))


def _notices(notices: Sequence[Notice], kinds: Sequence[NoticeKind]) -> tuple[NoticeView, ...]:
    return tuple(
        NoticeView(kind=n.kind, label=t(f"notice.{n.kind}"), text=n.text)
        for k in kinds
        for n in notices
        if n.kind == k
    )


def nearby(exchange: Exchange, corpus: Corpus, opened: Opened | None) -> tuple[NearbyView, ...]:
    """Statements near a question that was not answered: offered to read in their passages, not cited."""
    found = exchange.answer.nearby if exchange.answer else ()
    here = opened.statement if opened and opened.exchange == exchange.id else None
    known = (corpus.statements[s] for s in found if s in corpus.statements)
    return tuple(
        NearbyView(statement=s.id, text=s.text, where=_where(s.passage, corpus), open=s.id == here)
        for s in known
    )


def _where(passage_id: str, corpus: Corpus) -> str:
    passage = corpus.passages[passage_id]
    return f"{corpus.sources[passage.source].title}, {place(passage.locator)}"


def announcement(exchange: Exchange) -> str:
    """What a screen reader says once, when there is nothing more to come."""
    if exchange.stopped:
        return t("ask.stopped")
    if exchange.problem:
        return exchange.problem
    if exchange.answer is None:
        return ""
    if exchange.answer.outcome is Outcome.SUPPORTED:
        return exchange.answer.text
    count = len(exchange.citations)
    return t("ask.citations", n=count) if count else t("ask.no_citations")


def announced_in_english(exchange: Exchange) -> str:
    """What it says before that: the words of the corpus and the library, which a screen reader must read as English."""
    answer = exchange.answer
    if exchange.stopped or exchange.problem or answer is None or answer.outcome is Outcome.SUPPORTED:
        return ""
    gap = " ".join(n.text for n in exchange.notices if n.kind in BEFORE) if exchange.sentences else ""
    said = " ".join(s.text for s in exchange.sentences) or answer.text
    return " ".join(x for x in (gap, said) if x)


def source_lines(exchange: Exchange, corpus: Corpus) -> tuple[SourceLine, ...]:
    """The sources of an answer, each with the numbers that cite it."""
    cites = cite_views(exchange, corpus, None)
    ids = dict.fromkeys(c.source for c in exchange.citations)
    return tuple(
        SourceLine(
            title=corpus.sources[i].title,
            byline=byline(corpus.sources[i]),
            standing=standing_word(corpus.sources[i].standing),
            cites=tuple(cites[c.statement] for c in exchange.citations if c.source == i),
        )
        for i in ids
    )


def _evidence(
    exchanges: Sequence[Exchange], opened: Opened, corpus: Corpus, today: dt.date
) -> EvidenceView | None:
    exchange = next((e for e in exchanges if e.id == opened.exchange), None)
    if exchange is None or opened.passage not in corpus.passages:
        return None
    number = next((c.n for c in exchange.citations if c.statement == opened.statement), None)
    return evidence(corpus, opened.passage, opened.statement, number, today)


def about(corpus: Corpus, *, sent: bool = False) -> AboutView:
    """What the corpus holds, counted, and questions to begin with; `sent`: whether questions leave this machine."""
    told = speakers(corpus)
    groups = set.intersection(*(set(p.group) for p in told)) if told else set()
    counts = {"sources": len(corpus.sources), "people": len(told)}
    holds = (
        t("ask.holds_one_group", **counts, groups=listed(sorted(groups)))
        if groups
        else t("ask.holds", **counts)
    )
    private = t("ask.fact_sent" if sent else "ask.fact_private")
    return AboutView(
        holds=holds, private=private, examples=tuple(t(f"ask.example_{name}") for name in EXAMPLES)
    )


def scope_view(chosen: Selection, held: Holdings, readers: Sequence[str] = (), reader: str = "") -> ScopeView:
    """The filters of the conversation, as facets with counts; only what retrieval can filter by is offered."""
    found = explore(held, chosen)
    offered = [f for f in found.facets if f.name in Filters.model_fields]
    return ScopeView(
        summary=t("ask.scope_some", n=len(found.passages), total=found.total_passages)
        if chosen
        else t("ask.scope_all"),
        chips=chips(chosen, held.corpus),
        facets=tuple(facet_view(f, held.corpus, stated_only=True) for f in offered),
        readers=tuple(ReaderView(id=r, label=t(f"ask.reader_{r}"), chosen=r == reader) for r in readers),
    )


def _chosen(filters: Filters, corpus: Corpus) -> str:
    """The filters of an answer in words."""
    return "; ".join(
        f"{t(f'facet.{name}')}: {', '.join(named(name, v, corpus) for v in values)}"
        for name, values in filters.model_dump().items()
        if values
    )


def feedback_view(exchange: Exchange, *, words: bool = True) -> FeedbackView | None:
    """What can be said about an answer; None while there is none, and never for somebody who was offered help."""
    if exchange.answer is None or exchange.answer.outcome is Outcome.SUPPORTED:
        return None
    kinds = tuple(ChoiceView(id=k, label=t(f"ask.feedback_{k}")) for k in KINDS_OF_FEEDBACK)
    return FeedbackView(kinds=kinds, words=words, sent=exchange.feedback_sent)


def details(exchange: Exchange, corpus: Corpus) -> DetailsView | None:
    """How an answer came about; None while there is none, and for answers that looked nothing up."""
    answer = exchange.answer
    if answer is None or not answer.trace.get("passages"):
        return None
    facts = [
        FactView(term=t("ask.detail_question"), text=answer.standalone_question),
        FactView(term=t("ask.detail_mode"), text=t(f"ask.mode_{answer.mode}", model=answer.model or "")),
        FactView(term=t("ask.detail_version"), text=answer.corpus_version),
        FactView(term=t("ask.detail_time"), text=t("ask.milliseconds", n=round(answer.timing_ms["total"]))),
    ]
    cited = {c.passage: c.n for c in reversed(answer.citations)}
    found = [p for p in answer.trace["passages"] if p["passage"] in corpus.passages]
    shown = [p for p in found if p["passage"] in cited] or found[:3]
    return DetailsView(facts=tuple(facts), passages=tuple(_why(p, cited, corpus) for p in shown))


def _why(found: Mapping[str, Any], cited: Mapping[str, int], corpus: Corpus) -> WhyView:
    """Whether a passage is about a person who was named, and the two other parts of its score that weighed most."""
    parts = {**found, "passage": found["whole_passage"]}
    weighed = {
        t(f"why.{reason}"): WEIGHTS[p] * parts[p] for p, reason in REASONS.items() if parts.get(p, 0) > 0
    }
    named = t("why.person")
    reasons = [named] if weighed.pop(named, 0) else []
    reasons += sorted(weighed, key=lambda r: -weighed[r])[:2]
    passage = corpus.passages[found["passage"]]
    number = f"[{cited[passage.id]}] " if passage.id in cited else ""
    return WhyView(
        passage=passage.id,
        where=f"{number}{_where(passage.id, corpus)}",
        why="; ".join(reasons),
    )
