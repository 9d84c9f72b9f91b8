"""The fixed words around quoted statements: the text of an answer, its own notices, and what to ask next."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.decide import Ruling, Signals
from rag.answer.evidence import Candidate
from rag.corpus import Corpus
from rag.model import Notice, Sentence
from rag.retrieve import Found
from rag.text import words

# The commonest small words tell the language of a question well enough to say that the passages are in English.
ENGLISH = frozenset(
    """the a an and of to in is are was were did do does why how who what when where which he she they it his her their
    them for with from on about""".split()
)
OTHER_LANGUAGES = frozenset(
    """le la les des une est pourquoi comment dans qui que quoi combien der die das und warum wie ist nicht ein eine wer
    wann el los las por como porque cuando quien het een waarom hoe wat zijn niet wie bir ve neden nasil kim ne il
    perche sono chi come""".split()
)
NOT_SAID = "The corpus does not say that."
UNSURE = "The corpus may not say just that."
NEARBY = "What it says nearby is:"
THE_REST = "On the rest it says:"
NEAREST = 3  # passages shown where there is no answer
FIXED = (NOT_SAID, UNSURE, NEARBY, THE_REST)  # may stand in an answer without a citation


def text(ruling: Ruling, signals: Signals, said: Sequence[Sentence]) -> str:
    """The answer as one text; sentences are in it word for word."""
    quoted = " ".join(s.text for s in said)
    if ruling is Ruling.ABSTAIN:
        return " ".join([*signals.known, *signals.gaps] if signals.known else [NOT_SAID, *signals.gaps])
    if ruling is Ruling.GAP:
        return f"{_gap(signals)} {THE_REST if signals.unanswered else NEARBY} {quoted}"
    return quoted


def _gap(signals: Signals) -> str:
    unanswered = (f"The corpus does not answer this part: {part}" for part in signals.unanswered)
    return " ".join([*signals.known, *signals.gaps, *unanswered]) or UNSURE


def nearby(ruling: Ruling, found: Found, evidence: Sequence[Candidate]) -> tuple[str, ...]:
    """The ids of what stands nearest to a question that is not answered: of each passage the best statement."""
    if ruling is not Ruling.ABSTAIN:
        return ()
    best = {c.passage.id: c.id for c in reversed(evidence)}
    return tuple(best.get(h.passage.id, f"{h.passage.id}#1") for h in found.hits[:NEAREST])


def notices(
    ruling: Ruling, signals: Signals, beside: Sequence[str], corpus: Corpus, question: str
) -> tuple[Notice, ...]:
    own: list[Notice] = []
    if ruling is Ruling.GAP:
        rest = "This is what it says on the rest." if signals.unanswered else "This is what it says nearby."
        own.append(Notice(kind="gap", text=f"{_gap(signals)} {rest}"))
    if ruling is Ruling.BOTH_SIDES:
        own.append(
            Notice(kind="note", text="Two places of the source say different things here; both are quoted.")
        )
    for statement in beside:
        passage = corpus.passage_of(statement)
        where = f"{corpus.sources[passage.source].title}, {passage.locator}"
        own.append(Notice(kind="nearby", text=f"{corpus.quotation(statement)} ({where})"))
    if not_english(question):
        own.append(Notice(kind="language", text="The passages of this corpus are in English."))
    return tuple(own)


def not_english(question: str) -> bool:
    """Whether a question is likely in another language: another script, or none of the commonest English words."""
    letters = [c for c in question if c.isalpha()]
    if letters and sum(c.isascii() or c in "éèêëàâçùûüïîôöäßñ" for c in letters) < 0.6 * len(letters):
        return True
    found = words(question)
    return len(found) >= 3 and sum(w in OTHER_LANGUAGES for w in found) > sum(w in ENGLISH for w in found)


def suggestions(found: Found, chosen: Sequence[Candidate], corpus: Corpus, question: str) -> tuple[str, ...]:
    """Up to three questions that the corpus answers, near the topic and from passages that were not cited."""
    cited = {c.passage.id for c in chosen}
    asked = set(words(question))
    picked: list[str] = []
    places: set[tuple[str, str]] = set()
    for hit in found.hits:
        place = hit.passage.source, str(hit.passage.locator)
        if hit.passage.id in cited or place in places or hit.passage.type in ("method", "context"):
            continue
        fresh = [q for q in hit.passage.offerable if len(set(words(q)) & asked) < 0.7 * len(set(words(q)))]
        if fresh:
            picked.append(fresh[0])
            places.add(place)
        if len(picked) == 3:
            break
    return tuple(picked)
