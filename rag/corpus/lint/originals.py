"""Statements held against the texts that they retell: figures, names, places, and no copied sentences.

Runs only for originals that are at hand; they are the publishers' and are no part of the project.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rag.corpus.lint.context import Check, Context, data, in_source, words_of_names
from rag.corpus.read import Corpus, Problem
from rag.model import Locator, Passage
from rag.text import fold, numbers, stem, words

COPIED_WORDS = 8
MASK = re.compile(r"\[[a-z][a-z ]* \d+\]")  # what `exitvoices ingest` writes instead of personal data
_LINE_END = re.compile("\r\n|[\n\r\v\x1c-\x1e\x85\u2028\u2029]")  # as str.splitlines, less the form feed
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# "unIslamic" as some originals write "un-Islamic".
_JOINED_NAME = re.compile(r"\b[a-z]+([A-Z]\w+)")
# "one" counts nothing in "one of the men" or "no one".
_PRONOUN_ONE = re.compile(r"\bone\b", re.IGNORECASE)
# A name as it is printed: capitalised words, with small words between them ("Centre for the Study of Peace").
_PRINTED_NAME = re.compile(
    r"[A-Z][\w'’.-]*(?:\s+(?:(?:of|for|the|and|al|el|wa|de|to)\s+){0,3}[A-Z][\w'’.-]*)+|[A-Z][\w'’.-]+"
)


def paragraphs(text: str) -> tuple[str, ...]:
    """The non-empty lines of a text; locators count them from 1. A form feed, which ends a page, stays in its line."""
    return tuple(line for line in _LINE_END.split(text) if line.strip(" \t"))


def texts(corpus: Corpus, directory: Path) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Paragraphs of each source whose original lies in the directory, and a problem for each that does not."""
    by_hash: dict[str, Path] = {}
    if directory.is_dir():
        files = (p for p in sorted(directory.rglob("*")) if p.is_file())
        by_hash = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in files}
    found: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for source in corpus.sources.values():
        path = by_hash.get(source.sha256)
        if path is None:
            what = f"no file in {directory.name} has this sha256 ({source.sha256[:12]}…)"
            todo = "Put the text there that the locators refer to; if it has changed, check them and correct sha256."
            problems.append(in_source("sha256", source.id, "source.sha256", what, todo))
        else:
            found[source.id] = paragraphs(path.read_text("utf-8"))
    return found, problems


def locators_exist(context: Context) -> Iterator[Problem]:
    for passage in _checkable(context):
        length = len(context.originals[passage.source])
        for field, place in (
            *(("locator.paragraph", n) for n in passage.locator.paragraphs),
            *(("locator.also", n) for n in passage.locator.also),
        ):
            if not 1 <= place <= length:
                what = f"there is no paragraph {place}: the original has {length}"
                yield in_source("locators", passage.id, field, what, "Correct the number.")


def quotations_are_exact(context: Context) -> Iterator[Problem]:
    """A verbatim statement stands in its own place of the original, letter by letter but for layout and masks."""
    for passage in context.corpus.passages.values():
        source = context.corpus.sources[passage.source]
        if source.rendering == "account" or source.id not in context.originals:
            continue
        there = _plain(place_text(context.originals[source.id], passage.locator))
        for statement in passage.cited():
            pieces = [_plain(piece) for piece in MASK.split(statement.text)]
            if not re.search(".{0,200}?".join(re.escape(p) for p in pieces if p), there):
                what = f"the words are not in the original ({passage.locator})"
                todo = "Quote it exactly, or correct the locator; what was taken out stands as a mask: [person 1]."
                yield in_source("quoted", statement.id, "statements", what, todo)


def place_text(lines: Sequence[str], place: Locator) -> str:
    """What stands in a place of an original given as its non-empty lines; empty where there is no such place.

    Pages are divided by form feeds. A timecode begins the line of every speech.
    """
    if place.paragraph is not None:
        return "\n".join(lines[n - 1] for n in (place.paragraph, *place.also) if 1 <= n <= len(lines))
    if place.page is not None:
        pages = "\n".join(lines).split("\f")
        return pages[place.page - 1] if place.page <= len(pages) else ""
    return "\n".join(line for line in lines if line.startswith(str(place.timecode)))


