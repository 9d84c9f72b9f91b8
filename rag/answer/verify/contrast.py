"""What a sentence turns round, strengthens or adds against its statements: each count is one feature of the scorer."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.verify.align import CERTAIN, Link
from rag.answer.verify.figures import figures
from rag.answer.verify.lexicon import group, opposites
from rag.answer.verify.reading import Reading, Token, denies, negative
from rag.text import NUMERALS

BE = frozenset("am is are was were be been being got get".split())
LIMIT_REACH, SIDE = 4, 9
PREPOSITIONS = frozenset("of for with by to from in into between on at about against among all".split())
STANDING = frozenset("regime government army state police group colleagues comrades friends family".split())
LEADING = frozenset("to he she they it would could might may will did had not never".split())
SEVERAL = frozenset(
    "many some several few others those whoever who number dozens hundreds thousands".split()
) - {"who"}
VERBS = frozenset(
    """go take give get come see know tell leave fight find feel bring buy teach catch hold keep lose win meet pay put
    run shoot speak break choos die drive eat fall flee forget grow hear hide lead rise sell send show steal begin write
    becom build draw understand withdraw lie kill beat marri owe""".split()
)


def operators(links: Sequence[Link], cited: Sequence[Reading]) -> tuple[int, int, int]:
    """Of the words said again, how many stand under another negation, have lost their weakening, or are compared
    otherwise than at every place where the statements have them."""
    turned = firmer = compared = 0
    for link in links:
        if link.score < CERTAIN or not link.spots or link.token.capital:
            continue
        others = [cited[n].tokens[at] for n, at in link.spots]
        turned += all(o.negated != link.token.negated for o in others)
        firmer += all(o.weakened and not o.negated for o in others) and not link.token.weakened
        compared += all(o.compared != link.token.compared for o in others)
    return turned, firmer, compared


def opposed(sentence: Reading, cited: Sequence[Reading]) -> tuple[int, str]:
    """How many words stand where the statements have only their opposite, and the first such word."""
    held = {t.root: t for r in cited for t in r.tokens}
    own = {t.root for t in sentence.tokens}
    found = [
        t
        for t in sentence.tokens
        if t.root not in held
        for o in opposites().get(t.root, frozenset())
        if o in held and o not in own and held[o].negated == t.negated
    ]
    return len(found), found[0].raw if found else ""


def negations(sentence: Reading, cited: Sequence[Reading]) -> int:
    """How many negations more (above 0) or fewer the sentence has than its statements together."""
    return negative(sentence) - sum(negative(r) for r in cited)


def unbalanced(sentence: Reading, cited: Sequence[Reading]) -> bool:
    """Whether one side has a plain negation where nothing on the other can carry one."""
    more = negative(sentence) and not any(denies(r) for r in cited)
    fewer = any(negative(r) for r in cited) and not denies(sentence)
    return bool(more or fewer)


def stronger(sentence: Reading, cited: Sequence[Reading]) -> str | None:
    """A word for all, most, only or never that the statements do not have; None where there is none."""
    held = frozenset(t.word for r in cited for t in r.tokens)
    shares = [float(t) for r in cited for t in _percents(r)]
    for name in ("universal", "none", "majority", "exclusive"):
        words = group(name)
        found = [
            t
            for at, t in enumerate(sentence.tokens)
            if t.word in words and t.word not in ("no", "not") and not _set_phrase(sentence.tokens, at)
        ]
        if found and not held & words and not held & group(f"{name}_kin"):
            if name == "none" and any(denies(r) for r in cited) and found[0].word != "never":
                continue
            if name == "majority" and found[0].word in ("most", "majority") and any(s > 50 for s in shares):
                continue
            if found[0].word == "most" and {"strongly", "more", "far"} & held:
                continue
            return found[0].raw
    return None


def _set_phrase(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word for all or only widens nothing: "not at all", "above all", "for nothing", "only 7 percent"."""
    before = tokens[at - 1].word if at else ""
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    word = tokens[at].word
    if word == "all":
        return before in ("at", "of", "above", "in", "after")
    if word == "nothing":
        return before == "for" or after in ("like", "but")
    return word == "only" and (
        after.isdigit() or before == "if" or after in ("when", "after", "because", "if", "later")
    )


