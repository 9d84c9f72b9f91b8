"""All checks of a corpus (`exitvoices corpus lint`): each mistake with its file, entry, field and what to do.

One mistake is told once: a passage that cannot be read, or an id that is wrong, would break every rule that looks
the passage up. So nothing else is checked until ids are right, and entries are compared with one another only when
all of them could be read.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rag.corpus.ids import Tombstone, tombstones
from rag.corpus.lint import care, language, originals, references, structure, support
from rag.corpus.lint.context import Context
from rag.corpus.read import CorpusError, Problem, read_corpus

SINGLE_ENTRY = (*language.CHECKS, *care.CHECKS, *support.CHECKS)
EVERYTHING = (*structure.CHECKS, *references.CHECKS, *SINGLE_ENTRY)


def lint(corpus_dir: Path, originals_dir: Path | None, today: dt.date) -> list[Problem]:
    """Every problem of the corpus, in the order of its files.

    `originals_dir` holds the texts that the locators refer to, under any file names: they are told apart by their
    sha256. `today` is what "checked within 180 days" counts from.
    """
    corpus, problems = read_corpus(corpus_dir)
    if corpus is None:
        return problems
    stones: dict[str, Tombstone] = {}
    try:
        stones = tombstones(corpus_dir)
    except CorpusError as e:
        problems += e.problems
    texts, mismatches = originals.texts(corpus, originals_dir) if originals_dir else ({}, [])
    context = Context(corpus=corpus, directory=corpus_dir, today=today, originals=texts, tombstones=stones)
    wrong_ids = [p for check in structure.IDENTITY for p in check(context)]
    checks = () if wrong_ids else (*(SINGLE_ENTRY if problems else EVERYTHING), *originals.CHECKS)
    found = [p for check in checks for p in check(context)]
    return sorted([*problems, *wrong_ids, *mismatches, *found], key=lambda p: p.file)


__all__ = ["lint"]