def _plain(text: str) -> str:
    return " ".join(text.split())


def numbers_occur(context: Context) -> Iterator[Problem]:
    for passage in _checkable(context):
        there = numbers(_cited_text(context, passage))
        for statement in passage.cited():
            for number in sorted(unsupported_numbers(statement.text, there)):
                what = f"the number {number} is not in {_places(passage)} of the original"
                todo = "Correct it, or name the paragraph that gives it under locator.also."
                yield in_source("numbers", statement.id, "statements", what, todo)


def unsupported_numbers(statement: str, there: Iterable[str]) -> frozenset[str]:
    """Numbers of a statement that are not among those of the original, in the normal form of `rag.text.numbers`."""
    return numbers(_PRONOUN_ONE.sub(" ", statement)) - set(there)


def names_occur(context: Context) -> Iterator[Problem]:
    forms = _term_forms(context.corpus)
    names = words_of_names(context.corpus)
    for passage in _checkable(context):
        known = _known(context, passage, forms)
        for statement in passage.cited():
            for name in unsupported_names(statement.text, known, names):
                what = f"the name '{name}' is not in {_places(passage)} of the original"
                todo = "Correct it, add the person to 'people', or name the paragraph that gives it under locator.also."
                yield in_source("names", statement.id, "statements", what, todo)


class Known(NamedTuple):
    """What the original and the corpus vouch for: words by stem, and names of several words only as a whole.

    ("Islamic State of Iraq" does not vouch for "Iraq".)
    """

    stems: frozenset[str]
    phrases: frozenset[tuple[str, ...]]


def unsupported_names(statement: str, known: Known, names: frozenset[str]) -> list[str]:
    """Capitalised words of a statement that nothing vouches for, in their order.

    The first word has a capital anyway: it counts only when it is among `names`, the words of people's names.
    """
    tokens = [(token, word) for token in _TOKEN.findall(statement) for word in words(token)]
    stems = [stem(word) for _, word in tokens]
    vouched = {
        at + n
        for phrase in known.phrases
        for at in range(len(stems) - len(phrase) + 1)
        if tuple(stems[at : at + len(phrase)]) == phrase
        for n in range(len(phrase))
    }
    found = [
        token
        for n, (token, word) in enumerate(tokens)
        if token[0].isupper() and (n > 0 or word.removesuffix("'s") in names)
        if n not in vouched and stems[n] not in known.stems
    ]
    return list(dict.fromkeys(found))


def nothing_is_copied(context: Context) -> Iterator[Problem]:
    forms = _names_as_written(context.corpus)
    runs = {source: _runs(lines, forms) for source, lines in context.originals.items()}
    for passage in _checkable(context):
        for statement in passage.cited():
            for run in copied_runs(statement.text, runs[passage.source], forms):
                what = f"{len(run.split())} words in a row are the original's: '{run}'"
                yield in_source("copied", statement.id, "statements", what, "Say it in other words.")
    for file in context.corpus.files:
        source = file.source
        if source.id in runs and source.rendering == "account":
            for field in ("summary", "method", "standing_note"):
                for run in copied_runs(getattr(source, field), runs[source.id], forms):
                    what = f"{len(run.split())} words in a row are the original's: '{run}'"
                    yield in_source("copied", source.id, field, what, "Say it in other words.")


def copied_runs(text: str, runs: frozenset[tuple[str, ...]], names: re.Pattern[str]) -> list[str]:
    """The longest stretches of at least eight words that stand in the original too, each name counted as one word."""
    here = _units(text, names)
    starts = [
        i
        for i in range(len(here) - COPIED_WORDS + 1)
        if tuple(w for w, _ in here[i : i + COPIED_WORDS]) in runs
    ]
    found: list[tuple[int, int]] = []
    for i in starts:
        if found and i < found[-1][1]:
            found[-1] = (found[-1][0], i + COPIED_WORDS)
        else:
            found.append((i, i + COPIED_WORDS))
    return [" ".join(raw for _, raw in here[a:b]) for a, b in found]


