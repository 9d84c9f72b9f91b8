"""Taking a passage or a source out of the corpus files, with everything that exists only because of it.

Only the files under corpus/ are touched here; vectors and indexes are purged by `rag.takedown`, which is what the
command line calls.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rag.corpus.ids import bury, lock_ids, tombstones
from rag.corpus.read import Corpus, load_corpus, source_id, source_paths
from rag.corpus.yaml_text import UnexpectedLayout, parsed, with_item, with_scalar, without_item
from rag.model import Frozen

REASON = "removed on request"


class RemovalError(Exception):
    """Nothing was removed; the message says why and what to do."""


class TakenOut(Frozen):
    """What left the corpus. `passages` is empty when the id had been removed before."""

    id: str
    removed_on: str
    passages: tuple[str, ...]
    files: tuple[str, ...]
    people_left: tuple[str, ...]


def take_out(corpus_dir: Path, removed: str, today: dt.date) -> TakenOut:
    """Removes a passage or a whole source from the corpus files and leaves a tombstone.

    An id that has a tombstone and no content any more is fine: an interrupted removal can be repeated.
    Raises RemovalError for an unknown id, CorpusError for an unreadable corpus, UnexpectedLayout where a file cannot
    be edited safely (then no file was changed but the list of tombstones).
    """
    corpus = load_corpus(corpus_dir)
    stone = tombstones(corpus_dir).get(removed)
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
        _write(path, text)
    return TakenOut(
        id=removed,
        removed_on=stone.removed_on,
        passages=passages,
        files=tuple(str(p.relative_to(corpus_dir)) for p in texts),
        people_left=tuple(_only_in(corpus, passages)) if removed in corpus.passages else (),
    )


def _without_passage(corpus_dir: Path, corpus: Corpus, removed: str) -> dict[Path, str | None]:
    passage = corpus.passages[removed]
    file = next(f for f in corpus.files if f.source.id == passage.source)
    path = next(p for p in source_paths(corpus_dir) if source_id(p) == passage.source)
    position = [p.id for p in file.passages].index(removed)
    others = [p for p in file.passages if p.id != removed]
    edit = _Edit(path)
    edit.cut("passages", position)
    still_named = {n for p in others for n in p.notes}
    for n, note in reversed(list(enumerate(file.source.editorial_notes))):
        if note.id in passage.notes and note.id not in still_named:
            edit.cut("source", "editorial_notes", n)
    paragraph = passage.locator.paragraph
    if paragraph is not None and all(p.locator.paragraph != paragraph for p in others):
        after = [left.covers.start > paragraph for left in file.left_out]
        edit.add_left_out(paragraph, after.index(True) if True in after else len(after))
    return {path: edit.text, **_taxonomy(corpus_dir, corpus, {removed})}


def _without_source(corpus_dir: Path, corpus: Corpus, removed: str) -> dict[Path, str | None]:
    path = next(p for p in source_paths(corpus_dir) if source_id(p) == removed)
    passages = {p.id for p in corpus.passages.values() if p.source == removed}
    gone = {p.id for p in corpus.people if set(p.sources) == {removed}}
    people = _Edit(corpus_dir / "people.yaml")
    for n, person in reversed(list(enumerate(corpus.people))):
        if person.id in gone:
            people.cut("people", n)
            continue
        for m, link in reversed(list(enumerate(person.same_as))):
            if link.person in gone:
                people.cut("people", n, "same_as", m)
        if removed in person.sources:
            people.cut("people", n, "sources", person.sources.index(removed))
    glossary = _Edit(corpus_dir / "glossary.yaml")
    for n, term in enumerate(corpus.terms):
        if removed in term.sources:
            glossary.cut("terms", n, "sources", term.sources.index(removed))
    texts: dict[Path, str | None] = {path: None, people.path: people.text, glossary.path: glossary.text}
    return {**texts, **_taxonomy(corpus_dir, corpus, passages)}


def _taxonomy(corpus_dir: Path, corpus: Corpus, passages: set[str]) -> dict[Path, str | None]:
    """The taxonomy without examples that are gone; nothing where it named none of them."""
    edit = _Edit(corpus_dir / "taxonomy.yaml")
    before = edit.text
    for kind in type(corpus.taxonomy).model_fields:
        for n, tag in enumerate(getattr(corpus.taxonomy, kind)):
            if tag.example in passages:
                edit.clear(kind, n, "example")
    return {edit.path: edit.text} if edit.text != before else {}


class _Edit:
    """The text of a file under change. Each step is compared with the same step on the parsed data."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text: str = path.read_text("utf-8")
        self._data: Any = parsed(self.text)

    def cut(self, *path: str | int) -> None:
        def change(parent: Any, last: Any) -> None:
            del parent[last]

        self._apply(without_item(self.text, path), path, change)

    def clear(self, *path: str | int) -> None:
        def change(parent: Any, last: Any) -> None:
            parent[last] = None

        self._apply(with_scalar(self.text, path, "null"), path, change)

    def add_left_out(self, paragraph: int, position: int) -> None:
        entry = {"paragraph": paragraph, "reason": REASON}
        self._data.setdefault("left_out", [])
        text = with_item(self.text, "left_out", f"{{paragraph: {paragraph}, reason: {REASON}}}", position)
        self._apply(text, ("left_out", position), lambda parent, last: parent.insert(last, entry))

    def _apply(self, text: str, path: tuple[str | int, ...], change: Callable[[Any, Any], None]) -> None:
        parent = self._data
        for step in path[:-1]:
            parent = parent[step]
        change(parent, path[-1])
        if parsed(text) != self._data:
            where = ".".join(map(str, path))
            raise UnexpectedLayout(
                f"{self.path.name}: {where} is laid out in a way that cannot be edited safely. "
                "Take the entry out by hand, then run the command again."
            )
        self.text = text


def _only_in(corpus: Corpus, passages: Iterable[str]) -> list[str]:
    """People who have a passage now and none when these are gone."""
    gone = set(passages)
    return [p for p, found in corpus.by_person.items() if found and set(found) <= gone]


def _write(path: Path, text: str | None) -> None:
    """Replaces a file at once, or deletes it when there is no text."""
    if text is None:
        path.unlink()
        return
    staged = path.with_suffix(".new")
    staged.write_text(text, "utf-8")
    staged.replace(path)


def _unknown(wanted: str, corpus: Corpus) -> str:
    if wanted in corpus.statements:
        passage = corpus.statements[wanted].passage
        return f"'{wanted}' is one statement; a passage is removed as a whole: exitvoices corpus remove {passage}"
    if wanted in corpus.persons:
        found = corpus.by_person[wanted]
        passages = (
            f"Remove the passages: {', '.join(found)}."
            if found
            else "The corpus holds no passage of that person."
        )
        return f"'{wanted}' is a person. {passages}"
    near = difflib.get_close_matches(wanted, [*corpus.sources, *corpus.passages], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "exitvoices corpus stats lists the sources."
    return f"The corpus has no passage or source '{wanted}'. {hint}"
