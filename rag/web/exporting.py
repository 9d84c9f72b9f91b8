"""Files that a visitor takes along: the conversation with its quotations and bibliography, and the citations alone."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from typing import Literal, get_args

from rag.corpus import Corpus
from rag.export import Exchanged, citation, conversation_docx, conversation_markdown
from rag.model import Frozen
from rag.web.conversation import Exchange

Export = Literal["markdown", "docx", "bibtex", "ris"]
EXPORTS: tuple[Export, ...] = get_args(Export)
NAME = "conversation"  # says nothing about the subject to somebody who sees the folder
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class FileView(Frozen):
    """A file to hand to the browser, once: `id` changes with each. Either `text` or `base64` holds it."""

    id: int
    name: str
    mime: str
    text: str = ""
    base64: str = ""


def export(
    kind: Export, exchanges: Sequence[Exchange], corpus: Corpus, today: dt.date, number: int
) -> FileView:
    """The answered exchanges as a file. `number` tells this file from the ones handed out before."""
    turns = [Exchanged(question=e.question, answer=e.answer) for e in exchanges if e.answer]
    if kind == "markdown":
        text = conversation_markdown(turns, corpus, today)
        return FileView(id=number, name=f"{NAME}.md", mime="text/markdown;charset=utf-8", text=text)
    if kind == "docx":
        made = base64.b64encode(conversation_docx(turns, corpus, today)).decode()
        return FileView(id=number, name=f"{NAME}.docx", mime=WORD, base64=made)
    cited = dict.fromkeys(c.passage for turn in turns for c in turn.answer.citations)
    records = [citation(p, kind, corpus, today) for p in cited if p in corpus.passages]
    end = {"bibtex": "bib", "ris": "ris"}[kind]
    text = "\n".join(dict.fromkeys(r.rstrip() + "\n" for r in records))
    return FileView(id=number, name=f"citations.{end}", mime="text/plain;charset=utf-8", text=text)