def _runs(lines: Iterable[str], names: re.Pattern[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(
        tuple(unit[i : i + COPIED_WORDS])
        for line in lines
        for unit in [[w for w, _ in _units(line, names)]]
        for i in range(len(unit) - COPIED_WORDS + 1)
    )


class _Unit(NamedTuple):
    word: str
    raw: str


def _units(text: str, names: re.Pattern[str]) -> list[_Unit]:
    """Folded words in order; a known or printed name is one unit, since a name cannot be said in other words."""
    units: list[_Unit] = []
    at = 0
    for match in sorted(
        [*names.finditer(text), *_PRINTED_NAME.finditer(text)], key=lambda m: (m.start(), -m.end())
    ):
        if match.start() < at:
            continue
        units += [_Unit(w, w) for w in words(text[at : match.start()])]
        units.append(_Unit(" ".join(words(match.group())), match.group()))
        at = match.end()
    return units + [_Unit(w, w) for w in words(text[at:])]


def _names_as_written(corpus: Corpus) -> re.Pattern[str]:
    names = {n for p in corpus.people for n in (p.name, *p.aliases)} | {
        n for t in corpus.terms for n in (t.term, *t.aliases)
    }
    names |= {n for s in corpus.sources.values() for n in (s.title, s.publisher, *s.authors)}
    longest_first = sorted((n for n in names if " " in n), key=len, reverse=True)
    return re.compile(
        rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b" if longest_first else r"(?!)", re.IGNORECASE
    )


def _term_forms(corpus: Corpus) -> list[tuple[str, ...]]:
    """Names that stand for the same: a group and its other names, a country and its people."""
    terms = [tuple(" ".join(words(n)) for n in (t.term, *t.aliases)) for t in corpus.terms]
    countries: Mapping[str, Mapping[str, list[str]]] = data("countries.yaml")
    for name, entry in countries.items():
        people = [p + s for p in entry["people"] for s in ("", "s")]
        terms.append((" ".join(words(name)), *people, *entry.get("names", ())))
    return terms


def _known(context: Context, passage: Passage, forms: Iterable[tuple[str, ...]]) -> Known:
    corpus = context.corpus
    cited = _cited_text(context, passage)
    text = [*words(cited), *(fold(name) for name in _JOINED_NAME.findall(cited))]
    joined = f" {' '.join(w.removesuffix(chr(39) + 's') for w in text)} "
    card = corpus.sources[passage.source]
    people = [corpus.persons[p] for p in passage.people if p in corpus.persons]
    anywhere = [card.title, card.publisher, *card.authors, *data("wording.yaml")["harmless_capitals"]]
    anywhere += [n for p in people for n in (p.name, *p.aliases)]
    whole = [n for p in people for n in p.described_as]
    whole += [form for same in forms if any(f" {f} " in joined for f in same) for form in same]
    phrases = {tuple(stem(w) for w in words(p)) for p in whole}
    single = {p[0] for p in phrases if len(p) == 1}
    stems = {stem(w) for w in (*text, *(w for a in anywhere for w in words(a)))}
    return Known(frozenset(stems | single), frozenset(p for p in phrases if len(p) > 1))


def _cited_text(context: Context, passage: Passage) -> str:
    lines = context.originals[passage.source]
    places = (*passage.locator.paragraphs, *passage.locator.also)
    return "\n".join(lines[n - 1] for n in places if 1 <= n <= len(lines))


def _places(passage: Passage) -> str:
    places = [str(n) for n in (*passage.locator.paragraphs, *passage.locator.also)]
    return f"paragraph {places[0]}" if len(places) == 1 else f"paragraphs {', '.join(places)}"


def _checkable(context: Context) -> Iterator[Passage]:
    return (
        p for p in context.accounts() if p.source in context.originals and p.locator.paragraph is not None
    )


CHECKS: tuple[Check, ...] = (
    quotations_are_exact,
    locators_exist,
    numbers_occur,
    names_occur,
    nothing_is_copied,
)
