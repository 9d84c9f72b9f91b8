"""The corpus: read and validated (`read`), checked (`lint`), counted (`stats`), and taken from (`removal`)."""

from rag.corpus.read import Corpus, CorpusError, Problem, corpus_version, load_corpus, read_corpus

__all__ = ["Corpus", "CorpusError", "Problem", "corpus_version", "load_corpus", "read_corpus"]
