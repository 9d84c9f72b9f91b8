"""Whose word a sentence is, and whether it says so.

Testimony is the word of the one who gave it; analysis and opinion are the word of who judges. A sentence must say that
it is somebody's word, and whose, in the sentence itself: the sentences around it may be dropped, and a "he" would then
be somebody else. Plain facts of method and context may be told plainly, unless the source only alleges or judges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.verify.lexicon import elsewhere, group, root
from rag.answer.verify.names import Names
from rag.answer.verify.reading import Reading, read
from rag.answer.verify.verdict import Failure
from rag.corpus import Corpus
from rag.link import countries
from rag.model import Passage, Person, Source
from rag.text import fold, words

FIRST_HAND = ("testimony", "testimony_reported", "family_or_victim")
JUDGED = ("analysis", "opinion")
BEFORE_A_NAME = frozenset(
    "said say says wrote write writes report reports reported argue argues claimed claims".split()
)
_SUMMARY = re.compile(r",? (?:by|in) a summary(?: of [^,;:]*)?", re.IGNORECASE)
TESTIFYING = ("insider", "family", "mentioned")


@dataclass(frozen=True, slots=True)
class Told:
    """A cited statement with what is known of its place."""

    reading: Reading
    passage: Passage
    source: Source


class Attribution:
    def __init__(self, corpus: Corpus, names: Names) -> None:
        self._corpus = corpus
        self._names = names
        self._marks = group("attributing")

    def failure(
        self, sentence: Reading, cited: Sequence[Told], speaker: str | None, *, english: bool
    ) -> Failure | None:
        """What is wrong with the attribution of a sentence; None where it is right."""
        wrong = self.foreign_speaker(speaker, cited)
        if wrong:
            return wrong
        doubted = bool(sentence.words & group("doubts") and not sentence.words & group("judging"))
        due = [t for t in cited if self._due(t, doubted=doubted)]
        if not due:
            return None
        marks = self._marks if english else self._marks | elsewhere()
        told_so = any(self._marks_telling(sentence, at, marks) for at in range(len(sentence.tokens)))
        first = [t for t in due if t.passage.type in FIRST_HAND or t.passage.type == "opinion"]
        if (
            not told_so
            and not self._for_somebody(sentence)
            and (first or not self._ascribed(sentence, due, english))
        ):
            whose = self._whose(due[0])
            return Failure(
                kind="attribution", detail=f"The sentence does not say whose word it is ({whose})."
            )
        named = self.named(sentence)
        for told in due:
            wanted = self._owners(told)
            if wanted and not self._identified(sentence, told, wanted, named, english=english):
                whose = self._whose(told)
                return Failure(
                    kind="attribution", detail=f"The sentence does not name whose word it is ({whose})."
                )
        credited = self._credited(sentence)
        allowed = {p for told in cited for p in self._voices(told)}
        for ids in credited:
            if not ids & allowed:
                name = self._corpus.persons[min(ids)].name
                return Failure(kind="attribution", detail=f"The cited statements are not the word of {name}.")
        return None

    def foreign_speaker(self, speaker: str | None, cited: Sequence[Told]) -> Failure | None:
        """The model names a speaker whose word none of the statements is; None where it names none or a fit one."""
        if speaker is None or any(speaker in self._voices(told) for told in cited):
            return None
        return Failure(kind="attribution", detail="The cited statements are not the word of that speaker.")

    def _ascribed(self, sentence: Reading, due: Sequence[Told], english: bool) -> bool:
        """Whether a sentence on analysis names who made it or speaks of the study: "the report's argument is"."""
        named = self.named(sentence)
        return all(
            self._identified(sentence, told, self._owners(told), named, english=english) for told in due
        )

    def _for_somebody(self, sentence: Reading) -> bool:
        """Whether a sentence begins with "For" and a person, as in "For Anna, the messenger matters"."""
        opens = bool(sentence.tokens) and sentence.tokens[0].word == "for"
        return opens and any(start <= 4 for start, _, _ in self._names.persons(sentence))

    @staticmethod
    def _marks_telling(sentence: Reading, at: int, marks: frozenset[str]) -> bool:
        """Whether a word says that this is somebody's word; "so-called" does not, "the reason given by" does."""
        tokens = sentence.tokens
        word = tokens[at].word
        after = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if word in ("given", "named", "cited") and after == "by":
            return True
        if word in ("gave", "give", "gives", "named", "names"):
            return bool(sentence.words & {"reason", "reasons", "motive", "motives"})
        before = [t.word for t in tokens[max(0, at - 2) : at]]
        if word in group("telling_nouns"):
            owned = any(t.raw.endswith(("'s", "’s")) for t in tokens[max(0, at - 2) : at])
            return owned or bool({"by", "in", "his", "her", "their", "own"} & set(before))
        return word in marks and not (word == "called" and before[-1:] == ["so"])

    def testifying(self, reading: Reading) -> frozenset[str]:
        """Ids of the people named who tell of themselves or are told of, without researchers and journalists."""
        return frozenset(p for p in self.named(reading) if self._voice(p) in TESTIFYING)

    def named(self, reading: Reading) -> frozenset[str]:
        """Ids of the people whom a text names."""
        return frozenset(i for _, _, ids in self._names.persons(reading) for i in ids)

    def protagonist(self, sentence: Reading, cited: Sequence[Reading]) -> frozenset[str]:
        """Roots of the words by which the one person of a sentence and its statements is named; empty for several."""
        people = frozenset(p for r in (sentence, *cited) for p in self.testifying(r))
        if len(people) != 1:
            return frozenset()
        person = self._corpus.persons[min(people)]
        return frozenset(root(w) for name in (person.name, *person.aliases) for w in words(name))

    def speakers(self, told: Told) -> frozenset[str]:
        """Ids of those who testify in a cited statement: they stand in the passage and are named by it."""
        named = self.named(told.reading)
        first = [p for p in told.passage.people if self._voice(p) in TESTIFYING]
        return frozenset(p for p in first if p in named) or frozenset(first[:1])

    def _voice(self, person: str) -> str:
        return self._corpus.persons[person].voice if person in self._corpus.persons else "mentioned"

    def _due(self, told: Told, *, doubted: bool) -> bool:
        """Whether a sentence on a statement must say whose word it is; plain facts need not, and an accusation that
        the sentence itself calls one is a plain fact."""
        spoken = _SUMMARY.sub("", told.reading.text)
        if told.passage.type in (*FIRST_HAND, *JUDGED):
            return told.passage.type != "analysis" or any(t.word in self._marks for t in read(spoken).tokens)
        marks = group("judging") if doubted else group("judging") | group("doubts")
        return any(t.word in marks for t in read(spoken).tokens)

    def _owners(self, told: Told) -> frozenset[str]:
        """Whom the sentence must name: those whom the statement itself gives as speaking."""
        credited = frozenset(i for ids in self._credited(told.reading) for i in ids)
        first = {p for p in credited if self._voice(p) in TESTIFYING} & set(told.passage.people)
        return frozenset(first) if told.passage.type in FIRST_HAND and first else credited

    def _identified(
        self, sentence: Reading, told: Told, wanted: frozenset[str], named: frozenset[str], *, english: bool
    ) -> bool:
        first = told.passage.type in FIRST_HAND
        if wanted & named or (
            first and self.speakers(told) & {i for ids in self._credited(sentence) for i in ids}
        ):
            return True
        if first and any(self._voice(p) in TESTIFYING for p in wanted):
            return any(self._described(sentence, self._corpus.persons[p]) for p in wanted)
        found = sentence.words
        card = {w for w in words(f"{told.source.publisher} {' '.join(told.source.authors)}") if len(w) > 3}
        return bool(found & group("researchers") or found & card) or not english

    def _described(self, sentence: Reading, person: Person) -> bool:
        """Whether a sentence names a person by role, people or age instead of by name: "the German man of 30"."""
        text = f" {' '.join(t.word for t in sentence.tokens)} "
        if any(f" {fold(d).removeprefix('the ')} " in text for d in person.described_as):
            return True
        adjectives = {p for c in countries() if c.name in person.nationality for p in c.people}
        roles = {w for role in person.role for w in role.split("_")} - {"other"}
        return bool(sentence.words & adjectives) and bool(
            sentence.words & (roles | {person.gender, "teenager"})
        )

    def _credited(self, reading: Reading) -> list[frozenset[str]]:
        """Ids of those whom a text gives as speaking: a name shortly before or after a word for speaking."""
        verbs = group("attributing") - group("telling_nouns")
        marks = [i for i, t in enumerate(reading.tokens) if t.word in verbs]
        found = []
        for start, end, ids in self._names.persons(reading):
            word = reading.tokens[end - 1].raw
            owned = word.endswith(("'s", "’s"))
            follows = reading.tokens[end].word if end < len(reading.tokens) else ""
            before = reading.tokens[start - 1].word if start else ""
            if before in ("to", "with", "about") or (before == "of" and not owned):
                continue
            near = owned and follows in group("telling_nouns")
            near |= not owned and any(end <= m <= end + 1 for m in marks)
            near |= not owned and start > 0 and before in BEFORE_A_NAME
            near |= before == "to" and start > 1 and reading.tokens[start - 2].word == "according"
            if near:
                found.append(ids)
        return found

    def _voices(self, told: Told) -> frozenset[str]:
        """Everybody whose word a statement may be: whom it names as speaking, who testifies, who wrote the source."""
        credited = {i for ids in self._credited(told.reading) for i in ids}
        authors = {
            p.id for p in self._corpus.people if any(fold(p.name) == fold(a) for a in told.source.authors)
        }
        testifying = set(self.speakers(told)) if told.passage.type in FIRST_HAND else set()
        if told.passage.type in ("opinion", "context"):
            testifying = set(told.passage.people) & self.named(told.reading)
        return frozenset(credited | authors | testifying)

    def _whose(self, told: Told) -> str:
        owners = [self._corpus.persons[p].name for p in told.passage.people if p in self._owners(told)]
        return ", ".join(owners) or " and ".join(told.source.authors) or told.source.publisher
