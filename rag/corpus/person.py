"""What leaves the corpus when a person asks to be taken out, worked out before anything is changed.

By rule go: passages that are only about them; of passages shared with others, the statements and questions that name
them (what is left gets a new id, since a citation of the old one would otherwise point at other words); editorial notes
and glossary mentions that name them; their entry. What no rule can decide is listed, with its place, for a curator.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from rag.corpus.edits import REASON, Edit, cut_passages, without_asked, without_examples
from rag.corpus.ids import locked_ids
from rag.corpus.read import Corpus, source_id, source_paths
from rag.corpus.yaml_text import parsed
from rag.model import Frozen, Passage, Person, SourceFile, digest_of

SHORTEST = 3  # letters of a name that can tell a person by itself
_FEWEST_QUESTIONS = 2
_COMMENT = re.compile(r"(?:^|\s)#\s*(.*)$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Plan(Frozen):
    """What a removal would do. `texts` are the files as they would be, `undecided` what a curator has to look at."""

    person: str
    names: tuple[str, ...]
    passages: tuple[str, ...] = Field(description="Ids of passages that go whole.")
    shortened: tuple[tuple[str, str], ...] = Field(
        description="Passages that lose statements: the id before, and the one of what is left."
    )
    statements: tuple[str, ...] = Field(description="Ids of the statements that go from those.")
    questions: int
    notes: int
    terms: tuple[str, ...]
    undecided: tuple[str, ...]
    texts: dict[Path, str | None]

    @property
    def buried(self) -> tuple[str, ...]:
        """Ids of passages that will stand for nothing any more."""
        return (*self.passages, *(old for old, _ in self.shortened))


class _Names:
    """Who is meant by which words: names of the person alone, names shared with others, parts of a name."""

    def __init__(self, person: Person, corpus: Corpus) -> None:
        self._id = person.id
        own = {n for n in (person.name, *person.aliases) if _tells(n)}
        others = {n for p in corpus.people if p.id != person.id for n in (p.name, *p.aliases)}
        terms = {n for t in corpus.terms if t.term not in own for n in (t.term, *t.aliases)}
        taken = {w for n in (*others, *terms) for w in n.split()}
        parts = {w for n in own for w in n.split() if _tells(w)} - own - taken
        self.certain = tuple(sorted(own - others - terms, key=len, reverse=True))
        self._sure = _any_of(self.certain)
        self._shared = _any_of(own & (others | terms))
        self._part = _any_of(parts)
        longer = {o for o in (*others, *terms) if any(n in o and n != o for n in own | parts)}
        self._longer = _any_of(longer)

    def named(self, text: str) -> bool:
        """Whether a text names this person and nobody else could be meant."""
        return bool(self._sure.search(self._plain(text)))

    def touched(self, text: str) -> bool:
        """The same in a passage about this person, where a part of the name is enough."""
        plain = self._plain(text)
        return any(form.search(plain) for form in (self._sure, self._shared, self._part))

    def perhaps_in(self, text: str) -> bool:
        """Whether a file has to be read at all: its text has the person's id, a name, or escapes that may hide one."""
        return self._id in text or "\\" in text or self.touched(text.replace("''", "'"))

    def _plain(self, text: str) -> str:
        return self._longer.sub(" … ", " ".join(text.split()))


def plan(corpus_dir: Path, corpus: Corpus, person: str) -> Plan:
    """What removing a person would do. Raises UnexpectedLayout for a file that cannot be edited safely."""
    names = _Names(corpus.persons[person], corpus)
    work = _Work(person, names, locked_ids(corpus_dir) | set(corpus.passages))
    edits = []
    for path in source_paths(corpus_dir):
        if not names.perhaps_in(path.read_text("utf-8")):
            continue
        file = next(f for f in corpus.files if f.source.id == source_id(path))
        edit = Edit(path)
        before = edit.text
        work.source(edit, file)
        if edit.text != before:
            edits.append(edit)
    glossary, people = Edit(corpus_dir / "glossary.yaml"), Edit(corpus_dir / "people.yaml")
    work.glossary(glossary, corpus)
    work.people(people, corpus)
    texts: dict[Path, str | None] = {e.path: e.text for e in (*edits, glossary, people)}
    buried = (*work.gone, *work.shortened)
    texts |= without_examples(corpus_dir, corpus, buried)
    about = {p.id for p in corpus.passages.values() if person in p.people}
    texts |= without_asked(corpus_dir, buried, lambda p, q: (names.touched if p in about else names.named)(q))
    for path in (
        *source_paths(corpus_dir),
        *(corpus_dir / f"{n}.yaml" for n in ("people", "glossary", "taxonomy")),
    ):
        text = texts.get(path) or path.read_text("utf-8")
        if names.perhaps_in(text):
            name = path.relative_to(corpus_dir)
            said = [(where, x) for where, x in (*_texts(parsed(text)), *_comments(text)) if names.touched(x)]
            work.undecided += [f"{name}: {where}: {_cut(x)}" for where, x in said]
    slug = {w for w in person.split("-") if len(w) > SHORTEST}
    work.undecided += [
        f"sources/{s}.yaml: its id says a part of the name; only removing the source takes that away"
        for s in corpus.sources
        if slug & set(s.split("-"))
    ]
    return Plan(
        person=person,
        names=names.certain,
        passages=tuple(work.gone),
        shortened=tuple(work.shortened.items()),
        statements=tuple(work.statements),
        questions=work.questions,
        notes=work.notes,
        terms=tuple(work.terms),
        undecided=tuple(dict.fromkeys(work.undecided)),
        texts={p: t for p, t in texts.items() if t != p.read_text("utf-8")},
    )