def _percents(reading: Reading) -> list[str]:
    return [f.value for f in figures(reading) if "percent" in f.units and f.value.replace(".", "").isdigit()]


def unlimited(links: Sequence[Link], sentence: Reading, cited: Sequence[Reading]) -> str | None:
    """A group that the statements limit ("some fighters", "31 of the men") and the sentence does not; or None."""
    at_of = {id(t): i for i, t in enumerate(sentence.tokens)}
    for link in links:
        token = link.token
        if token.word not in group("groups") or link.score < CERTAIN or not link.spots:
            continue
        if not _subject(sentence.tokens, at_of[id(token)]):
            continue
        others = [(cited[n], at) for n, at in link.spots]
        if all(_limited(r.tokens, at) for r, at in others) and not _limited(
            sentence.tokens, at_of[id(token)]
        ):
            return token.raw
    return None


def _subject(tokens: Sequence[Token], at: int) -> bool:
    """Whether a noun stands where a sentence says what it is about: near its beginning or behind "said that"."""
    before = [t.word for t in tokens[max(0, at - 3) : at]]
    if set(before) & PREPOSITIONS:
        return False
    return at <= 4 or "that" in before or any(w in group("attributing") for w in before)


def _limited(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[max(0, at - LIMIT_REACH) : at]
    return any(t.word in group("limiters") | NUMERALS or t.word.isdigit() for t in before) or any(
        t.word in ("some", "many", "few", "percent", "who") for t in tokens[at + 1 : at + 2]
    )


def new_group(links: Sequence[Link], sentence: Reading, cited: Sequence[Reading]) -> str | None:
    """A plural for people that no statement has, as what the sentence is about; None where there is none."""
    held = {t.root for r in cited for t in r.tokens}
    if any(t.word in group("groups") | SEVERAL for r in cited for t in r.tokens):
        return None  # the statements are about several people under some name; how near the names are is weighed later
    scores = {id(link.token): link.score for link in links}
    for at, token in enumerate(sentence.tokens):
        if token.word not in group("groups") or token.word in group("researchers") or token.root in held:
            continue
        if scores.get(id(token), 0.0) >= CERTAIN:
            continue
        if at <= 5 or (
            at + 1 < len(sentence.tokens) and sentence.tokens[at + 1].word in group("attributing")
        ):
            return token.raw
    return None


def added(sentence: Reading, cited: Sequence[Reading], name: str) -> int:
    """How many words of a list ("causes", "times", "comparing") the sentence has where no statement has any of them."""
    words = group(name)
    if any(t.word in words for r in cited for t in r.tokens):
        return 0
    return sum(t.word in words for t in sentence.tokens)


def swapped(
    links: Sequence[Link], sentence: Reading, cited: Sequence[Reading], person: frozenset[str]
) -> tuple[int, int, int]:
    """Of the verbs said again (and "than"): at how many both sides changed places, how many words changed sides, and
    at how many the nearest word before it comes from elsewhere in the statement.

    `person` are the words of the one name that a "he" or "she" can stand for; empty where several people are named.
    """
    at_of = {id(t): i for i, t in enumerate(sentence.tokens)}
    pivots = [
        (at_of[id(x.token)], x.spots) for x in links if x.score == 1.0 and _verb(sentence, at_of[id(x.token)])
    ]
    for at, token in enumerate(sentence.tokens):
        if token.word == "than":
            thans = [(n, i) for n, r in enumerate(cited) for i, t in enumerate(r.tokens) if t.word == "than"]
            pivots.append((at, tuple(thans)))
    both = crossed = rewired = 0
    for at, spots in pivots:
        if not spots:
            continue
        left, right, near = _sides(sentence, at, person)
        ways = []
        for n, i in spots:
            was_left, was_right, was_near = _sides(cited[n], i, person)
            to_left = (left & was_right) - was_left - right
            to_right = (right & was_left) - was_right - left
            elsewhere = {_key(cited[n].tokens, j, person) for j in range(len(cited[n].tokens))} - was_left
            ways.append(
                (
                    bool(to_left and to_right),
                    len(to_left | to_right),
                    bool(near and was_near and near in elsewhere),
                )
            )
        both += all(w[0] for w in ways)
        crossed += min(w[1] for w in ways)
        rewired += all(w[2] for w in ways)
    return both, crossed, rewired


def _verb(reading: Reading, at: int) -> bool:
    """Whether a word stands as a verb, by its form or by the word before it."""
    token = reading.tokens[at]
    if token.capital:
        return False
    before = reading.tokens[at - 1].word if at else ""
    return (
        token.word.endswith(("ed", "ing"))
        or (token.word != token.root and token.root in VERBS)
        or before in LEADING
    )


def _sides(reading: Reading, at: int, person: frozenset[str]) -> tuple[frozenset[str], frozenset[str], str]:
    """The words of the clause before and behind a verb, turned by a passive, and the nearest before it."""
    tokens = reading.tokens
    own = tokens[at].clause
    passive = any(t.word in BE for t in tokens[max(0, at - 3) : at]) and tokens[at].word != "than"
    span = [i for i in range(max(0, at - SIDE), at + 1 + SIDE) if i < len(tokens) and tokens[i].clause == own]
    keys = {i: _key(tokens, i, person) for i in span}
    before = [keys[i] for i in span if i < at and keys[i]]
    behind = [keys[i] for i in span if i > at and keys[i]]
    if passive:
        by = next((i for i in span if i > at and tokens[i].word == "by"), len(tokens))
        return frozenset(keys[i] for i in span if i > by and keys[i]), frozenset(before), ""
    return frozenset(before), frozenset(behind), before[-1] if before else ""


def _key(tokens: Sequence[Token], at: int, person: frozenset[str]) -> str:
    """What a word stands for where it can act: a name, a pronoun, a noun for people; empty for every other word and
    for whoever only tells the thing."""
    token = tokens[at]
    if token.word in ("he", "him", "she", "himself", "herself"):
        return "he"
    if token.word == "her" and not (at + 1 < len(tokens) and tokens[at + 1].content):
        return "he"
    if token.word in ("they", "them", "themselves"):
        return "they"
    if not token.content or token.raw.endswith(("'s", "’s")):
        return ""
    if token.capital and at:
        telling = [t for t in tokens[at + 1 : at + 5] if not (t.capital or t.word == "and")][:1]
        if telling and telling[0].word in group("attributing"):
            return ""
        if {"according", "to"} <= {t.word for t in tokens[max(0, at - 5) : at]}:
            return ""
    if token.root in person:
        return "he"
    acting = group("groups") | group("relations") | group("he") | group("she")
    return token.root if token.capital or token.word in acting or token.word in STANDING else ""


def disorder(links: Sequence[Link]) -> float:
    """Share of the pairs of words said again that stand in the other order than in the statement, 0 to 1."""
    spots = [link.spots[0] for link in links if link.score >= CERTAIN and len(link.spots) == 1]
    pairs = [(a, b) for i, a in enumerate(spots) for b in spots[i + 1 :] if a[0] == b[0]]
    return sum(a[1] > b[1] for a, b in pairs) / len(pairs) if pairs else 0.0


def weakenings(reading: Reading) -> int:
    """How many words of a text make something possible, wished or planned."""
    return sum(t.word in group("irrealis") | group("open") for t in reading.tokens)


def new_relation(sentence: Reading, cited: Sequence[Reading]) -> str | None:
    """A word for a relative that no statement has; None where there is none."""
    held = {t.root for r in cited for t in r.tokens}
    return next((t.raw for t in sentence.tokens if t.word in group("relations") and t.root not in held), None)
