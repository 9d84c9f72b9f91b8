"""From the conversation and the corpus to what the page shows: pure functions, no drawing.

The texts here are drawn as text, never as markup, so nothing is escaped and nothing needs to be.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from itertools import groupby

from rag.corpus import Corpus
from rag.corpus.stats import speakers
from rag.model import Citation, Frozen, Notice, NoticeKind, Outcome, Passage, Sentence, Source
from rag.text import fold
from rag.web.conversation import Conversation, Exchange, Opened
from rag.web.evidence import EvidenceView, byline, evidence, standing_word
from rag.web.support import HelpPartView, HelpView, help_parts

SHOWN_QUESTION = 400  # characters of a question that the page repeats

EXAMPLES = (
    "Why did people go to Syria?",
    "How did people try to leave ISIS?",
    "How did ISIS make its videos?",
    "What made people doubt the group?",
    "Can the story of Abu Huzaifa be trusted?",
    "How were the interviews done?",
)

BEFORE: tuple[NoticeKind, ...] = ("content", "gap", "language", "mode")
LABELS: dict[NoticeKind, str] = {
    "content": "Content note",
    "gap": "Not in the corpus",
    "language": "Language",
    "mode": "How this was answered",
    "standing": "Standing of the source",
    "legal_status": "Legal status",
    "identity": "Identity",
    "representativeness": "How far this goes",
}


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
    passage: str
    text: str
    where: str
    open: bool


class ExchangeView(Frozen):
    id: int
    question: str
    understood: str
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
    suggestions: tuple[str, ...]
    announcement: str


class SourceLine(Frozen):
    title: str
    byline: str
    standing: str
    cites: tuple[CiteView, ...]


class AboutView(Frozen):
    holds: str
    examples: tuple[str, ...]


class PageView(Frozen):
    """All that the page's component gets."""

    state: str
    status: str
    problem: str
    about: AboutView | None
    thread: tuple[ExchangeView, ...]
    sources: tuple[SourceLine, ...]
    evidence: EvidenceView | None
    help: HelpView | None
    neutral_site: str


def page(
    conversation: Conversation,
    corpus: Corpus | None,
    helpers: HelpView | None,
    *,
    status: str,
    problem: str,
    neutral_site: str,
    today: dt.date,
) -> PageView:
    """The whole page. Without a corpus (still opening, or unusable) it is no more than the status or the problem."""
    ready = corpus is not None
    exchanges = conversation.exchanges
    opened = conversation.opened
    return PageView(
        state="failed" if problem else "ready" if ready else "opening",
        status=status,
        problem=problem,
        about=about(corpus) if corpus and not exchanges else None,
        thread=tuple(exchange_view(e, corpus, opened) for e in exchanges),
        sources=source_lines(exchanges[-1], corpus) if corpus and exchanges else (),
        evidence=_evidence(exchanges, opened, corpus, today) if corpus and opened else None,
        help=helpers,
        neutral_site=neutral_site,
    )


def exchange_view(exchange: Exchange, corpus: Corpus | None, opened: Opened | None) -> ExchangeView:
    answer = exchange.answer
    abstained = answer is not None and not exchange.sentences
    supported = answer is not None and answer.outcome is Outcome.SUPPORTED
    notices = answer.notices if answer else tuple(exchange.notices)
    cites = cite_views(exchange, corpus, opened)
    return ExchangeView(
        id=exchange.id,
        question=shown_question(exchange.question),
        understood=understood(exchange),
        outcome=answer.outcome if answer else "",
        busy=exchange.busy,
        stopped=exchange.stopped,
        status=exchange.status,
        problem=exchange.problem,
        lead=answer.text if answer and abstained and not supported else "",
        help=help_parts(answer, corpus.support) if answer and corpus and supported else (),
        before=_notices(notices, [k for k in BEFORE if not (abstained and k == "gap")]),
        paragraphs=paragraphs(exchange.sentences, cites),
        nearby=nearby(exchange, corpus, opened) if corpus else (),
        after=_notices(notices, [k for k in LABELS if k not in BEFORE]),
        editorial=tuple(n.text.removeprefix("Editorial note ") for n in notices if n.kind == "note"),
        suggestions=answer.suggestions if answer else (),
        announcement=announcement(exchange),
    )


def shown_question(question: str) -> str:
    """The question as typed, without control characters, and cut where it would fill the screen."""
    plain = "".join(c for c in question if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    if len(plain) <= SHOWN_QUESTION:
        return plain
    return f"{plain[:SHOWN_QUESTION].rstrip()} … ({len(question):,} characters)"


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
    doubt = "" if standing == "good" else f" ({standing_word(standing).lower()})"
    who = f"{citation.person}, " if citation.person else ""
    return f"Citation {citation.n}: {who}{citation.locator} of {citation.title}{doubt}"


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
        NoticeView(kind=n.kind, label=LABELS[n.kind], text=n.text)
        for k in kinds
        for n in notices
        if n.kind == k
    )


def nearby(exchange: Exchange, corpus: Corpus, opened: Opened | None) -> tuple[NearbyView, ...]:
    """Passages near a question that was not answered: offered to read, not cited."""
    found = exchange.answer.nearby if exchange.answer else ()
    here = opened.passage if opened and opened.exchange == exchange.id and not opened.statement else None
    return tuple(
        NearbyView(
            passage=p.id, text=p.statements[0], where=_where(p, corpus.sources[p.source]), open=p.id == here
        )
        for p in (corpus.passages[i] for i in found if i in corpus.passages)
    )


def _where(passage: Passage, source: Source) -> str:
    return f"{source.title}, {passage.locator}"


def announcement(exchange: Exchange) -> str:
    """What a screen reader says once, when there is nothing more to come."""
    if exchange.stopped:
        return "Stopped."
    if exchange.problem:
        return exchange.problem
    if exchange.answer is None:
        return ""
    if exchange.answer.outcome is Outcome.SUPPORTED:
        return exchange.answer.text
    gap = " ".join(n.text for n in exchange.notices if n.kind in BEFORE) if exchange.sentences else ""
    said = " ".join(s.text for s in exchange.sentences) or exchange.answer.text
    count = len(exchange.citations)
    numbers = f"{count} {'citation' if count == 1 else 'citations'}." if count else "No citations."
    return " ".join(x for x in (gap, said, numbers) if x)


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


def about(corpus: Corpus) -> AboutView:
    """What the corpus holds, counted, and questions to begin with."""
    told = speakers(corpus)
    groups = set.intersection(*(set(p.group) for p in told)) if told else set()
    on = f", all about {' and '.join(sorted(groups))}" if groups else ""
    holds = f"{len(corpus.sources)} sources and {len(told)} people who tell their story{on}."
    return AboutView(holds=holds, examples=EXAMPLES)
