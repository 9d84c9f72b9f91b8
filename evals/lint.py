"""Checks of the cases themselves: sealed, whole, and true to the corpus that they ask about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from evals.cases import (
    CASES,
    FILES,
    AnswerCase,
    Case,
    CaseError,
    ConversationCase,
    IntentCase,
    Nugget,
    ParityCase,
    Place,
    VariantCase,
    content_hash,
    load,
    rows,
    to_line,
)
from evals.matching import Said, said
from rag.corpus import Corpus
from rag.model import Passage
from rag.text import fold

ANSWERED = (AnswerCase, ConversationCase, VariantCase)


class Fault(NamedTuple):
    """Something wrong with a case, said to its author."""

    file: str
    case: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.file}.jsonl, {self.case}: {self.what}. {self.todo}"


class _Told(NamedTuple):
    """A corpus with the positions of the passages of each (source, paragraph)."""

    corpus: Corpus
    passages: tuple[Passage, ...]
    at: Mapping[tuple[str, int], Sequence[int]]

    @classmethod
    def of(cls, corpus: Corpus) -> Self:
        at: dict[tuple[str, int], list[int]] = {}
        passages = tuple(corpus.passages.values())
        for n, passage in enumerate(passages):
            for paragraph in passage.locator.paragraphs:
                at.setdefault((passage.source, paragraph), []).append(n)
        return cls(corpus, passages, at)

    def texts(self, places: Sequence[Place]) -> list[str]:
        """The statements and notes of the passages of these paragraphs, in corpus order."""
        positions = {n for p in places for n in self.at.get((p.source, p.paragraph), ())}
        found = [self.passages[n] for n in sorted(positions)]
        notes = [n.note for p in found for n in self.corpus.notes_of(p)]
        persons = self.corpus.persons
        people = [persons[x] for p in found for x in p.people if x in persons]
        status = [p.legal_status.text for p in people if p.legal_status]
        return [*(s for p in found for s in p.statements), *dict.fromkeys(notes), *dict.fromkeys(status)]


def lint(corpus: Corpus, folder: Path = CASES) -> list[Fault]:
    """Every fault of every case file; an empty list when all is well."""
    faults: list[Fault] = []
    held: dict[str, tuple[Case, ...]] = {}
    for name in FILES:
        try:
            held[name] = load(name, folder)
        except CaseError as e:
            faults.append(Fault(name, "", str(e), "Mend the line."))
            held[name] = ()
    faults += _unsealed(folder)
    faults += _doubled(held)
    faults += _unpaired(held)
    told = _Told.of(corpus)
    for name, cases in held.items():
        for case in cases:
            faults += [Fault(name, case.id, *f) for f in _untrue(case, told)]
    return faults


def seal(name: str, folder: Path = CASES) -> int:
    """Writes the right hash into every case of a file; returns how many changed."""
    path = folder / f"{name}.jsonl"
    found = [row for _, row in rows(path)]
    changed = len([row for row in found if row.get("hash") != content_hash(row)])
    path.write_text("".join(to_line(row) + "\n" for row in found), "utf-8")
    return changed


def _unsealed(folder: Path) -> Iterator[Fault]:
    for name in FILES:
        path = folder / f"{name}.jsonl"
        for _, row in rows(path) if path.is_file() else ():
            if row.get("hash") != content_hash(row):
                todo = "If the change is meant: exitvoices eval case seal"
                yield Fault(name, str(row.get("id")), "it was changed after it was sealed", todo)


def _doubled(held: dict[str, tuple[Case, ...]]) -> Iterator[Fault]:
    ids = Counter(c.id for cases in held.values() for c in cases)
    for name, cases in held.items():
        asked = Counter(fold(" / ".join(t.content for t in c.turns)) for c in cases)
        for case in cases:
            if ids[case.id] > 1:
                yield Fault(name, case.id, "the id stands in two files", "Give one of them another.")
            if asked[fold(" / ".join(t.content for t in case.turns))] > 1:
                yield Fault(name, case.id, "the same question stands twice in the file", "Drop one.")


def _unpaired(held: dict[str, tuple[Case, ...]]) -> Iterator[Fault]:
    for name in ("safety", "stigma"):
        pairs: dict[str, list[Case]] = {}
        for case in held[name]:
            if isinstance(case, (IntentCase, ParityCase)):
                pairs.setdefault(case.pair, []).append(case)
        for pair, cases in pairs.items():
            if len(cases) != 2 or len({c.split for c in cases}) != 1:
                yield Fault(name, pair, "a pair needs two halves in one split", "Complete or move it.")
    known = {c.id for cases in held.values() for c in cases}
    for case in held["robustness"]:
        if isinstance(case, VariantCase) and case.base not in known:
            yield Fault("robustness", case.id, f"its base {case.base} is no case", "Name one that is.")


def _untrue(case: Case, told: _Told) -> Iterator[tuple[str, str]]:
    for place in case.evidence:
        if place.source not in told.corpus.sources:
            yield f"there is no source {place.source}", "Correct it, or drop the case with the source."
        elif isinstance(case, ANSWERED) and place.grade == 2 and not told.texts([place]):
            yield (
                f"{place.source} has no passage of paragraph {place.paragraph}",
                "Name the paragraph that answers.",
            )
    for nuggets, places in _claims(case):
        texts = told.texts(places)
        for nugget in nuggets:
            if texts and said(nugget, texts) is not Said.WHOLLY:
                yield (
                    f"the corpus does not say '{nugget.text}' in the paragraphs named",
                    "Add the words that it uses to `must`, or correct the nugget or the paragraphs.",
                )


def _claims(case: Case) -> Iterator[tuple[Sequence[Nugget], Sequence[Place]]]:
    if isinstance(case, AnswerCase):
        yield case.nuggets, case.relevant
    if isinstance(case, ConversationCase):
        for turn in case.dialogue:
            yield turn.nuggets, turn.relevant
