"""Names of private persons in a document, by how they are written and what stands around them.

No model: a run of capitalised words is a person's name when a title, a word of kinship, a verb of speech or an age stands
by it, when it begins with a given name, or when it is two words or more that the document never writes small and that
name no place, group or institution. What was found once is found everywhere in the document, also by its parts ("Amina
Yusuf", "Amina", "Ms Yusuf" are one person). Scripts without capitals are not read: docs/ingest.md says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources

from rag.data import from_yaml
from rag.guard.features import names as names_of_groups
from rag.guard.letters import letters
from rag.ingest.personal import Personal
from rag.ingest.sentences import sentences
from rag.link import countries
from rag.text import STOPWORDS, fold

_PARTICLE = r"(?:al|el|ul|ad|as|ash|at|an|bin|ibn|bint|ben|van|von|der|den|de|del|della|di|da|dos|du|la|le|abu|umm|abd|bou|ould)"
_CAP = r"[A-ZÀ-ÖØ-ÞĀŞİĞČĆŠŽŁŚ](?:(?:['’](?!s\b)|\w)*[a-zà-ÿāşığčćšžłśńęąóźż][\w]*|\.)"
_NO = r"(?!(?:And|Or|The|Of|In|On|At|For|With|From|But|I|If|As|We|He|She|It|They|You|My|His|Her|Our|Their|This|That)(?:['’]\w+)?\b)"
_WORD = rf"{_NO}{_CAP}(?:-{_CAP}|-[a-zà-ÿ]+)*"
_RUN = re.compile(
    rf"(?<![\w'’.-])(?:(?:[aA]l|[eE]l)-)?{_WORD}(?:[ ](?:{_PARTICLE}[ -]){{0,2}}(?:(?:al|el|ul|ad|as|ash|at)-)?{_WORD})*"
)
_AGE = re.compile(
    r"(?:,|\s\()\s?(?:aged\s+|then\s+|now\s+|only\s+)*(?:[1-9]\d)\b(?!\d|%|\s(?:percent|people|men|women|years? (?:in|of|ago)))"
)
_MY_NAME = re.compile(
    r"\b(?:(?:my|his|her|their|whose)\s+(?:real\s+|full\s+|first\s+|true\s+)*name\s+(?:is|was)|(?:goes|went)\s+by|introduced\s+\w+\s+as|known\s+as|i\s+am|i'm|call\s+me)\s*:?\s*[\"“‘]?$",
    re.IGNORECASE,
)
_COMMONEST = -8.5  # log-probability of a word in our examples above which it is an everyday word


class _Lists:
    def __init__(self) -> None:
        raw = from_yaml(resources.files("rag.ingest").joinpath("names.yaml").read_text("utf-8"))
        words = {k: frozenset(v.split()) for k, v in raw.items() if k != "public"}
        self.given = frozenset(map(fold, words["given"]))
        self.titles, self.kin, self.naming = words["titles"], words["kin"], words["naming"]
        self.speech, self.institutions = words["speech"], words["institutions"]
        self.particles = words["particles"]
        self.public = frozenset(fold(n.strip()) for n in raw["public"].split("|"))
        places = from_yaml(resources.files("rag.guard").joinpath("places.yaml").read_text("utf-8"))
        known = [form for c in countries() for form in (c.name, *c.people, *c.names)]
        known += [f"{form}s" for c in countries() for form in c.people]
        known += [city for cities in places["cities"].values() for city in cities] + list(places["codes"])
        known += [n for kind in names_of_groups().values() for n in kind]
        self.elsewhere = frozenset(fold(k) for k in known)
        # "Sri Lanka" in a run, also as "Indo-Sri Lanka"; of one word a land may be a person's name ("Georgia").
        lands = "|".join(sorted((re.escape(k) for k in self.elsewhere if " " in k), key=len, reverse=True))
        self.land = re.compile(rf"\b(?:{lands})n?\b")


@cache
def _lists() -> _Lists:
    return _Lists()


def persons(
    texts: Sequence[str], *, known: Iterable[str] = (), public: Iterable[str] = ()
) -> list[list[Personal]]:
    """Names of persons in each of the texts of one document.

    `known` are names of groups, places and things of the corpus; `public` those of persons whose names are no secret.
    """
    lists = _lists()
    no_names = lists.elsewhere | {fold(k) for k in known}
    open_names = lists.public | {fold(p) for p in public}
    small = Counter(w for t in texts for w in re.findall(r"\b[^\W\d_A-Z][\w'’]*", t))
    reading = _Reading(lists, no_names, small)
    found: dict[str, str] = {}
    for text in texts:
        starts = {s.start for s in sentences(text)}
        for run in _RUN.finditer(text):
            for name, why in reading.names_in(text, run, starts):
                if fold(name) not in open_names:
                    found.setdefault(name, why)
    parts = _parts(found, reading, open_names)
    return [_everywhere(text, found, parts, open_names) for text in texts]


class _Reading:
    """Whether a run of capitals in its surroundings is a person's name."""

    def __init__(self, lists: _Lists, no_names: frozenset[str], small: Mapping[str, int]) -> None:
        self.lists, self.no_names, self.small = lists, no_names, small

    def names_in(self, text: str, run: re.Match[str], starts: set[int]) -> list[tuple[str, str]]:
        """(name, why it is taken for one) of a run; a run can hold a title or a first word that is no part of it."""
        if self.lists.land.search(fold(run.group()).replace("-", " ")):
            return []
        words = _split(run.group())
        at = run.start()
        opener = at in starts or text[max(0, at - 2) : at].strip() in ("“", '"', "‘", "(")
        before = text[max(0, at - 60) : at]
        why = ""
        if words and fold(words[0]).rstrip(".") in self.lists.titles and len(words) > 1:
            words, why, opener = words[1:], "after a title", False
        elif opener and len(words) > 1 and not self._given(words[0]) and self._everyday(words[0]):
            words, opener = words[1:], False
        while words and self._everyday_opener(words[0], opener):
            words, opener = words[1:], False
        if not words:
            return []
        name = " ".join(words)
        tail = text[run.end() : run.end() + 40]
        if fold(name) in self.no_names or self._institution(words):
            return []
        why = why or self._cue(before, tail, words, opener)
        if not why and len([w for w in words if w[0].isupper()]) >= 2 and self._unlike_words(words):
            why = "words with capitals that the text never writes small"
        if not why and self._given(words[0]) and not (opener and self._everyday(words[0])):
            why = "a given name"
        return [(name, why)] if why else []

    def _cue(self, before: str, tail: str, words: Sequence[str], opener: bool) -> str:
        lists = self.lists
        plain = re.findall(r"[\w'’]+", before.casefold())
        if len(words) == 1 and (fold(words[0]) in self.no_names or (opener and self._everyday(words[0]))):
            return ""
        if _MY_NAME.search(before):
            return "said to be a name" if not self._everyday(words[0]) else ""
        gap = before.rstrip()[-1:] not in ".!?;:"
        if plain and gap:
            if plain[-1] in lists.naming:
                return "said to be a name"
            if plain[-1] in lists.titles - {
                "private",
                "general",
                "major",
                "father",
                "brother",
                "sister",
                "officer",
            }:
                return "after a title"
            owned = {"my", "his", "her", "their", "our", "your", "whose", "the", "a", "older", "younger", "elder", "little", "best", "late", "eldest", "big", "old", "new", "first"}  # fmt: skip
            if (
                plain[-1] in lists.kin
                and len(plain) > 1
                and (plain[-2] in owned or plain[-2].endswith(("'s", "’s")))
            ):
                return "after a word of kinship or acquaintance"
        if _AGE.match(tail):
            return "beside an age"
        after = re.match(r"(?:['’]s)?,?\s+([a-z]+)", tail)
        said = after is not None and after[1] in lists.speech - {"was", "is", "has", "had"}
        if said and not self._everyday(words[-1]) and not opener:
            return "beside a verb of speech or doing"
        if said and self._strange(words[-1]):
            return "beside a verb of speech or doing"
        if (
            plain
            and plain[-1] in ("said", "says", "told", "asked", "met", "married", "with")
            and self._strange(words[-1])
        ):
            return "beside a verb of speech or doing"
        return ""

    def _everyday_opener(self, word: str, opener: bool) -> bool:
        return fold(word) in STOPWORDS or (opener and self._everyday(word) and not self._given(word))

    def _given(self, word: str) -> bool:
        return fold(word) in self.lists.given

    def _everyday(self, word: str) -> bool:
        """Whether a word is an ordinary one: the document writes it small, or our examples do so often."""
        low = word.casefold()
        return (
            low in STOPWORDS
            or self.small[low] > 0
            or (letters().frequency(fold(word)) > _COMMONEST and not self._given(word))
        )

    def _strange(self, word: str) -> bool:
        plain = fold(word)
        return not self._everyday(word) and not letters().knows(plain) and plain not in self.no_names

    def _institution(self, words: Sequence[str]) -> bool:
        plain = [fold(w).strip(".'’") for w in words]
        if any(p in self.lists.institutions for p in plain) and not self._given(words[0]):
            return True
        if len(words) > 1 and all(p in self.no_names or p in self.lists.institutions for p in plain):
            return True
        return plain[-1] in self.lists.institutions

    def _unlike_words(self, words: Sequence[str]) -> bool:
        plain = [w for w in words if w[0].isupper() and len(w.strip(".")) > 1]
        if not plain or any(fold(w) in self.no_names for w in plain if not self._given(w)):
            return False
        if self._given(plain[0]):
            return True
        return not any(self.small[w.casefold()] for w in plain) and not all(self._everyday(w) for w in plain) and any(self._strange(w) for w in plain)  # fmt: skip


