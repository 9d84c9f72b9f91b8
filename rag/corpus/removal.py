"""Taking a passage, a person or a source out of the corpus files, with everything that exists only because of it.

Only the files under corpus/ are touched here; vectors and indexes are purged by `rag.takedown`, which is what the
command line calls.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from rag.corpus.edits import Edit, cut_passages, without_asked, without_examples, write
from rag.corpus.ids import bury, lock_ids, person_stone, tombstones
from rag.corpus.person import Plan, plan
from rag.corpus.read import Corpus, load_corpus, source_id, source_paths
from rag.model import Frozen


class RemovalError(Exception):
    """Nothing was removed; the message says why and what to do."""


class TakenOut(Frozen):
    """What left the corpus. `passages` is empty when the id had been removed before."""

    id: str
    removed_on: str
    passages: tuple[str, ...]
    files: tuple[str, ...]
    people_left: tuple[str, ...]
    names: tuple[str, ...] = Field(
        (), description="What a removed person is called; empty for anything else."
    )
    still_named: tuple[str, ...] = Field(
        (), description="Where a curator has to decide; see rag.corpus.person."
    )


def take_out(corpus_dir: Path, removed: str, today: dt.date, planned: Plan | None = None) -> TakenOut:
    """Removes a passage, a person or a whole source from the corpus files and leaves a tombstone.

    `planned` is what removing a person would do, where that was worked out already.
    An id that has a tombstone and no content any more is fine: an interrupted removal can be repeated.
    Raises RemovalError for an unknown id, CorpusError for an unreadable corpus, UnexpectedLayout where a file cannot
    be edited safely (then no file was changed but the list of tombstones).
    """
    corpus = load_corpus(corpus_dir)
    if removed in corpus.persons:
        return _person(corpus_dir, planned or plan(corpus_dir, corpus, removed), today)
    stones = tombstones(corpus_dir)
    stone = stones.get(removed) or stones.get(person_stone(removed))
    if removed not in corpus.passages and removed not in corpus.sources:
        if stone is None:
            raise RemovalError(_unknown(removed, corpus))
        return TakenOut(id=removed, removed_on=stone.removed_on, passages=(), files=(), people_left=())
    lock_ids(corpus_dir)
    stone = bury(corpus_dir, removed, today)
    if removed in corpus.passages:
        passages: tuple[str, ...] = (removed,)
        texts = _without_passage(corpus_dir, corpus, removed)
    else:
        passages = tuple(p.id for p in corpus.passages.values() if p.source == removed)
        texts = _without_source(corpus_dir, corpus, removed)
    for path, text in texts.items():
        write(path, text)
    return TakenOut(
        id=removed,
        removed_on=stone.removed_on,
        passages=passages,
        files=tuple(str(p.relative_to(corpus_dir)) for p in texts),
        people_left=tuple(_only_in(corpus, passages)) if removed in corpus.passages else (),
    )


def _person(corpus_dir: Path, planned: Plan, today: dt.date) -> TakenOut:
    """Carries a plan out. The person's entry goes last: while it is there, a removal that broke off can be repeated."""
    lock_ids(corpus_dir)
    stone = bury(corpus_dir, person_stone(planned.person), today)
    for passage in planned.buried:
        bury(corpus_dir, passage, today)
    people = corpus_dir / "people.yaml"
    files = sorted(planned.texts, key=lambda path: path == people)
    for path in files:
        write(path, planned.texts[path])
    lock_ids(corpus_dir)
    return TakenOut(
        id=planned.person,
        removed_on=stone.removed_on,
        passages=planned.buried,
        files=tuple(str(p.relative_to(corpus_dir)) for p in files),
        people_left=(),
        names=planned.names,
        still_named=planned.undecided,
    )


def _without_passage(corpus_dir: Path, corpus: Corpus, removed: str) -> dict[Path, str | None]:
    source = corpus.passages[removed].source
    edit = Edit(next(p for p in source_paths(corpus_dir) if source_id(p) == source))
    cut_passages(edit, {removed})
    return {
        edit.path: edit.text,
        **without_examples(corpus_dir, corpus, {removed}),
        **without_asked(corpus_dir, {removed}),
    }


def _without_source(corpus_dir: Path, corpus: Corpus, removed: str) -> dict[Path, str | None]:
    path = next(p for p in source_paths(corpus_dir) if source_id(p) == removed)
    passages = {p.id for p in corpus.passages.values() if p.source == removed}
    gone = {p.id for p in corpus.people if set(p.sources) == {removed}}
    people = Edit(corpus_dir / "people.yaml")
    for n, person in reversed(list(enumerate(corpus.people))):
        if person.id in gone:
            people.cut("people", n)
            continue
        for m, link in reversed(list(enumerate(person.same_as))):
            if link.person in gone:
                people.cut("people", n, "same_as", m)
        if removed in person.sources:
            people.cut("people", n, "sources", person.sources.index(removed))
    glossary = Edit(corpus_dir / "glossary.yaml")
    for n, term in enumerate(corpus.terms):
        if removed in term.sources:
            glossary.cut("terms", n, "sources", term.sources.index(removed))
    texts: dict[Path, str | None] = {path: None, people.path: people.text, glossary.path: glossary.text}
    return {
        **texts,
        **without_examples(corpus_dir, corpus, passages),
        **without_asked(corpus_dir, passages),
    }


def _only_in(corpus: Corpus, passages: Iterable[str]) -> list[str]:
    """People who have a passage now and none when these are gone."""
    gone = set(passages)
    return [p for p, found in corpus.by_person.items() if found and set(found) <= gone]


def _unknown(wanted: str, corpus: Corpus) -> str:
    if wanted in corpus.statements:
        passage = corpus.statements[wanted].passage
        return f"'{wanted}' is one statement; a passage is removed as a whole: exitvoices corpus remove {passage}"
    near = difflib.get_close_matches(wanted, [*corpus.sources, *corpus.passages, *corpus.persons], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "exitvoices corpus stats lists the sources."
    return f"The corpus has no passage, person or source '{wanted}'. {hint}"
