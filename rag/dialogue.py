"""Follow-ups without a model: a turn that leans on the conversation becomes a question that stands alone.

Entities and topic are carried from the last turns. Names of people come only from the reader's own questions and
from whom the answers cited, so a standalone question never names anybody who was not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus import Corpus
from rag.link import Linker, Mentions
from rag.model import Turn
from rag.text import STOPWORDS, content_words, fold, words

MAN = frozenset("he him his himself".split())
WOMAN = frozenset("she her hers herself".split())
MANY = frozenset("they them their theirs themselves those these".split())
THING = frozenset("it that this there then".split())
CORRECTION = re.compile(r"^\s*(?:no|nope|not? (?:him|her|that|them)|wrong|i mean[t]?|sorry|actually)\b[\s,.:;-]*(?:no[\s,]+)?(?:i mean[t]?\s+)?", re.I)
OTHERS = re.compile(r"\b(?:the )?(?:others?|other ones?|rest|anyone else|anybody else|someone else|who else|other people)\b", re.I)
ELLIPSIS = re.compile(r"^\s*(?:and|but|so|or|also|what about|how about|ok(?:ay)?)\b[\s,]*", re.I)
WHO_SAID = re.compile(r"^\s*(?:and\s+)?(?:who|where|how) (?:said|says|told|tells|did (?:they|he|she|you) (?:get|know|hear)|do (?:they|you) know|claims?|is (?:that|this) from)\b", re.I)


def standalone(question: str, history: Sequence[Turn], linker: Linker, corpus: Corpus) -> str:
    """The question as it would be asked with no conversation before it; unchanged when it already stands alone."""
    asked = [t.content for t in history if t.role == "user"]
    if not asked:
        return question
    previous = asked[-1]
    told = next((t.content for t in reversed(history) if t.role == "assistant"), "")
    now, before = linker.mentions(question), linker.mentions(previous)
    tokens = set(words(question))
    corrected = CORRECTION.match(question)
    if corrected and corrected.end() < len(question):
        return _corrected(question[corrected.end() :], previous, now, before, linker, corpus)
    if OTHERS.search(question) and len(content_words(question)) <= 4:
        return _about_others(question, previous, before, linker, corpus)
    if WHO_SAID.match(question) and not now.persons and len(content_words(question)) <= 3:
        return f"{question.rstrip(' ?')}: {_topic(previous, told)}?"
    names = _referents(tokens, before, told, linker, corpus, asked)
    if names and not now.persons:
        return _substitute(question, names)
    ellipsis = ELLIPSIS.match(question)
    rest = question[ellipsis.end() :] if ellipsis else question
    content = content_words(rest)
    if ellipsis and len(content) <= 4 or (len(content) <= 2 and not _is_whole(question)):
        return _continued(rest, previous, now, before, linker, corpus)
    if tokens & (MANY | THING) and not now.persons and not now.groups and len(content) <= 4:
        return f"{question.rstrip(' ?')} ({previous.rstrip(' ?')})?"
    return question


def _is_whole(question: str) -> bool:
    """A question with a verb of its own after its question word: "why did men leave", not "and women"."""
    first = words(question)[:2]
    return bool(first) and first[0] in {
        "who", "what", "when", "where", "why", "how", "which", "did", "do", "does", "is", "are", "was", "were", "tell",
    }  # fmt: skip


def _name(person: str, corpus: Corpus) -> str:
    return corpus.persons[person].name


def _referents(
    tokens: set[str], before: Mentions, told: str, linker: Linker, corpus: Corpus, asked: Sequence[str]
) -> list[str]:
    """Whom a pronoun may mean: people of the last question, else of the answer, else of earlier questions."""
    if not tokens & (MAN | WOMAN | MANY):
        return []
    genders = ("man", "boy", "unknown") if tokens & MAN else ("woman", "girl", "unknown") if tokens & WOMAN else None
    pools = [list(before.persons), list(linker.mentions(told).persons)[:1] if genders else []]
    pools += [list(linker.mentions(q).persons) for q in reversed(asked[:-1])]
    for pool in pools:
        fitting = [p for p in pool if genders is None or corpus.persons[p].gender in genders]
        if len(fitting) == 1 or (fitting and genders is None and len(fitting) <= 3):
            return [_name(p, corpus) for p in fitting]
        if len(fitting) > 1 and genders is not None:
            return [_name(fitting[0], corpus)]
    return []


def _substitute(question: str, names: list[str]) -> str:
    """The first pronoun of the question replaced by the names, the rest left as typed."""
    joined = " and ".join(names)

    def named(m: re.Match[str]) -> str:
        owner = fold(m.group()) in {"his", "their", "theirs", "hers"} or (
            fold(m.group()) == "her" and not re.match(r"\s*(?:\W|$|to\b|in\b|at\b|and\b)", question[m.end() :])
        )
        return f"{joined}'s" if owner else joined

    pattern = rf"\b(?:{'|'.join(sorted(MAN | WOMAN | MANY - {'those', 'these'}))})\b"
    return re.sub(pattern, named, question, count=1, flags=re.I)


def _about_others(question: str, previous: str, before: Mentions, linker: Linker, corpus: Corpus) -> str:
    topic = _without_names(previous, before, corpus)
    return f"{topic.rstrip(' ?')}: other people?" if topic else question


def _corrected(
    rest: str, previous: str, now: Mentions, before: Mentions, linker: Linker, corpus: Corpus
) -> str:
    if len(content_words(rest)) > 5 and _is_whole(rest):
        return rest
    return _continued(rest, previous, now, before, linker, corpus)


def _continued(rest: str, previous: str, now: Mentions, before: Mentions, linker: Linker, corpus: Corpus) -> str:
    """The previous question with what the new turn changes: its person, its group, or an added word."""
    rest = re.sub(r"^(?:what|how) about\s+", "", rest.strip(), flags=re.I).rstrip(" ?.!")
    if not rest:
        return previous
    topic = _without_names(previous, before, corpus) if now.persons or now.countries or _who(rest) else previous
    return f"{topic.rstrip(' ?')}: {rest}?"


def _who(rest: str) -> bool:
    return bool(set(words(rest)) & {"men", "women", "man", "woman", "wives", "children", "kids", "boys", "girls", "parents"})


def _without_names(question: str, mentions: Mentions, corpus: Corpus) -> str:
    """A question without the people it names, so that another subject can take their place."""
    text = question
    for person in mentions.persons:
        record = corpus.persons[person]
        for form in sorted((record.name, *record.aliases, *record.described_as), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(form)}(?:['’]s)?(?!\w)", "", text, flags=re.I)
    return " ".join(text.split())


def _topic(previous: str, told: str) -> str:
    first = re.split(r"(?<=[.!?])\s", told.strip())[0] if told else ""
    kept = [w for w in words(first) if w not in STOPWORDS]
    return first if len(kept) >= 4 else previous.rstrip(" ?")
