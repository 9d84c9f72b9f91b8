"""A conversation to keep: questions, answers with their quotations, notices, and one bibliography."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from rag.corpus import Corpus
from rag.export.cite import Style, in_text, reference
from rag.export.document import Block, Document, Heading, Items, Paragraph, Run, labelled, paragraph, words
from rag.export.docx import docx
from rag.export.markdown import markdown
from rag.model import Answer, Citation, Frozen, NoticeKind, Outcome

TITLE = "A conversation with Exit Voices"
ABOUT = (
    "Every sentence of an answer rests on a passage of a curated corpus of testimony, retold in the curator's own "
    "words from the source named with it. Testimony says what somebody told; it does not say how common it is."
)
LABELS: dict[NoticeKind, str] = {
    "content": "Content note",
    "gap": "Not in the corpus",
    "language": "Language",
    "mode": "How this was answered",
    "standing": "Standing of the source",
    "legal_status": "Legal status",
    "identity": "Identity",
    "note": "Editorial note",
    "representativeness": "How far this goes",
    "nearby": "Nearby in the corpus, not an answer",
}
BEFORE: tuple[NoticeKind, ...] = ("content", "gap", "language", "mode")


class Exchanged(Frozen):
    """A question as it was typed, and the answer that it got."""

    question: str
    answer: Answer


def conversation_markdown(
    turns: Sequence[Exchanged], corpus: Corpus, accessed: dt.date, style: Style = "apa"
) -> str:
    """The conversation as Markdown; what was typed is escaped, so that it stays words."""
    return markdown(conversation(turns, corpus, accessed, style))


def conversation_docx(
    turns: Sequence[Exchanged], corpus: Corpus, accessed: dt.date, style: Style = "apa"
) -> bytes:
    """The conversation as a Word file with headings, a title and a language."""
    return docx(conversation(turns, corpus, accessed, style))


def conversation(
    turns: Sequence[Exchanged], corpus: Corpus, accessed: dt.date, style: Style = "apa"
) -> Document:
    """The conversation as a document; a statement that has left the corpus since is told without its words."""
    version = next((t.answer.corpus_version for t in turns if t.answer.corpus_version), corpus.version)
    blocks: list[Block] = [Heading(level=1, text=TITLE), paragraph(ABOUT, "lead")]
    for number, turn in enumerate(turns, 1):
        blocks += _turn(number, turn, corpus, accessed, style)
    used = dict.fromkeys(
        corpus.passages[c.passage].source
        for t in turns
        for c in t.answer.citations
        if c.passage in corpus.passages
    )
    if used:
        entries = sorted((reference(corpus.sources[s], style, accessed) for s in used), key=str.casefold)
        blocks += [
            Heading(level=2, text="Bibliography"),
            Items(items=tuple(words(e) for e in entries)),
        ]
    footer = f"Exit Voices, corpus version {version}, saved on {accessed.isoformat()}"
    return Document(
        title=TITLE,
        subject="Questions, answers and their sources",
        date=accessed,
        footer=footer,
        blocks=tuple(blocks),
    )


def _turn(number: int, turn: Exchanged, corpus: Corpus, accessed: dt.date, style: Style) -> Iterator[Block]:
    answer = turn.answer
    yield Heading(level=2, text=f"{number}. {' '.join(turn.question.split())}")
    for kind in BEFORE:
        yield from (paragraph(labelled(LABELS[kind], n.text)) for n in answer.notices if n.kind == kind)
    yield from _said(answer, corpus)
    if answer.citations:
        yield Heading(level=3, text="Quoted passages")
        yield Items(items=tuple(_quoted(c, corpus, accessed, style) for c in answer.citations), mark="number")
    rest = [n for n in answer.notices if n.kind not in BEFORE and n.kind in LABELS]
    if rest:
        yield Heading(level=3, text="Please note")
        yield Items(
            items=tuple(labelled(LABELS[n.kind], n.text.removeprefix("Editorial note ")) for n in rest)
        )


def _said(answer: Answer, corpus: Corpus) -> Iterator[Paragraph]:
    """The answer with the numbers of its citations; where there is no sentence to cite, its text."""
    if not answer.sentences or answer.outcome not in (Outcome.ANSWERED, Outcome.PARTIAL):
        yield from (paragraph(part) for part in answer.text.split("\n\n") if part.strip())
        return
    number = {c.statement: c.n for c in answer.citations}
    runs: list[Run] = []
    for sentence in answer.sentences:
        if any(s not in corpus.statements for s in sentence.citations):
            continue
        marks = "".join(f"[{number[s]}]" for s in sentence.citations if s in number)
        runs.append(Run(text=f"{sentence.text} {marks} "))
    if runs:
        yield paragraph(runs)


def _quoted(cited: Citation, corpus: Corpus, accessed: dt.date, style: Style) -> tuple[Run, ...]:
    if cited.statement not in corpus.statements:
        return words(f"{cited.title}, {cited.locator}: this passage is no longer in the corpus.")
    source = corpus.sources[corpus.passages[cited.passage].source]
    doubt = "" if source.standing == "good" else f" {source.standing.capitalize()} account."
    return (
        Run(text=f"“{corpus.statements[cited.statement].text}” "),
        Run(text=f"{in_text(cited, style, corpus, accessed)}{doubt} "),
        Run(text="Open the source", href=source.url),
    )
