"""Whether the evidence holds what the question asks for: proven gaps, and a calibrated confidence for the rest.

Similarity cannot tell a question that the corpus answers from one that only shares its words. So the question is laid
against the evidence word by word (by meaning, see rag.words), over passages about the same people: what it asks that
nothing there resembles speaks against an answer. It is also laid against questions that are known to be answered here,
or not (see rag.answer.told). The features are weighed by a logistic regression, fitted on the dev part of our cases
(`python -m benchmarks.fit_sufficiency`). Where a passage leads whose questions were not among those, that score is left
out, and where nobody wrote any for it, all questions are (`python -m benchmarks.fit_elsewhere`).
A later turn of a conversation ("how long though?") shares hardly a word with what answers it, and its passages are
scored in another way (rag.follow), so it has a third (`python -m benchmarks.fit_followed`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from rag.answer import identity
from rag.answer.decide import Signals
from rag.answer.evidence import ASKS_NUMBER, Candidate, rarity
from rag.answer.quote import shows_both_sides
from rag.answer.told import Told, opened
from rag.embed import Vectors
from rag.link import countries, person_facts
from rag.model import Passage
from rag.retrieve import Found, Retriever
from rag.text import REMEMBERED, content_stems, content_words, fold, numbers, stem, words
from rag.words import WordSpace

HITS = 8
STATEMENTS = 10
QUOTED = 4
NEAR = 0.42  # cosine of two words above which one covers the other

# Nearness to the best curated question and statement below which nothing here is about the question, unless all else
# speaks for an answer: half of the off-topic questions lie below both, and two in a hundred answerable ones.
FAR_QUESTION, FAR_STATEMENT = 0.34, 0.3
SURE = 0.5  # confidence from which that does not count: "stories of regret" is far from every text

QUESTION_TYPES = (
    (
        "number",
        r"\bhow (?:many|much|often|long|old|big|far|large)\b|\b(?:number|share|percent\w*|proportion|fraction) of\b",
    ),
    ("time", r"\bwhen\b|\b(?:what|which) (?:year|month|date|day)\b"),
    ("place", r"\bwhere\b|\b(?:what|which) (?:place|city|town|country|camp)\b"),
    ("person", r"\bwho\b|\bwhom\b|\bwhose\b"),
    ("reason", r"\bwhy\b|\breasons?\b|\bhow come\b|\bmotives?\b|\bcos\b"),
    ("manner", r"\bhow\b"),
    ("choice", r"\bwhich\b"),
    ("yes or no", r"^(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would)\b"),
    ("thing", r"\bwhats?\b"),
)
LATER = re.compile(
    r"\b(?:now|today|currently|nowadays|these days|finally|ever|since|be[ac]ome? of|still|eventually|later|"
    r"afterwards)\b",
    re.IGNORECASE,
)


# A feature counts no further than this many spreads from its mean: a prompt of a hundred words is not ten times as long
# for the decision as anything that it was fitted on.
FARTHEST = 2.5


@dataclass(frozen=True)
class Model:
    """Logistic regression over named features, standardised by `mean` and `scale`."""

    features: tuple[str, ...]
    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    bias: float

    def confidence(self, values: Mapping[str, float]) -> float:
        x = (np.array([values[f] for f in self.features]) - self.mean) / self.scale
        x = np.clip(x, -FARTHEST, FARTHEST)
        return float(1 / (1 + np.exp(-(x @ self.weight + self.bias))))


@cache
def model(name: str) -> Model:
    """`told` where questions of the leading passage are known to be answered, `followed` in later turns; `evident`
    where it has questions that are new to us, `untold` where it has none."""
    raw = json.loads(resources.files("rag.data").joinpath("sufficiency.json").read_text("utf-8"))[name]
    return Model(
        tuple(raw["features"]),
        np.array(raw["mean"]),
        np.array(raw["scale"]),
        np.array(raw["weight"]),
        raw["bias"],
    )


@lru_cache(maxsize=REMEMBERED)
def question_type(question: str) -> str:
    """What kind of answer a question wants, by its question words."""
    folded = fold(question)
    return next((name for name, pattern in QUESTION_TYPES if re.search(pattern, folded)), "other")


def features(
    found: Found, evidence: Sequence[Candidate], retriever: Retriever, space: WordSpace
) -> dict[str, float]:
    """What the decision is weighed from; `evidence` is every candidate statement, best first.

    `told` is among them only over a corpus that it was fitted on.
    """
    linker, corpus = retriever.linker, retriever.index.corpus
    named = set(found.mentions.persons)

    def about(passage: Passage) -> bool:
        return (
            not named
            or bool(named & set(passage.people))
            or any(linker.mentions_person(p, passage.text) for p in named)
        )

    hits = [h for h in found.hits[:20] if about(h.passage)][:HITS]
    statements = [c for c in evidence if about(c.passage)][:STATEMENTS]
    asked = list(dict.fromkeys(content_words(found.question))) or words(found.question)[:3]
    total = len(retriever.index.passage_ids)
    weight = np.array([rarity(stem(w), retriever.frequency, total) for w in asked])
    weight = weight / weight.sum()
    vectors = space.of(asked)
    reach = _Reach(space, vectors, weight)
    facts = {h.passage.id: " ".join(person_facts(corpus.persons[p]) for p in h.passage.people if p in corpus.persons)
             for h in found.hits[:20]}  # fmt: skip

    by_statement = [reach.cover(c.text, facts[c.passage.id]) for c in statements]
    by_passage = [reach.cover(h.passage.text, facts[h.passage.id]) for h in hits[:6]]
    by_all = [reach.cover(h.passage.text, facts[h.passage.id], *h.passage.questions) for h in hits[:6]]
    quoted = statements[:QUOTED]
    together = reach.cover(*(t for c in quoted for t in (c.text, facts[c.passage.id])))
    behind = reach.cover(
        *(t for c in quoted for t in (c.passage.text, facts[c.passage.id], *c.passage.questions))
    )
    anywhere = reach.cover(*(h.passage.text for h in found.hits[:HITS]))

    asked_stems = set(content_stems(found.question))
    same_type, best_type, alike, echoed = -0.5, "", 0.0, 0.0
    nearest = -1.0
    wanted = question_type(found.question)
    for hit in hits[:5]:
        span = retriever.index.rows_of(retriever.index.position[hit.passage.id])
        first = span.start + len(hit.passage.statements)
        near = retriever.index.vectors(slice(first, first + len(hit.passage.questions))) @ found.vector
        for question, sim in zip(hit.passage.questions, near, strict=True):
            kind = question_type(question)
            if kind == wanted:
                same_type = max(same_type, float(sim))
            if sim > nearest:
                nearest, best_type = float(sim), kind
                stems = set(content_stems(question))
                echoed = len(stems & asked_stems) / max(1, len(stems))
        alike = max(alike, max((reach.both_ways(q) for q in hit.passage.questions), default=0.0))

    pieces = [t for h in hits[:5] for t in (h.passage.text, facts[h.passage.id], *h.passage.questions)]
    listed = {n for n in found.mentions.numbers if not (n.isdigit() and int(n) <= 3)}
    asks_number = bool(ASKS_NUMBER.search(found.question))
    given = max(
        (c.mass for c in statements[:6] if numbers(c.text) - set(found.mentions.numbers)), default=0.0
    )
    folded = " ".join(fold(p) for p in pieces) if found.mentions.countries else ""
    nation = {c.name: (*c.names, *c.people) for c in countries()}
    held = [h.parts for h in hits]
    best = [h.parts for h in found.hits[:20]]
    masses = np.array([c.mass for c in evidence]) if evidence else np.ones(1)
    told = opened(retriever.index)

    def top(parts: list[dict[str, float]], name: str) -> float:
        return max((p[name] for p in parts), default=-0.5)

    return {
        **({"told": told.score(found.vector)} if told else {}),
        "question_all": top(best, "question"),
        "question_named": top(held, "question"),
        "statement_all": top(best, "statement"),
        "statement_named": top(held, "statement"),
        "score": found.hits[0].score if found.hits else 0.0,
        "context": found.hits[0].parts.get("context", 0.0) if found.hits else 0.0,
        "margin": found.hits[0].score - float(np.mean([h.score for h in found.hits[5:15]] or [0.0]))
        if found.hits
        else 0.0,
        "mass": float(masses[0]),
        "entropy": float(-(masses * np.log(masses + 1e-9)).sum()),
        **_spread("statement", by_statement, reach),
        **_spread("passage", by_passage, reach),
        **_spread("with_questions", by_all, reach),
        **_spread("quoted", [together], reach),
        **_spread("behind", [behind], reach),
        "elsewhere": float((anywhere - together) @ weight),
        "alike": alike,
        "echoed": echoed,
        "same_type": same_type - nearest if nearest > -1 else 0.0,
        "type_agrees": float(best_type == wanted),
        "not_held": float(sum(not linker.covered(g) for g in found.mentions.groups)),
        "term_missing": float(
            sum(
                linker.covered(t) and not any(linker.is_about(t, p) for p in pieces)
                for t in found.mentions.terms
            )
        ),
        "country_missing": float(
            sum(not any(n in folded for n in nation[c]) for c in found.mentions.countries)
        ),
        "number_missing": float(len(listed.difference(*(numbers(p) for p in pieces)))),
        "unknown_names": float(len(found.mentions.unknown_names)),
        "asks_number": float(asks_number),
        "number_not_given": float(asks_number and given < 0.2),
        "later": float(bool(LATER.search(found.question))),
        "named": float(bool(named)),
        "named_not_first": float(bool(named) and bool(found.hits) and not about(found.hits[0].passage)),
        "length": float(len(asked)),
        "yes_no": float(wanted == "yes or no"),
        "verbatim": float(
            bool(evidence) and corpus.sources[evidence[0].passage.source].rendering == "verbatim"
        ),
    }


class _Reach:
    """How far a text covers the words of one question."""

    def __init__(self, space: WordSpace, asked: Vectors, weight: npt.NDArray[np.float64]) -> None:
        self._space = space
        self._asked = asked
        self.weight = weight

    def cover(self, *texts: str) -> Vectors:
        return self._space.nearness(self._asked, self._space.rows(*texts))

    def both_ways(self, question: str) -> float:
        """Harmonic mean of how far a curated question covers the asked one and is covered by it."""
        rows = self._space.rows(question)
        if not rows:
            return 0.0
        there = float(self.cover(question) @ self.weight)
        back = float(np.maximum(0.0, (self._space.at(rows) @ self._asked.T).max(axis=1)).mean())
        return 2 * there * back / (there + back + 1e-9)


def _spread(name: str, covers: Sequence[Vectors], reach: _Reach) -> dict[str, float]:
    """The best cover by its mean, its weakest word, and the share of weight that nothing comes near."""
    if not covers:
        return {f"{name}_mean": 0.0, f"{name}_least": 0.0, f"{name}_open": 1.0}
    best = max(covers, key=lambda c: float(c @ reach.weight))
    return {
        f"{name}_mean": float(best @ reach.weight),
        f"{name}_least": float(best.min()),
        f"{name}_open": float(reach.weight[best < NEAR].sum()),
    }


def _fitting(leading: Passage | None, told: Told | None, *, followed: bool) -> str:
    """The model for the passage that leads: one that nobody wrote questions for is not weighed by questions."""
    if leading is None or not leading.questions:
        return "untold"
    if told is None or not told.covers(leading):
        return "evident"
    return "followed" if followed else "told"


def assess(
    found: Found,
    evidence: Sequence[Candidate],
    chosen: Sequence[Candidate],
    retriever: Retriever,
    space: WordSpace,
    *,
    unsure: bool = False,
    followed: bool = False,
) -> Signals:
    """The signals for `decide`: what is proven to be missing, and how likely the rest holds an answer.

    `followed` says that the question leans on the conversation before it; `unsure` that it may be something else than a
    question of study: that counts over the corpus that the page was made for, where the turn stands alone.
    """
    linker, corpus = retriever.linker, retriever.index.corpus
    missing = [g for g in found.mentions.groups if not linker.covered(g)]
    held = [g for g in found.mentions.groups if linker.covered(g)]
    sources = {corpus.sources[c.passage.source] for c in chosen}
    one_person = identity.asks_whether_one(found.question)
    values = features(found, evidence, retriever, space)
    named = _fitting(evidence[0].passage if evidence else None, opened(retriever.index), followed=followed)
    confidence = model(named).confidence(values)
    far = (
        confidence < SURE
        and not found.mentions.persons
        and values["question_all"] < FAR_QUESTION
        and values["statement_all"] < FAR_STATEMENT
    )
    return Signals(
        has_evidence=bool(chosen) and not far,
        confidence=confidence,
        evident=confidence if named == "untold" else model("evident").confidence(values),
        subject_missing=bool(missing) and not held and not found.mentions.persons,
        gaps=tuple(f"The corpus holds no testimony on {linker.label(g)}." for g in missing),
        known=identity.links(found.mentions.persons, corpus, certain=True) if one_person else (),
        conflicting=shows_both_sides(chosen, corpus),
        disputed=any(s.standing != "good" for s in sources),
        single_voice=len({c.passage.people for c in chosen}) == 1,
        unsure=unsure and named == "told",
    )
