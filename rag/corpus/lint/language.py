"""How statements are worded: short, able to stand alone, with a base for each share, and without words that harm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.corpus.lint.context import Check, Context, data, in_source, words_of_names
from rag.corpus.read import Corpus, Problem
from rag.model import Statement
from rag.text import STOPWORDS, fold, words

MAX_WORDS = 35
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|‘[^’]*’")
_SAME = r"(?:this|that|these|those|such|it|him|them)\b"
_LEADING = re.compile(
    r"\W*(?:(?:he|she|it|they|we|i|you|him|her|them|his|hers|its|their|theirs|this|that|these|those|such|here)\b"
    r"|there\b(?! (?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should)\b)"
    rf"|(?:after|among|as|at|because of|before|by|despite|during|following|for|from|in|like|of|on|since|through|to|"
    rf"under|until|unlike|upon|with|without) {_SAME})",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:I|me|my|we|us|our|ours|you|your)\b")
_ONE = re.compile(r"\b(?:he|she|him|her|his|hers|himself|herself)\b")
_MANY = re.compile(r"\b(?:they|them|their|theirs|themselves)\b")
_SHARE = re.compile(r"(?:\d[\d.,]*|\b[a-z-]+) ?(?:%|per ?cent\b)", re.IGNORECASE)
_BASE_AFTER = re.compile(r"\W{0,2}\s*of (?!them\b|these\b|those\b|it\b)", re.IGNORECASE)
_BASE_BEFORE = re.compile(r"\b(?:of|among) (?:the|all|every|its|their|\d)", re.IGNORECASE)


def statements_are_short(context: Context) -> Iterator[Problem]:
    for statement in _statements(context):
        length = len(statement.text.split())
        if length > MAX_WORDS:
            what = f"the statement has {length} words, the most is {MAX_WORDS}"
            yield in_source(
                "length", statement.id, "statements", what, "Say it shorter, or make it two statements."
            )


def statements_stand_alone(context: Context) -> Iterator[Problem]:
    names, things = words_of_names(context.corpus), _words_of_things(context.corpus)
    for statement in _statements(context):
        loose = loose_pronoun(statement.text, names, things)
        if loose:
            what = f"'{loose}' points outside the statement, which is shown without its neighbours"
            yield in_source(
                "standalone", statement.id, "statements", what, "Name the person or thing instead."
            )


def loose_pronoun(text: str, names: frozenset[str], things: frozenset[str]) -> str | None:
    """The words of a statement that mean something only beside the sentence before it, or None.

    `names` are words of people's names: at the head of a sentence a capital does not show one. `things` are words
    with a capital that "he" or "she" cannot stand for.
    """
    plain = _QUOTED.sub(" ", text)
    leading = _LEADING.match(plain)
    if leading:
        return leading.group().strip(' \t"“‘(')
    own = _FIRST_PERSON.search(plain)
    if own:
        return own.group()
    tokens = re.findall(r"[^\W\d_][\w'’]*", plain)
    first = fold(tokens[0]).removesuffix("'s") if tokens else ""
    capitals = {fold(t).removesuffix("'s") for t in tokens[1:] if t[0].isupper()}
    lower = {t.lower().removesuffix("'s") for t in tokens}
    somebody = (
        first in names or bool(capitals - things) or bool(lower & set(data("wording.yaml")["person_nouns"]))
    )
    many = bool(capitals) or first in things or any(re.search(r"[^su']s$", w) for w in lower - STOPWORDS)
    for pattern, bound in ((_ONE, somebody), (_MANY, somebody or many)):
        pronoun = pattern.search(plain)
        if pronoun and not bound:
            return pronoun.group()
    return None


def _words_of_things(corpus: Corpus) -> frozenset[str]:
    """Folded words of countries, groups, places and events."""
    countries = [n for name, entry in data("countries.yaml").items() for n in (name, *entry.get("names", ()))]
    terms = [n for t in corpus.terms if t.kind != "person_term" for n in (t.term, *t.aliases)]
    return frozenset(w for n in (*countries, *terms) for w in words(n)) - words_of_names(corpus)


def shares_have_a_base(context: Context) -> Iterator[Problem]:
    for statement in _statements(context):
        for share in _SHARE.finditer(statement.text):
            before, after = statement.text[: share.start()], statement.text[share.end() :]
            if not (_BASE_AFTER.match(after) or _BASE_BEFORE.search(before)):
                what = f"'{share.group()}' does not say of whom or of what"
                todo = "Give the base: '41.4 percent of the 111 men', or '46 of the 111 men'."
                yield in_source("percent", statement.id, "statements", what, todo)


def words_do_no_harm(context: Context) -> Iterator[Problem]:
    corpus = context.corpus
    texts = [
        (f"{s.passage.partition('/')[0]}.yaml", s.id, "statements", s.text) for s in _statements(context)
    ]
    texts += [(f"{s.id}.yaml", s.id, "summary", s.summary) for s in corpus.sources.values()]
    texts += [("people.yaml", p.id, "description", p.description) for p in corpus.people]
    for file, entry, field, text in texts:
        for rule in data("wording.yaml")["forbidden"]:
            found = re.search(rf"\b(?:{rule['words']})\b", text, re.IGNORECASE)
            if found:
                what = f"'{found.group()}' is not used here: {rule['reason']}"
                todo = f"{rule['instead'][0].upper()}{rule['instead'][1:]}."
                yield Problem(file=file, entry=entry, field=field, what=what, todo=todo, check="wording")


def statements_say_something_once(context: Context) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for statement in _statements(context):
        twin = first.setdefault(" ".join(words(statement.text)), statement.id)
        if twin != statement.id:
            what, todo = f"the same sentence is {twin}", "Keep one of the two."
            yield in_source("duplicate", statement.id, "statements", what, todo)


def _statements(context: Context) -> Iterator[Statement]:
    return (s for p in context.accounts() for s in p.cited())


CHECKS: tuple[Check, ...] = (
    statements_are_short,
    statements_stand_alone,
    shares_have_a_base,
    words_do_no_harm,
    statements_say_something_once,
)
