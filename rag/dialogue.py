"""Follow-ups without a model: a turn that leans on the conversation becomes a question that stands alone.

Whom and what a turn means is taken from the reader's own questions and from whom the last answer named, so a
standalone question never names anybody who was not there. A turn that already stands alone is left as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.corpus import Corpus
from rag.link import MEN, WOMEN, Linker, Mentions, countries
from rag.model import Turn
from rag.text import STOPWORDS, content_words, fold, words

HE = frozenset(["he", "him", "his"])
SHE = frozenset(["she", "her", "hers"])
THEY = frozenset(["they", "them", "their", "theirs"])
PRONOUNS = HE | SHE | THEY
IT = frozenset(["it", "that", "this", "those", "these", "there", "then"])
QUESTION_WORDS = frozenset(
    """
    who what when where why how which did do does is are was were has have had can could would tell explain
    """.split()
)
MEN_WORDS, WOMEN_WORDS = ("men", "males", "guys", "husbands", "boys"), ("women", "females", "wives", "girls")

LEAD_IN = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|right|well|so|thanks|thank you|cool)\b[\s,.!]*)*"
    r"(?:(?:let'?s move on|moving on|(?:an?)?other (?:topic|question|thing|subject)|(?:a )?(?:different|new|next) "
    r"(?:topic|question|thing|subject)|something else|back to (?=the |that ))[\s,.:;!-]*)?",
    re.IGNORECASE,
)
CORRECTION = re.compile(
    r"^\s*(?:not (?:[\w-]+\s?){1,3}?(?=[,.;]|\s?(?:but|i mean)\b)|"
    r"(?:no|nope|nah|wrong|sorry|actually|correction|i mean[t]?)\b)"
    r"(?:[\s,.:;-]|but\b|sorry\b|i mean[t]?\b|no\b)*",
    re.IGNORECASE,
)
CONTINUES = re.compile(r"^\s*(?:and|but|or|also|plus|what about|how about|same for)\b[\s,]*", re.IGNORECASE)
AS_WELL = re.compile(r"\b(?:as well|too|also|the same)\W*$", re.IGNORECASE)
OTHERS = re.compile(
    r"\b(?:the )?(?:others?|other (?:ones?|people|men|women|guys)|rest|(?:any|some|every)(?:one|body) else|"
    r"who else|else)\b",
    re.IGNORECASE,
)
WHO_SAID = re.compile(
    r"^\s*(?:and\s+)?(?:(?:says\s+)?who(?:se (?:opinion|words?|claim|view|account)[^?]*)?\s*\?*\s*$|"
    r"(?:who|where|how) (?:said|says|told|tells|claims?|(?:did|do|does) (?:they|he|she|you) (?:get|know|hear))\b)",
    re.IGNORECASE,
)


def standalone(question: str, history: Sequence[Turn], linker: Linker, corpus: Corpus) -> str:
    """The question as it would be asked with no conversation before it; unchanged when it already stands alone."""
    asked = [t.content for t in history if t.role == "user"]
    if not asked:
        return question
    previous = asked[-1]
    told = next((t.content for t in reversed(history) if t.role == "assistant"), "")
    stripped = question[LEAD_IN.match(question).end() :] or question  # type: ignore[union-attr]
    now, before = linker.mentions(stripped), linker.mentions(previous)
    content = content_words(stripped)
    continues = CONTINUES.match(stripped)
    rest = stripped[continues.end() :] if continues else stripped
    correction = CORRECTION.match(stripped)
    if correction and stripped[correction.end() :].strip():
        meant = re.split(r",\s*not\b", stripped[correction.end() :])[0]
        if _whole(meant) and len(content_words(meant)) > 3:
            return meant
        return _continued(meant, previous, before, linker, corpus)
    if WHO_SAID.match(stripped) and not now.persons and len(content) <= 3:
        return f"Who says this: {_claim(previous, told)}?"
    names = _meant(set(words(stripped)), before, told, asked, linker, corpus)
    if names and not now.persons and not now.countries:
        return _with_names(stripped, names)
    if OTHERS.search(stripped) and len(content) <= 4 and not now.persons:
        besides = f" besides {corpus.persons[before.persons[0]].name}" if len(before.persons) == 1 else ""
        return f"{_bare(_without_person(previous, before, corpus))}: {_bare(rest)}{besides}?"
    leans = (continues and len(content) <= 4) or (AS_WELL.search(rest) and len(content) <= 5)
    if leans or (len(content) <= 2 and not _whole(stripped)):
        return (
            rest if _whole(rest) and len(content) >= 4 else _continued(rest, previous, before, linker, corpus)
        )
    if set(words(stripped)) & (IT | THEY) and not now.persons and not now.groups and len(content) <= 4:
        return f"{_bare(stripped)} ({_bare(previous)})?"
    return stripped


def _bare(text: str) -> str:
    return text.strip().rstrip(" ?.!")


def _whole(text: str) -> bool:
    """A clause with a question word or verb at its head: "why did men leave", not "and women"."""
    return bool(set(words(text)[:1]) & QUESTION_WORDS)


def _meant(
    tokens: set[str], before: Mentions, told: str, asked: Sequence[str], linker: Linker, corpus: Corpus
) -> list[str]:
    """Names of whom a pronoun may mean: of the last question, else of the answer, else of earlier questions."""
    if tokens & HE:
        genders: tuple[str, ...] = ("man", "boy", "unknown")
    elif tokens & SHE:
        genders = ("woman", "girl", "unknown")
    elif tokens & THEY:
        genders = ("man", "boy", "woman", "girl", "unknown")
    else:
        return []
    in_answer = linker.mentions(told).persons
    pools: list[Iterable[str]] = [
        before.persons,
        in_answer,
        *(linker.mentions(q).persons for q in reversed(asked[:-1])),
    ]
    for pool in pools:
        fitting = [p for p in pool if corpus.persons[p].gender in genders]
        named = [p for p in fitting if p in in_answer] or [
            p for p in fitting if corpus.persons[p].voice == "insider"
        ]
        if tokens & THEY and len(fitting) > 3:
            return []
        if fitting:
            return [
                corpus.persons[p].name
                for p in ((named or fitting) if tokens & THEY else (named or fitting)[:1])
            ]
    return []


def _with_names(question: str, names: list[str]) -> str:
    """The first pronoun of the question replaced by the names, the rest left as typed."""
    joined = " and ".join(names)

    def named(m: re.Match[str]) -> str:
        pronoun = fold(m.group())
        object_follows = re.match(
            r"\s*(?:\W|$|(?:to|in|at|and|with|for|from|on|the|a)\b)", question[m.end() :]
        )
        owner = pronoun in {"his", "their", "theirs", "hers"} or (pronoun == "her" and not object_follows)
        return f"{joined}'s" if owner else joined

    return re.sub(
        rf"\b(?:{'|'.join(sorted(HE | SHE | THEY))})\b", named, question, count=1, flags=re.IGNORECASE
    )


def _continued(rest: str, previous: str, before: Mentions, linker: Linker, corpus: Corpus) -> str:
    """The previous question with what the new turn changes: its person, men for women, or an added word."""
    change = _bare(
        AS_WELL.sub(
            "", re.sub(r"^(?:do|does|did|of|for|with|from)\s+(?=the\b|an?\b)", "", rest.strip(), flags=re.I)
        )
    )
    if not change:
        return previous
    now = linker.mentions(change)
    swapped = _swap_gender(previous, change)
    if swapped:
        return swapped
    if now.persons or now.countries:
        place = _person_span(previous, before, corpus)
        if place is not None:
            start, end = place
            owner = (
                ""
                if change.endswith(("'s", "’s")) or not previous[start:end].endswith(("'s", "’s"))
                else "'s"
            )
            return f"{previous[:start]}{change}{owner}{previous[end:]}"
    return f"{_bare(previous)}: {change}?"


def _swap_gender(previous: str, change: str) -> str | None:
    """ "What share of the men …" and then "and of the women": the same question of the other group."""
    new = set(words(change))
    if len(content_words(change)) > 1:
        return None
    for theirs, ours in ((MEN_WORDS, WOMEN_WORDS), (WOMEN_WORDS, MEN_WORDS)):
        if new & set(ours):
            pattern = rf"\b(?:{'|'.join(theirs)})\b"
            if re.search(pattern, previous, re.IGNORECASE):
                return re.sub(
                    pattern, next(w for w in words(change) if w in ours), previous, flags=re.IGNORECASE
                )
    return None


def _person_span(question: str, mentions: Mentions, corpus: Corpus) -> tuple[int, int] | None:
    """Where a question speaks of its person, by name, alias or description; None when it names nobody."""
    forms: list[str] = []
    for person in mentions.persons:
        record = corpus.persons[person]
        forms += [re.escape(f) for f in (record.name, *record.aliases, *record.described_as)]
    people = "|".join(sorted((MEN | WOMEN) - HE - SHE))
    for country in countries():
        if country.name in mentions.countries:
            nation, names = "|".join(country.people), "|".join(map(re.escape, country.names))
            forms.append(rf"(?:the |that )?(?:young |old )?(?:{nation})s?(?: (?:{people}))?")
            forms.append(rf"(?:the |that )?(?:{people}) from (?:the )?(?:{names})")
    for form in sorted(forms, key=len, reverse=True):
        found = re.search(rf"(?<!\w)(?:the )?{form}(?:['’]s)?(?!\w)", question, re.IGNORECASE)
        if found:
            return found.span()
    return None


def _without_person(question: str, mentions: Mentions, corpus: Corpus) -> str:
    place = _person_span(question, mentions, corpus)
    return (
        question
        if place is None
        else " ".join((question[: place[0]] + "people" + question[place[1] :]).split())
    )


def _claim(previous: str, told: str) -> str:
    """What was said: the reader's own statement where the last turn was one, else the first sentence of the answer."""
    if not _whole(previous) or not told:
        return _bare(previous)
    first = re.split(r"(?<=[.!?])\s", told.strip())[0]
    return _bare(first) if sum(w not in STOPWORDS for w in words(first)) >= 4 else _bare(previous)
