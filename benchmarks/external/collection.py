"""A throw-away corpus out of public documents, indexed and searched by our own code through its public door.

A document is one paragraph of a source; its sentences are statements, at most six to a passage, so that a longer
document becomes several passages of one paragraph. Public documents have no curated questions, which a corpus of ours
must have: every passage gets the same `EMPTY_QUESTIONS`. They hold nothing but function words, so they add no term to
the full text, and being the same everywhere they move no document before another: the question leg of retrieval is
switched off without touching its code. There are no people, groups or themes, so these legs are silent too.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from benchmarks.external.common import Row, progress, say
from rag.assistant import Assistant
from rag.corpus import load_corpus
from rag.embed import make_embeddings
from rag.index import embedded_texts, vector_store
from rag.settings import Settings, get_settings
from rag.text import words

EMPTY_QUESTIONS = (
    "Who is it?",
    "What is it about?",
    "When and where was it?",
    "Why and how did they do it?",
)
STATEMENTS = 6  # a passage holds at most so many
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)\]]*\s+(?=[\"“‘(\[]?[A-Z0-9])|\s+\.\s+|\n+")
LETTERS = [*string.ascii_lowercase, *map("".join, product(string.ascii_lowercase, repeat=2))]


@dataclass(frozen=True)
class Document:
    """A text of a public set; documents of one group become the paragraphs of one source."""

    id: str
    group: str
    title: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


@dataclass(frozen=True)
class Collection:
    """An assistant on the throw-away corpus, and which document each passage came from."""

    assistant: Assistant
    document_of: dict[str, str]
    source_of: dict[str, str]


def sentences(text: str) -> tuple[str, ...]:
    """A text cut at full stops that end a sentence; pieces without a word are dropped."""
    return tuple(s.strip() for s in SENTENCE_END.split(text) if s and words(s))


def collect(documents: Sequence[Document], home: Path, *, with_words: bool) -> Collection:
    """The documents indexed under `home`. Vectors are kept there, so a text is embedded once.

    Retrieval never reads the vectors of single words, which answerability does; without `with_words` they are zeros,
    which saves about a fifth of the time.
    """
    document_of, source_of = write_corpus(documents, home / "corpus")
    settings = get_settings().model_copy(update={"corpus_dir": home / "corpus", "data_dir": home / "data"})
    if not with_words:
        _leave_out_words(settings)
    assistant = Assistant.open(settings, progress(home.name))
    say(f"{home.name}: {len(documents)} documents in {len(document_of)} passages")
    return Collection(assistant, document_of, source_of)


class _Nothing(Embeddings):
    """Zeros of the length of the real vectors."""

    def __init__(self, settings: Settings) -> None:
        self._size = len(make_embeddings(settings).embed_query("size"))

    def embed_query(self, text: str) -> list[float]:
        return [0.0] * self._size

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


def _leave_out_words(settings: Settings) -> None:
    single = [
        (side, text)
        for side, text in embedded_texts(load_corpus(settings.corpus_dir))
        if side == "query" and text not in EMPTY_QUESTIONS
    ]
    if single:
        vector_store(settings).vectors(single, lambda: _Nothing(settings))


def passage_vectors(collection: Collection) -> np.ndarray:
    """The stored vectors of whole passages as the model gave them, in the order of the index."""
    assistant = collection.assistant
    texts = [("passage", p.text) for p in assistant.corpus.passages.values()]
    store = vector_store(assistant.settings)
    return store.vectors(texts, lambda: make_embeddings(assistant.settings)).astype(np.float32)


def write_corpus(documents: Sequence[Document], folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Writes the corpus files; returns the document of each passage and the source of each group, by id."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    groups: dict[str, list[Document]] = {}
    for document in documents:
        if document.sentences:
            groups.setdefault(document.group, []).append(document)
    document_of: dict[str, str] = {}
    source_of: dict[str, str] = {}
    files: dict[str, str] = {}
    for n, (group, members) in enumerate(sorted(groups.items()), 1):
        source = source_of[group] = f"s{n}"
        passages: list[Row] = []
        for paragraph, document in enumerate(members, 1):
            parts = np.array_split(np.array(document.sentences, dtype=object), _parts(document))
            for letter, part in zip(LETTERS, parts, strict=False):
                passage = f"{source}/p{paragraph}{letter}"
                document_of[passage] = document.id
                passages.append(_passage(passage, paragraph, list(part)))
        card = _card(source, " / ".join(dict.fromkeys(d.title for d in members if d.title)) or "-")
        files[f"{source}.yaml"] = json.dumps({"source": card, "passages": passages})
    for old in (folder / "sources").glob("*.yaml"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (folder / "sources" / name).write_text(text, "utf-8")
    for name, data in _EMPTY.items():
        (folder / name).write_text(json.dumps(data), "utf-8")
    return document_of, source_of


def _parts(document: Document) -> int:
    return -(-len(document.sentences) // STATEMENTS)


def _passage(passage: str, paragraph: int, statements: list[str]) -> Row:
    return {
        "id": passage,
        "locator": {"paragraph": paragraph},
        "type": "context",
        "statements": statements,
        "questions": EMPTY_QUESTIONS,
    }


def _card(source: str, title: str) -> Row:
    return {
        "id": source,
        "title": title,
        "publisher": "public set",
        "published": "2000",
        "url": "https://example.org",
        "kind": "research",
        "language": "en",
        "rendering": "account",
        "rights": "see the set",
        "locator_unit": "paragraph",
        "sha256": "0" * 64,
        "summary": "",
        "method": "",
        "standing": "good",
        "as_of": "2000",
    }


_EMPTY: dict[str, Row] = {
    "people.yaml": {"people": []},
    # One name that nothing uses: the linker cannot read a question where there are no names at all.
    "glossary.yaml": {
        "terms": [{"id": "none", "term": "xqzvwkj", "kind": "word", "definition": "No word at all."}]
    },
    "taxonomy.yaml": {k: [] for k in ("stages", "motives", "disillusionment", "stances", "flags", "types")},
    "support.yaml": {
        "services": [],
        "emergency": [],
        "directory": {"name": "-", "url": "https://example.org", "what": "-", "source": "-"},
    },
}
