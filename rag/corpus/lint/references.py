"""What entries say of one another: people, tags, notes, sources, names, questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from rag.corpus.lint.context import Check, Context, in_source
from rag.corpus.read import ASKED, Problem
from rag.model import Passage, Source, Tag
from rag.text import words


def people_resolve(context: Context) -> Iterator[Problem]:
    corpus = context.corpus
    for passage in corpus.passages.values():
        for person in passage.people:
            if person not in corpus.persons:
                what, todo = (
                    f"nobody in people.yaml has the id '{person}'",
                    "Correct the id, or add the person.",
                )
                yield in_source("people", passage.id, "people", what, todo)
            elif passage.source not in corpus.persons[person].sources:
                what = f"the person is in {passage.id}, but 'sources' does not name {passage.source}"
                yield _of_person(person, "sources", what, f"Add {passage.source} to the sources.")
    for p in corpus.people:
        for link in p.same_as:
            if link.person not in corpus.persons or link.person == p.id:
                what, todo = (
                    f"nobody else has the id '{link.person}'",
                    "Correct the id, or take the entry out.",
                )
                yield _of_person(p.id, "same_as", what, todo)


def sources_resolve(context: Context) -> Iterator[Problem]:
    corpus = context.corpus
    entries = [("people.yaml", p.id, p.sources) for p in corpus.people]
    entries += [("glossary.yaml", t.id, t.sources) for t in corpus.terms]
    for file, entry, sources in entries:
        for source in sources:
            if source not in corpus.sources:
                yield Problem(
                    file=file,
                    entry=entry,
                    field="sources",
                    what=f"there is no source '{source}'",
                    todo="Correct the id, or take it out.",
                    check="sources",
                )


def tags_are_known(context: Context) -> Iterator[Problem]:
    taxonomy = context.corpus.taxonomy
    for passage in context.corpus.passages.values():
        yield from _tags(passage, "stage", passage.stage, taxonomy.stages)
        yield from _tags(passage, "motives", passage.motives, taxonomy.motives)
        yield from _tags(passage, "disillusionment", passage.disillusionment, taxonomy.disillusionment)
        yield from _tags(passage, "flags", passage.flags, taxonomy.flags)
        yield from _tags(passage, "type", [passage.type], taxonomy.types)
        yield from _tags(passage, "stance", [passage.stance] if passage.stance else [], taxonomy.stances)
        yield from _tags(passage, "movements", passage.movements, taxonomy.movements)
    for source in context.corpus.sources.values():
        yield from _tags(source, "movements", source.movements, taxonomy.movements)
    for kind in type(taxonomy).model_fields:
        for tag in getattr(taxonomy, kind):
            if tag.example is not None and tag.example not in context.corpus.passages:
                yield Problem(
                    file="taxonomy.yaml",
                    entry=f"{kind}: {tag.id}",
                    field="example",
                    what=f"there is no passage '{tag.example}'",
                    todo="Name a passage that carries the tag, or write null.",
                    check="tags",
                )


def _tags(
    entry: Passage | Source, field: str, used: Iterable[str], known: Iterable[Tag]
) -> Iterator[Problem]:
    ids = [t.id for t in known]
    used = list(used)
    for tag in dict.fromkeys(used):
        if tag not in ids:
            what, todo = f"taxonomy.yaml has no tag '{tag}'", f"Use one of: {', '.join(ids)}."
            yield in_source("tags", entry.id, field, what, todo)
        if used.count(tag) > 1:
            yield in_source("tags", entry.id, field, f"'{tag}' is given twice", "Take one of the two out.")


def notes_resolve_both_ways(context: Context) -> Iterator[Problem]:
    """A passage's notes exist, and a note on a paragraph is named where the paragraph is told."""
    for file in context.corpus.files:
        notes = {n.id: n for n in file.source.editorial_notes}
        for passage in file.passages:
            for note in passage.notes:
                if note not in notes:
                    what, todo = (
                        f"the source has no editorial note '{note}'",
                        "Correct the id, or add the note.",
                    )
                    yield in_source("notes", passage.id, "notes", what, todo)
        for remark in notes.values():
            touched = [p for p in file.passages if p.locator.paragraph in remark.paragraphs]
            if touched and not any(remark.id in p.notes for p in touched):
                what = (
                    f"no passage of its paragraphs names the note, so nobody sees it ({touched[0].id} could)"
                )
                todo = f"Add {remark.id} to 'notes' of the passage that it touches."
                yield in_source("notes", file.source.id, f"editorial_notes {remark.id}", what, todo)
            sides = {p.locator.paragraph for p in touched if remark.id in p.notes}
            if remark.contrast and (len(remark.paragraphs) < 2 or len(sides) == 1):
                what = "the note sets places against each other, but only one is named"
                todo = f"Name both under paragraphs, and {remark.id} in the passages of both; or take 'contrast' out."
                # One side may have been removed on request: a person decides whether the note still helps.
                severity: Literal["error", "warning"] = "error" if len(remark.paragraphs) < 2 else "warning"
                yield in_source("notes", file.source.id, f"editorial_notes {remark.id}", what, todo, severity)