class _Work:
    """The edits of one removal, and what they came to."""

    def __init__(self, person: str, names: _Names, taken: set[str] | frozenset[str]) -> None:
        self.person, self.names = person, names
        self._taken = set(taken)
        self.gone: list[str] = []
        self.shortened: dict[str, str] = {}
        self.statements: list[str] = []
        self.terms: list[str] = []
        self.undecided: list[str] = []
        self.questions = self.notes = 0

    def source(self, edit: Edit, file: SourceFile) -> None:
        for n, note in reversed(list(enumerate(file.source.editorial_notes))):
            if self.names.named(note.note):
                edit.cut("source", "editorial_notes", n)
                self.notes += 1
                for m, p in enumerate(file.passages):
                    if note.id in p.notes:
                        edit.cut("passages", m, "notes", edit.data["passages"][m]["notes"].index(note.id))
        for n, left in enumerate(file.left_out):
            if self.names.named(left.reason):
                edit.put(REASON, "left_out", n, "reason")
        gone = set()
        for n, passage in enumerate(file.passages):
            if passage.people == (self.person,) or self._shared(edit, n, passage):
                gone.add(passage.id)
        self.gone += [p.id for p in file.passages if p.id in gone]
        if gone:
            cut_passages(edit, gone)

    def _shared(self, edit: Edit, at: int, p: Passage) -> bool:
        """Takes the person out of a passage that is about others too; whether nothing is left of it."""
        about = self.person in p.people
        names = self.names.touched if about else self.names.named
        lost = [n for n, s in enumerate(p.statements) if names(s)]
        if len(lost) == len(p.statements):
            return True
        unasked = [n for n, q in enumerate(p.questions) if names(q)]
        for field, positions in (("statements", lost), ("questions", unasked)):
            for n in reversed(positions):
                edit.cut("passages", at, field, n)
        self.questions += len(unasked)
        if about:
            edit.cut("passages", at, "people", p.people.index(self.person))
        place = p.id
        if lost:
            place = self.shortened[p.id] = self._fresh(p.id)
            self.statements += [f"{p.id}#{n + 1}" for n in lost]
            edit.put(place, "passages", at, "id")
            if p.reviewed is not None:
                left = [s for n, s in enumerate(p.statements) if n not in lost]
                edit.put(digest_of(left), "passages", at, "reviewed", "digest")
        if about:
            left_of = " ".join(s for n, s in enumerate(p.statements) if n not in lost)
            self.undecided.append(
                f"{place}: tagged with this person; does what is left speak of them? {left_of}"
            )
        if (
            unasked
            and p.questions
            and len(p.questions) - len(unasked) < _FEWEST_QUESTIONS
            and p.reviewed is None
        ):
            self.undecided.append(f"{place}: fewer than {_FEWEST_QUESTIONS} questions are left; write others")
        return False

    def glossary(self, edit: Edit, corpus: Corpus) -> None:
        for n, term in reversed(list(enumerate(corpus.terms))):
            kept = [s for s in _SENTENCE.split(term.definition) if not self.names.named(s)]
            if self.names.named(term.term) or not kept:
                self.terms.append(f"{term.id}: the whole entry")
                edit.cut("terms", n)
                continue
            for m, alias in reversed(list(enumerate(term.aliases))):
                if self.names.named(alias):
                    edit.cut("terms", n, "aliases", m)
            if " ".join(kept) != " ".join(_SENTENCE.split(term.definition)):
                self.terms.append(f"{term.id}: what it says of them")
                edit.put(" ".join(kept), "terms", n, "definition")

    def people(self, edit: Edit, corpus: Corpus) -> None:
        for n, other in reversed(list(enumerate(corpus.people))):
            if other.id == self.person:
                edit.cut("people", n)
                continue
            for m, link in reversed(list(enumerate(other.same_as))):
                if link.person == self.person:
                    edit.cut("people", n, "same_as", m)

    def _fresh(self, passage: str) -> str:
        """An id for what is left of a passage, which nothing was ever called and which sorts where the old one did."""
        letters = string.ascii_lowercase
        tails = (*letters, *(a + b for a in letters for b in letters))
        made = next(f"{passage}{t}" for t in tails if f"{passage}{t}" not in self._taken)
        self._taken.add(made)
        return made


def _tells(name: str) -> bool:
    """Whether words are a name rather than a description: long enough, and not all in small letters."""
    return len(name) >= SHORTEST and (name != name.lower() or not name.isascii())


def _any_of(names: Any) -> re.Pattern[str]:
    forms = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{forms})(?!\w)" if forms else r"(?!)")


def _texts(data: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a file with its place; entries of a list by their id where they have one."""
    if isinstance(data, str):
        yield where, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, f"{where}.{key}" if where else str(key))
    elif isinstance(data, list):
        for n, value in enumerate(data):
            own = value.get("id") if isinstance(value, dict) else None
            yield from _texts(value, f"{where}[{own or n + 1}]")


def _comments(text: str) -> Iterator[tuple[str, str]]:
    for n, line in enumerate(text.splitlines(), 1):
        if found := _COMMENT.search(line):
            yield f"line {n}, comment", found[1]


def _cut(text: str, most: int = 110) -> str:
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"
