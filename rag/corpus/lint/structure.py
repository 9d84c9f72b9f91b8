"""Ids and places: every id is given once and for ever, and every paragraph of an original is accounted for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from rag.corpus.ids import LOCK, TOMBSTONES, given_ids, locked_ids, parents, person_stone
from rag.corpus.lint.context import Check, Context, in_source
from rag.corpus.read import Problem, source_id, source_paths
from rag.model import LeftOut, Passage, SourceFile


def files_are_named_after_their_source(context: Context) -> Iterator[Problem]:
    for path in source_paths(context.directory):
        if path.stem in context.corpus.sources:
            continue
        given = source_id(path)
        if given in context.corpus.sources:
            yield Problem(
                file=path.name,
                entry=given,
                field="source.id",
                what=f"the file of source '{given}' is called {path.name}",
                todo=f"Rename it to {given}.yaml, or correct the id.",
                check="ids",
            )


def ids_are_given_once(context: Context) -> Iterator[Problem]:
    corpus = context.corpus
    passages = [(f"{f.source.id}.yaml", p.id) for f in corpus.files for p in f.passages]
    notes = [
        (f"{f.source.id}.yaml", f"{f.source.id} {n.id}")
        for f in corpus.files
        for n in f.source.editorial_notes
    ]
    others = {
        "people.yaml": [p.id for p in corpus.people],
        "glossary.yaml": [t.id for t in corpus.terms],
        "support.yaml": [s.id for s in corpus.support.services],
        "taxonomy.yaml": [
            f"{kind}: {tag.id}"
            for kind in type(corpus.taxonomy).model_fields
            for tag in getattr(corpus.taxonomy, kind)
        ],
    }
    entries = [*passages, *notes, *((file, i) for file, ids in others.items() for i in ids)]
    for (file, given), times in sorted(Counter(entries).items()):
        if times > 1:
            what, todo = f"the id is given {times} times", "Give each entry an id of its own."
            yield Problem(file=file, entry=given, field="id", what=what, todo=todo, check="ids")


def ids_say_where_the_passage_stands(context: Context) -> Iterator[Problem]:
    for file in context.corpus.files:
        for p in file.passages:
            if p.source != file.source.id:
                yield Problem(
                    file=f"{file.source.id}.yaml",
                    entry=p.id,
                    field="id",
                    what=f"the id belongs to '{p.source}', the file to '{file.source.id}'",
                    todo=f"Begin the id with {file.source.id}/.",
                    check="ids",
                )
            elif p.locator.paragraph is not None and _number(p) != p.locator.paragraph:
                what = f"the id says paragraph {_number(p)}, the locator {p.locator.paragraph}"
                yield in_source("ids", p.id, "locator", what, "Correct the one that is wrong.")


def passages_stand_in_the_order_of_the_original(context: Context) -> Iterator[Problem]:
    for file in context.corpus.files:
        placed = [p for p in file.passages if p.locator.paragraph is not None]
        for before, after in pairwise(placed):
            if (before.locator.paragraph or 0, before.id) > (after.locator.paragraph or 0, after.id):
                what = f"it stands after {before.id}, which comes later in the original"
                yield in_source("order", after.id, "", what, f"Move it above {before.id}.")


def published_ids_stay(context: Context) -> Iterator[Problem]:
    here = given_ids(context.corpus)
    gone = {i for i in locked_ids(context.directory) if i not in here}
    for given in sorted(gone):
        if any(p in context.tombstones for p in parents(given)):
            continue
        if any(p in gone for p in list(parents(given))[1:]):
            continue  # its passage or source is gone as well and is reported itself
        todo = (
            f"Put it back, or remove it by 'exitvoices corpus remove', which leaves a mark in {TOMBSTONES}."
        )
        what = f"an id that {LOCK} holds is gone, and citations of it would lead nowhere"
        yield in_source("lock", given, "id", what, todo)


def removed_ids_stay_removed(context: Context) -> Iterator[Problem]:
    for given in sorted(given_ids(context.corpus)):
        stone = context.tombstones.get(given)
        if stone is not None:
            what = f"the id was removed on {stone.removed_on} and is used again"
            yield in_source("lock", given, "id", what, "Take it out again, or give new content a new id.")
    for person in context.corpus.persons:
        stone = context.tombstones.get(person_stone(person))
        if stone is not None:
            what = f"a person of this id was removed on {stone.removed_on}"
            yield Problem(
                file="people.yaml", entry=person, field="id", what=what, todo="Take the entry out again."
            )


def every_paragraph_is_accounted_for(context: Context) -> Iterator[Problem]:
    for file in context.corpus.files:
        if file.source.locator_unit == "paragraph":
            yield from _coverage(file, len(context.originals.get(file.source.id, ())))


def accounts_have_questions(context: Context) -> Iterator[Problem]:
    """Readers' questions are how an account is found; the words of a verbatim passage stand for them."""
    for passage in context.accounts():
        if len(passage.questions) < 2:
            what = f"the passage has {len(passage.questions)} questions, the least is 2"
            todo = "Write what a reader might type that this passage answers."
            yield in_source("questions", passage.id, "questions", what, todo)


def _coverage(file: SourceFile, length: int) -> Iterator[Problem]:
    source = file.source.id
    told = {p.locator.paragraph for p in file.passages if p.locator.paragraph}
    whole = {n for left in file.left_out if left.part is None for n in left.covers}
    known = [*told, *whole, *(n for left in file.left_out for n in left.covers)]
    last = length or max(known, default=0)
    missing = [n for n in range(1, last + 1) if n not in told and n not in whole]
    if missing:
        parts = sorted(set(missing) & {n for left in file.left_out if left.part for n in left.covers})
        hint = f" (of {_ranges(parts)} only a part is listed as left out)" if parts else ""
        what = f"paragraph {_ranges(missing)} is neither a passage nor left out{hint}"
        yield in_source(
            "coverage",
            source,
            "left_out",
            what,
            "Write a passage, or list it under left_out with its reason.",
        )
    for left in file.left_out:
        both = sorted(told & set(left.covers)) if left.part is None else []
        if both:
            what = f"paragraph {_ranges(both)} is left out and is a passage too"
            todo = "Say in 'part' which part was left out, or take out the passage."
            yield in_source("coverage", source, f"left_out {_place(left)}", what, todo)
        if left.covers.start >= left.covers.stop:
            what, todo = f"{_place(left)} is no range", "Write paragraphs: [first, last]."
            yield in_source("coverage", source, f"left_out {_place(left)}", what, todo)
        elif length and left.covers.stop - 1 > length:
            what = f"the original has only {length} paragraphs"
            yield in_source("locators", source, f"left_out {_place(left)}", what, "Correct the number.")


def _number(passage: Passage) -> int:
    found = re.search(r"/[a-z]+(\d+)", passage.id)
    return int(found[1]) if found else 0


def _place(left: LeftOut) -> str:
    return f"[{left.paragraphs[0]}, {left.paragraphs[1]}]" if left.paragraphs else str(left.paragraph)


def _ranges(numbers: Iterable[int]) -> str:
    """1, 2, 3, 7 as "1-3, 7"."""
    runs: list[list[int]] = []
    for n in sorted(numbers):
        if runs and n == runs[-1][1] + 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


IDENTITY: tuple[Check, ...] = (
    files_are_named_after_their_source,
    ids_are_given_once,
    ids_say_where_the_passage_stands,
)
CHECKS: tuple[Check, ...] = (
    passages_stand_in_the_order_of_the_original,
    published_ids_stay,
    removed_ids_stay_removed,
    every_paragraph_is_accounted_for,
    accounts_have_questions,
)