def names_name_one_person(context: Context) -> Iterator[Problem]:
    owners: dict[str, dict[str, None]] = defaultdict(dict)
    written: dict[str, str] = {}
    entries = [("people.yaml", p.id, (p.name, *p.aliases)) for p in context.corpus.people]
    entries += [("glossary.yaml", t.id, (t.term, *t.aliases)) for t in context.corpus.terms]
    for file, entry, names in entries:
        for name in names:
            key = " ".join(words(name))
            owners[key][f"{file} {entry}"] = None
            written.setdefault(key, name)
    for key, found in owners.items():
        if len(found) > 1:
            first, second, *_ = (o.split(" ", 1) for o in found)
            yield Problem(
                file=second[0],
                entry=second[1],
                field="aliases",
                what=f"'{written[key]}' also names {first[1]} ({first[0]})",
                todo="Keep it where it is clear, and take it out of the other.",
                check="aliases",
            )


def questions_are_asked_once(context: Context) -> Iterator[Problem]:
    """Equal questions of two passages pull retrieval apart; a person decides which one answers it better."""
    first: dict[str, str] = {}
    for passage in context.corpus.passages.values():
        for question in passage.questions:
            key = " ".join(words(question))
            if key not in first:
                first[key] = passage.id
                continue
            where = "this passage" if first[key] == passage.id else first[key]
            what, todo = f"'{question}' is asked in {where} already", "Ask it where it is answered best."
            yield in_source("questions", passage.id, "questions", what, todo, "warning")


def asked_questions_resolve(context: Context) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for n, asked in enumerate(context.corpus.asked, 1):
        passage = context.corpus.passages.get(asked.passage)
        if passage is None:
            yield _asked(
                n, "passage", f"there is no passage {asked.passage}", "Correct the id, or take it out."
            )
        elif any(not 1 <= a <= len(passage.statements) for a in asked.answers):
            what = f"{asked.passage} has statements 1 to {len(passage.statements)}, not {asked.answers}"
            yield _asked(n, "answers", what, "Say again which of them answer the question.")
        if (asked.passage, asked.question) in seen:
            yield _asked(n, "question", f"{asked.passage} is asked this twice", "Take one of them out.")
        seen.add((asked.passage, asked.question))


def _asked(n: int, field: str, what: str, todo: str) -> Problem:
    return Problem(file=ASKED, entry=f"line {n}", field=field, what=what, todo=todo, check="asked")


def _of_person(person: str, field: str, what: str, todo: str) -> Problem:
    return Problem(file="people.yaml", entry=person, field=field, what=what, todo=todo, check="people")


CHECKS: tuple[Check, ...] = (
    people_resolve,
    sources_resolve,
    tags_are_known,
    notes_resolve_both_ways,
    names_name_one_person,
    questions_are_asked_once,
    asked_questions_resolve,
)