def _split(run: str) -> list[str]:
    return re.sub(r"['’]s$", "", run).split(" ")


def _parts(found: Mapping[str, str], reading: _Reading, open_names: frozenset[str]) -> dict[str, str]:
    """Parts of names that stand for the whole name: not an everyday word, and not of a public person."""
    parts: dict[str, str] = {}
    for name in found:
        pieces = [w for w in _split(name) if w[0].isupper() or "-" in w]
        for piece in pieces if len(pieces) > 1 else ():
            plain = fold(piece)
            if len(piece) < 3 or reading.small[piece.casefold()] or plain in reading.no_names:
                continue
            if plain in open_names or plain in reading.lists.institutions or plain in reading.lists.titles:
                continue
            if reading._everyday(piece) and not reading._given(piece):
                continue
            parts.setdefault(piece, name)
    return parts


def _everywhere(
    text: str, found: Mapping[str, str], parts: Mapping[str, str], open_names: frozenset[str]
) -> list[Personal]:
    items: list[Personal] = []
    for name in sorted({*found, *parts}, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
            inside_public = any(
                fold(text[max(0, match.start() - 30) : match.end() + 30]).find(p) >= 0
                and name.casefold() in p.split()
                for p in open_names
                if " " in p
            )
            if inside_public or any(i.start < match.end() and match.start() < i.end for i in items):
                continue
            why = found.get(name) or f"part of the name {parts[name]}"
            items.append(
                Personal(kind="person", start=match.start(), end=match.end(), text=match.group(), why=why)
            )
    return sorted(items, key=lambda i: i.start)


def one_person(name: str, other: str) -> bool:
    """Whether one of two names is a part of the other: they are masked alike."""
    a, b = set(map(fold, _split(name))), set(map(fold, _split(other)))
    return bool(a) and bool(b) and (a <= b or b <= a)
