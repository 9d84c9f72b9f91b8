"""What somebody takes home of a conversation: every answer, its quotations, what was noted, and one bibliography."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from itertools import pairwise

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.assistant import Assistant
from rag.export import Exchanged, conversation_docx, conversation_markdown
from rag.export.conversation import conversation
from rag.export.document import faults
from rag.export.markdown import escaped
from rag.model import Sentence

READ = dt.date(2026, 11, 22)
QUESTIONS = (
    "Why did people go to Syria?",
    "Can the story of Abu Huzaifa be trusted?",
    "## who *won* the <b>cup</b>?",
    "I think that my brother is about to join them. What can I do?",
)


@pytest.fixture(scope="module")
def turns(assistant: Assistant) -> list[Exchanged]:
    return [Exchanged(question=q, answer=assistant.answer(q)) for q in QUESTIONS]


def test_markdown_holds_questions_answers_quotations_notices_and_one_bibliography(
    turns: list[Exchanged], assistant: Assistant
) -> None:
    text = conversation_markdown(turns, assistant.corpus, READ)
    shown = MarkdownIt().enable("table").render(text)
    assert shown.count("<h1>") == 1
    assert "<b>cup" not in shown
    assert "Bibliography" in shown
    for turn in turns:
        for sentence in turn.answer.sentences:
            assert escaped(sentence.text) in text
        for cited in turn.answer.citations:
            assert text.count(cited.url) >= 1
    assert "Retracted account" in text
    assert "Retrieved November 22, 2026" in text
    for part in turns[3].answer.text.split("\n\n"):
        assert escaped(part) in text
    assert turns[0].answer.corpus_version in text


def test_word_has_headings_language_and_title_and_the_same_bytes_each_time(
    turns: list[Exchanged], assistant: Assistant
) -> None:
    made = conversation_docx(turns, assistant.corpus, READ)
    assert made == conversation_docx(turns, assistant.corpus, READ)
    read = docx.Document(io.BytesIO(made))
    assert read.core_properties.title
    assert read.core_properties.language == "en-GB"
    levels = [int(p.style.name[-1]) for p in read.paragraphs if p.style.name.startswith("Heading")]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None
    text = "\n".join(p.text for p in read.paragraphs)
    assert all(s.text in text for t in turns for s in t.answer.sentences)


def test_the_document_is_accessible(turns: list[Exchanged], assistant: Assistant) -> None:
    assert faults(conversation(turns, assistant.corpus, READ)) == []


def test_a_statement_that_has_left_the_corpus_is_not_told_again(
    turns: list[Exchanged], assistant: Assistant
) -> None:
    answer = turns[0].answer
    gone = answer.citations[0].model_copy(
        update={"statement": "gone-2001/p1#1", "passage": "gone-2001/p1", "quote": "What was taken down."}
    )
    said = Sentence(text="What was taken down.", citations=(gone.statement,))
    told = answer.model_copy(update={"citations": (gone,), "sentences": (said,)})
    text = conversation_markdown([Exchanged(question="?", answer=told)], assistant.corpus, READ)
    assert "What was taken down." not in text
    assert "no longer in the corpus" in text


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=60))
def test_words_stay_words_in_markdown(text: str) -> None:
    tokens = MarkdownIt().enable("table").parse(escaped(text))
    kinds = {t.type for t in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    shown = "".join(c.content for t in tokens for c in t.children or ())
    assert shown == " ".join(text.split())
