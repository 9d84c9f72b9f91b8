"""All checks of a corpus (`exitvoices corpus lint`): each mistake with its file, entry, field and what to do.

Checks that compare entries with one another run only when every entry could be read, because a passage that is
missing for a typing error would otherwise be reported five times over.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rag.corpus.ids import TOMBSTONES, tombstones
from rag.corpus.lint import care, language, originals, references, structure, support
from rag.corpus.lint.context import Context
from rag.corpus.read import CorpusError, Problem, read_corpus

SINGLE_ENTRY = (*language.CHECKS, *care.CHECKS, *support.CHECKS)
WHOLE_CORPUS = (*structure.CHECKS, *references.CHECKS)


def lint(corpus_dir: Path, originals_dir: Path | None, today: dt.date) -> list[Problem]:
    """Every problem of the corpus, in the order of its files.

    `originals_dir` holds the texts that the locators refer to, under any file names: they are told apart by their
    sha256. `today` is what "checked within 180 days" counts from.
    """
    corpus, problems = read_corpus(corpus_dir)
    if corpus is None:
        return problems
    try:
        stones = tombstones(corpus_dir)
    except CorpusError as e:
        stones, problems = {}, [*problems, *e.problems]
    texts, mismatches = originals.texts(corpus, originals_dir) if originals_dir else ({}, [])
    context = Context(corpus=corpus, directory=corpus_dir, today=today, originals=texts, tombstones=stones)
    checks = SINGLE_ENTRY if problems else (*WHOLE_CORPUS, *SINGLE_ENTRY)
    found = [p for check in (*checks, *originals.CHECKS) for p in check(context)]
    return sorted([*problems, *mismatches, *found], key=lambda p: p.file)


__all__ = ["TOMBSTONES", "lint"]
