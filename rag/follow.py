"""Finding passages for a later turn of a conversation: by the turn, and by what was asked and told before it.

"And when?" is near no passage by itself. So each passage is scored for the turn as typed, for the question that was
made of it, for it and the question before together, and for that question alone; and for whether the last answers
quoted it, or other passages about the same people or of the same source. How much each counts depends on what the turn
is like (`GATES`). The weights are fitted on evals/cases/conversation_train.jsonl by
`python -m benchmarks.fit_follow --write`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from rag.corpus import Corpus
from rag.dialogue import IT, PRONOUNS, standalone
from rag.embed import unit_length
from rag.index.reader import KINDS
from rag.link import Mentions
from rag.model import Filters, Hit, Turn
from rag.retrieve import WEIGHTS, Found, Retriever
from rag.text import content_words, words

FILE = "follow.json"
FEATURES = (
    "alone",  # score for the question as it would be asked by itself
    "both",  # score for the question before and the turn together
    "typed",  # nearness of the turn as typed
    "previous",  # nearness of the question before
    "told",  # the last answer quoted it
    "ever_told",  # some answer quoted it
    "people",  # share of its people whom the last answer was about
    "ever_people",
    "source",  # share of the last answer's passages that are of its source
    "ever_source",
    "lead",  # it is the passage that the last answer began with
    "lead_people",
    "lead_source",
)
GATES = ("always", "short", "pointing", "naming", "long")
LEANT_ON = 3  # passages that stand for an answer of which no word is known here
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Before:
    """What came before a turn: the last question as it stands alone, and the passages that each answer quoted, the
    last answer's first, each in the order of the answer."""

    question: str
    told: tuple[tuple[str, ...], ...]


def before(history: Sequence[Turn], retriever: Retriever) -> Before | None:
    """What a turn may lean on; None at the start of a conversation. An answer in other words than the corpus's (a
    model's, or one that the caller left out) is taken to be about the best passages for its question."""
    corpus = retriever.index.corpus
    asked = [n for n, t in enumerate(history) if t.role == "user"]
    if not asked:
        return None
    last = asked[-1]
    question = standalone(history[last].content, history[:last], retriever.linker, corpus)
    told = [_quoted(t.content, corpus) for t in reversed(history) if t.role == "assistant"]
    if not told or not told[0]:
        near = tuple(h.passage.id for h in retriever.find(question, LEANT_ON).hits)
        told = [near, *told[1:]]
    return Before(question, tuple(told))


def find_next(
    retriever: Retriever, typed: str, alone: str, came: Before, k: int = 50, filters: Filters | None = None
) -> Found:
    """The k best passages for a later turn, best first, in the shape of those for a question; `alone` is the turn as
    a question by itself. A hit's parts are those for `alone`, with `context` for what the conversation adds."""
    found, positions, table, gates = features(retriever, typed, alone, came, k, filters)
    context = table @ (gates @ weights())
    order = sorted(range(len(positions)), key=lambda i: (-context[i], positions[i]))[:k]
    hits = []
    for i in order:
        hit = found.hits[i]
        added = round(float(context[i]) - hit.score, 4)
        hits.append(
            Hit(passage=hit.passage, score=round(float(context[i]), 4), parts={**hit.parts, "context": added})
        )
    return replace(found, hits=tuple(hits))


def features(
    retriever: Retriever, typed: str, alone: str, came: Before, k: int, filters: Filters | None
) -> tuple[Found, list[int], Table, Table]:
    """Every candidate with its row of FEATURES, and the strength of each of GATES for this turn."""
    both = f"{came.question} {typed}"
    index = retriever.index
    vectors = {q: retriever.as_typed(q) for q in {alone, both, typed, came.question}}
    reads = [retriever.read(q, vectors[q]) for q in (alone, both)]
    wanted = {index.position[h.passage.id] for read in reads for h in retriever.ranked(read, k, filters).hits}
    if not filters:
        wanted |= _beside({p for told in came.told for p in told}, retriever)
    positions = sorted(wanted)
    found, joined = (retriever.scored(read, positions) for read in reads)
    own = np.array([WEIGHTS[part] for part in (*KINDS, "questions")])
    as_typed, previous = (
        retriever.nearness(positions, index.query_vector(vectors[q])) @ own if positions else np.zeros(0)
        for q in (typed, came.question)
    )
    columns = [
        np.array([h.score for h in found.hits]),
        np.array([h.score for h in joined.hits]),
        as_typed,
        previous,
        *_context(found.hits, came, index.corpus).T,
    ]
    vector = unit_length((found.vector + joined.vector)[None, :])[0]
    gates = gates_of(typed, retriever.linker.mentions(typed))
    return replace(found, vector=vector), positions, np.stack(columns, axis=1), gates


def rests(typed: str) -> bool:
    """Whether a turn says little without the turns before it: a word or two of its own, or a pronoun for the rest."""
    return len(content_words(typed)) <= 2 or bool(set(words(typed)) & (PRONOUNS | IT))


def gates_of(typed: str, mentions: Mentions) -> Table:
    own, every = len(content_words(typed)), set(words(typed))
    return np.array(
        [
            1.0,
            float(own <= 2),
            float(bool(every & (PRONOUNS | IT))),
            float(bool(mentions.persons or mentions.groups)),
            float(own >= 6),
        ]
    )


@cache
def weights() -> Table:
    """One row for each of GATES, one column for each of FEATURES."""
    raw = json.loads(resources.files("rag.data").joinpath(FILE).read_text("utf-8"))
    return np.array(raw["weights"])


def _context(hits: Sequence[Hit], came: Before, corpus: Corpus) -> Table:
    last = came.told[0] if came.told else ()
    ever = {p for told in came.told for p in told}
    people, ever_people = (_people(of, corpus) for of in (last, ever))
    sources = Counter(p.partition("/")[0] for p in last)
    ever_sources = {p.partition("/")[0] for p in ever}
    lead = last[0] if last else ""
    lead_people = _people(last[:1], corpus)
    rows = []
    for hit in hits:
        p = hit.passage
        mine = set(p.people)
        rows.append(
            [
                float(p.id in last),
                float(p.id in ever),
                len(mine & people) / max(1, len(mine)),
                len(mine & ever_people) / max(1, len(mine)),
                sources[p.source] / max(1, len(last)),
                float(p.source in ever_sources),
                float(p.id == lead),
                len(mine & lead_people) / max(1, len(mine)),
                float(p.source == lead.partition("/")[0]),
            ]
        )
    return np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES) - 4)


def _people(passages: Sequence[str] | set[str], corpus: Corpus) -> set[str]:
    return {person for p in passages for person in corpus.passages[p].people}


def _quoted(text: str, corpus: Corpus) -> tuple[str, ...]:
    """The passages of the statements that an answer shows, in the order of the answer."""
    at: dict[str, int] = {}
    for said, passage in corpus.shown:
        place = text.find(said)
        if place >= 0:
            at[passage] = min(place, at.get(passage, place))
    return tuple(sorted(at, key=lambda p: (at[p], p)))


def _beside(passages: set[str], retriever: Retriever) -> set[int]:
    """Positions of the passages about the same people and of the same sources, themselves among them."""
    index = retriever.index
    people, sources = _people(passages, index.corpus), {p.partition("/")[0] for p in passages}
    found = {n for n, p in enumerate(index.passage_ids) if p.partition("/")[0] in sources}
    found |= {index.position[p] for person in people for p in index.corpus.by_person.get(person, ())}
    return found - retriever.withheld
