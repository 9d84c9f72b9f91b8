"""Whether two things of a statement have changed places around a third: who did it and to whom, which of two figures
belongs to which of two facts, which of two is compared with the other.

A paraphrase moves blocks: "a b c" becomes "c a b" or "b c a". Only an exchange turns three words round, "c b a", and a
change between active and passive, which is told apart by its "by".
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import combinations

from rag.answer.verify.align import CERTAIN, Link
from rag.answer.verify.lexicon import group
from rag.answer.verify.reading import Reading, Token

REACH = 12
MOST = 6
JOINTS = frozenset("than before after while against without".split())
BE = frozenset("is are was were be been being".split())
PRONOUNS = {"he": "he", "him": "he", "she": "he", "her": "he", "they": "they", "them": "they"}
APPOSED = frozenset("whose who a an the".split())


def exchanged(links: Sequence[Link], sentence: Reading, cited: Sequence[Reading]) -> float:
    """How many neighbouring triples of words stand the other way round than in a statement, 0 to MOST; 0 where the
    voice of a verb changed."""
    if any(passive(sentence) != passive(r) for r in cited):
        return 0.0
    turned = sum(
        one[1] == two[1] == three[1] and one[2] - three[2] <= 2 * REACH and one[2] > two[2] > three[2]
        for one, two, three in combinations(_placed(links, sentence, cited), 3)
        if three[0] - one[0] <= REACH
    )
    return float(min(turned, MOST))


def passive(reading: Reading) -> int:
    """How many verbs of a text stand in the passive with their doer behind "by"."""
    tokens = reading.tokens
    return sum(
        t.word == "by"
        and any(x.word in BE for x in tokens[max(0, at - 5) : at])
        and any(x.word.endswith(("ed", "en")) for x in tokens[max(0, at - 3) : at])
        for at, t in enumerate(tokens)
    )


def _placed(links: Sequence[Link], sentence: Reading, cited: Sequence[Reading]) -> list[tuple[int, int, int]]:
    """(place in the sentence, statement, place there) of every word, figure and joint that stands once on each side."""
    at_of = {id(t): at for at, t in enumerate(sentence.tokens)}
    found = []
    for link in links:
        at = at_of[id(link.token)]
        if link.score < CERTAIN or len(link.spots) != 1 or _teller(sentence.tokens, at):
            continue
        n, spot = link.spots[0]
        if not _teller(cited[n].tokens, spot):
            found.append((at, n, spot))
    for at, token in enumerate(sentence.tokens):
        if not (token.word in JOINTS or token.word[:1].isdigit()):
            continue
        spots = [(n, i) for n, r in enumerate(cited) for i, t in enumerate(r.tokens) if t.word == token.word]
        if len(spots) == 1 and sum(t.word == token.word for t in sentence.tokens) == 1:
            found.append((at, *spots[0]))
    return sorted(found)


def _teller(tokens: Sequence[Token], at: int) -> bool:
    """Whether a name only tells the thing: it stands next to a word for speaking, or a comma and who it is follow."""
    if not tokens[at].capital:
        return False
    after = next((t.word for t in tokens[at + 1 : at + 6] if not (t.capital or t.word == "and")), "")
    before = next(
        (t.word for t in reversed(tokens[max(0, at - 4) : at]) if not (t.capital or t.word == "and")), ""
    )
    last = at
    while last + 1 < len(tokens) and tokens[last + 1].capital:
        last += 1
    apposed = after in APPOSED and last + 1 < len(tokens) and tokens[last + 1].clause != tokens[last].clause
    speaking = group("attributing")
    return (
        after in speaking
        or before in speaking
        or apposed
        or (before == "to" and at > 1 and tokens[at - 2].word == "according")
    )


def mirrored(sentence: Reading, cited: Sequence[Reading]) -> tuple[float, float]:
    """How many pairs of words were put in each other's place while what stands around them stayed, and how many words
    of content a sentence has more than the nearest statement, beyond those that it says otherwise.

    The sentence and a statement are laid side by side, function words too; an exchange shows as two places of which
    each has what the other had.
    """
    best = (0.0, 0.0)
    nearest = -1.0
    own = [_stand_in(t) for t in sentence.tokens]
    for reading in cited:
        held = [_stand_in(t) for t in reading.tokens]
        matcher = SequenceMatcher(None, held, own, autojunk=False)
        if matcher.ratio() <= nearest:
            continue
        nearest = matcher.ratio()
        changes = []
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag != "equal":
                was = {held[i] for i in range(a, b) if _acts(reading.tokens, i)}
                now = {own[i] for i in range(c, d) if _acts(sentence.tokens, i)}
                changes.append((was - now, now - was))
        pairs = sum(bool(one[0] & two[1] and one[1] & two[0]) for one, two in combinations(changes, 2))
        if passive(sentence) != passive(reading):
            pairs = 0
        lost = len({w for was, _ in changes for w in was} - set(own))
        new = len(
            {w for _, now in changes for w in now} - {w for r in cited for w in map(_stand_in, r.tokens)}
        )
        best = (float(min(pairs, 3)), float(max(0, new - lost)))
    return best


def _acts(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.word in group("frame") or token.word in group("retracted"):
        return False
    return (token.content or token.raw.isdigit() or token.word in PRONOUNS) and not _teller(tokens, at)


def _stand_in(token: Token) -> str:
    return PRONOUNS.get(token.word, token.root)
