"""Hybrid retrieval: dense and lexical candidates, one linear score over both, entity links, facets.

The score of a passage is a weighted sum of how near the question is to its best statement, its best question, its six
best questions together and its whole text, of BM25 over two fields, of whether it is about the people whom the
question names, and of whether its tags are those that the question is about; a source that is known from a summary only
stands a little lower. The weights were fitted on the dev parts of evals/cases and on broad questions held out of the
corpus (`python -m benchmarks.fit_retrieval`); what each part buys is in docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from rag.embed import Reads, Vectors, unit_length
from rag.index.reader import COLUMNS, KINDS, Index
from rag.index.tags import of_passage, tags
from rag.link import Linker, Mentions
from rag.model import Filters, Hit, Passage
from rag.spelling import Spelling
from rag.text import calm, content_words, stem
from rag.tokens import words

LEXICAL = (
    "people",
    "context",
)  # of COLUMNS, those whose BM25 score counts; the others only propose candidates
PARTS = (
    "statement",
    "question",
    "passage",
    "questions",
    *(f"bm25_{c}" for c in LEXICAL),
    "person",
    "theme",
    "tags",
    "digest",
)
WEIGHTS = {
    "statement": 9.0,
    "question": 12.0,
    "passage": 3.0,
    "questions": 23.0,
    "bm25_people": 0.17,
    "bm25_context": 0.33,
    "person": 1.7,
    "theme": 5.0,
    "tags": 3.0,
    "digest": -0.5,  # set, not fitted: what was read in full comes before what is known from a summary
}
STATEMENT, QUESTION, WHOLE = (KINDS.index(k) for k in ("statement", "question", "passage"))
ALIKE_AT = PARTS.index("questions")
ALIKE = 6  # questions of a passage that speak for it together: one alike by chance does not
Match = tuple[int, tuple[float, ...]]  # a passage's position and its BM25 score by column
CANDIDATES = {"statement": 120, "question": 120, "passage": 60}
LEXICAL_CANDIDATES = 120


@dataclass(frozen=True)
class Found:
    """What retrieval knows of a question: ranked hits, what the question names, and its vector in index space."""

    question: str
    hits: tuple[Hit, ...]
    mentions: Mentions
    vector: Vectors
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A question as the legs of retrieval need it; `vector` is in the space of the index."""

    question: str
    vector: Vectors
    mentions: Mentions
    terms: tuple[str, ...]
    matches: list[Match]
    likely: Mapping[str, float]  # how likely it is about each tag; empty where no classifier reads the model


class Retriever:
    """Searches one opened index. Holds no state between questions."""

    def __init__(
        self, index: Index, embeddings: Embeddings, reads: Reads, withheld: Collection[str] = ()
    ) -> None:
        """`reads` is for questions, `embeddings` for texts of the corpus; `withheld` are passages never found."""
        self.index = index
        self.withheld = frozenset(index.position[p] for p in withheld)
        self._embeddings = embeddings
        self._reads = reads
        self.tags = tags(index.manifest.model)
        self.linker = Linker(index.corpus)
        self.frequency: Mapping[str, int] = index.document_frequency()
        asked = {a.question for about in index.corpus.questions.values() for a in about}
        texts = (*(p.text for p in index.corpus.passages.values()), *asked)
        self._spelling = Spelling(texts, words())

    def find(self, question: str, k: int = 50, filters: Filters | None = None) -> Found:
        """The k best passages for a question, best first; fewer when the filters leave fewer."""
        return self.ranked(self.read(question), k, filters)

    def ranked(self, read: Reading, k: int = 50, filters: Filters | None = None) -> Found:
        """The same for a question that was read already."""
        candidates = self._candidates(read.vector, read.matches, read.mentions, filters)
        parts, scores = self._scores(read, candidates)
        order = sorted(range(len(candidates)), key=lambda i: (-scores[i], candidates[i]))[:k]
        return self._as_hits(read, [candidates[i] for i in order], parts[order], [scores[i] for i in order])

    def scored(self, read: Reading, positions: Sequence[int]) -> Found:
        """These passages, in this order, as hits for a question; those that are withheld do not belong here."""
        parts, scores = self._scores(read, list(positions))
        return self._as_hits(read, positions, parts, scores)

    def read(self, question: str, vector: Vectors | None = None) -> Reading:
        """`vector` is what `as_typed` gave for the question, where that is known already."""
        terms = self._terms(calm(question))
        typed = self.as_typed(question) if vector is None else vector
        return Reading(
            question,
            self.index.query_vector(typed),
            self.linker.mentions(question),
            terms,
            self.index.lexical(terms, len(self.index.passage_ids)),
            self.tags.likely(typed) if self.tags else {},
        )

    def _scores(self, read: Reading, candidates: list[int]) -> tuple[npt.NDArray[np.float64], list[float]]:
        parts = self._parts(candidates, read)
        return parts, [round(float(s), 4) for s in parts @ np.array([WEIGHTS[p] for p in PARTS])]

    def _as_hits(
        self, read: Reading, positions: Sequence[int], parts: npt.NDArray[np.float64], scores: Sequence[float]
    ) -> Found:
        hits = tuple(
            Hit(
                passage=self._passage(position),
                score=score,
                parts={name: round(float(v), 4) for name, v in zip(PARTS, row, strict=True)},
            )
            for position, score, row in zip(positions, scores, parts, strict=True)
        )
        return Found(read.question, hits, read.mentions, read.vector, read.terms)

    def as_typed(self, question: str) -> Vectors:
        """The unit query vector of a question; one that is shouted is read in a calm voice, its slips put right."""
        return self._reads(self._spelling.corrected(calm(question)))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit row a text, on the passage side of the provider's model."""
        return unit_length(np.asarray(self._embeddings.embed_documents(list(texts)), dtype=np.float32))

    def of_statements(self, ids: Sequence[str]) -> Vectors:
        """One row a statement, as the index keeps it: unit length, less the mean of its kind."""
        rows = []
        for name in ids:
            passage, _, number = name.partition("#")
            span = self.index.rows_of(self.index.position[passage])
            kinds = self.index.unit_kind[span.start : span.stop]
            rows.append(span.start + int(np.flatnonzero(kinds == KINDS.index("statement"))[int(number) - 1]))
        return self.index.vectors(rows)

    def allowed(self, filters: Filters) -> set[int]:
        """Positions of the passages that the facets let through."""
        corpus = self.index.corpus

        def fits(p: Passage) -> bool:
            people = [corpus.persons[x] for x in p.people if x in corpus.persons]
            values: dict[str, Iterable[str]] = {
                "stage": p.stage,
                "motive": p.motives,
                "disillusionment": p.disillusionment,
                "movement": corpus.movements_of(p),
                "ideology": [x.ideology for x in people if x.ideology],
                "role": [r for x in people for r in x.role],
                "gender": [x.gender for x in people],
                "country": [c.lower() for x in people for c in x.nationality],
                "source": [p.source],
                "standing": [corpus.sources[p.source].standing],
            }
            wanted = filters.model_dump()
            return all(
                not chosen or {c.lower() for c in chosen} & set(values[facet])
                for facet, chosen in wanted.items()
            )

        return {
            i
            for i, pid in enumerate(self.index.passage_ids)
            if i not in self.withheld and fits(corpus.passages[pid])
        }

    def nearness(self, positions: Sequence[int], vector: Vectors) -> npt.NDArray[np.float64]:
        """Cosines of a vector of index space with the nearest unit of each passage, one column for each of KINDS;
        in a last column the mean over its ALIKE nearest questions, where fewer stand, with the last counted again."""
        index = self.index
        spans = [index.rows_of(p) for p in positions]
        rows = np.concatenate([np.arange(s.start, s.stop) for s in spans])
        cosines = np.concatenate([index.vectors(slice(s.start, s.stop)) @ vector for s in spans])
        owner = np.repeat(np.arange(len(spans)), [len(s) for s in spans])
        best = np.full((len(spans), len(KINDS) + 1), -1.0)
        for n in range(len(KINDS)):
            of_kind = index.unit_kind[rows] == n
            np.maximum.at(best[:, n], owner[of_kind], cosines[of_kind])
        asked = index.unit_kind[rows] == QUESTION
        best[:, ALIKE_AT] = _mean_of_nearest(cosines[asked], owner[asked], len(spans))
        # A verbatim passage has no curated questions: its text stands for them, or it could never be found beside
        # an account.
        none_asked = best[:, QUESTION] <= -1
        stands_for = best[none_asked][:, [STATEMENT, WHOLE]].max(axis=1)
        best[none_asked, QUESTION] = best[none_asked, ALIKE_AT] = stands_for
        return best

    def _passage(self, position: int) -> Passage:
        return self.index.corpus.passages[self.index.passage_ids[position]]

    def _terms(self, question: str) -> tuple[str, ...]:
        """Stems of the content words, as typed and as they are spelled."""
        read = self._spelling.corrected(question)
        return tuple(dict.fromkeys(stem(w) for text in {question: 0, read: 0} for w in content_words(text)))

    def _candidates(
        self, vector: Vectors, matches: list[Match], mentions: Mentions, filters: Filters | None
    ) -> list[int]:
        if filters:
            return sorted(self.allowed(filters))
        index = self.index
        found = {
            int(index.unit_passage[row])
            for kind in KINDS
            for row in index.dense(kind, vector, CANDIDATES[kind])
        }
        found |= {passage for passage, _ in matches[:LEXICAL_CANDIDATES]}
        for person in mentions.persons:
            found |= {index.position[p] for p in index.corpus.by_person.get(person, ())}
        return sorted(found - self.withheld)

    def _parts(self, candidates: list[int], read: Reading) -> npt.NDArray[np.float64]:
        """One row a candidate, one column for each of PARTS."""
        parts = np.zeros((len(candidates), len(PARTS)))
        if not candidates:
            return parts
        index = self.index
        column = {part: n for n, part in enumerate(PARTS)}
        parts[:, : ALIKE_AT + 1] = self.nearness(candidates, read.vector)
        at = {c: i for i, c in enumerate(candidates)}
        counted = [(column[f"bm25_{c}"], COLUMNS.index(c)) for c in LEXICAL]
        for position, scores in read.matches:
            if position in at:
                for part, n in counted:
                    parts[at[position], part] = scores[n]
        named = set(read.mentions.persons)
        near = index.theme_nearness(read.vector)
        untagged = []
        for i, c in enumerate(candidates):
            passage = self._passage(c)
            kinds = tuple(of_passage(passage))
            themes = [index.themes[t] for kind in kinds for t in kind if t in index.themes]
            parts[i, column["theme"]] = near[themes].max() if themes else 0.0
            parts[i, column["tags"]] = sum(
                max((read.likely.get(t, 0.0) for t in kind), default=0.0) for kind in kinds
            )
            if not index.corpus.questions[passage.id] and not any(kinds):
                untagged.append(i)
            parts[i, column["digest"]] = index.corpus.sources[passage.source].basis == "digest"
            parts[i, column["person"]] = bool(named & set(passage.people))
        # A verbatim passage that nobody tagged is neither likelier nor less likely for that than the others.
        for part in (column["theme"], column["tags"]):
            parts[untagged, part] = (
                np.delete(parts[:, part], untagged).mean() if len(untagged) < len(parts) else 0
            )
        return parts


def _mean_of_nearest(cosines: Vectors, owner: npt.NDArray[np.intp], owners: int) -> npt.NDArray[np.float64]:
    """The mean of the ALIKE largest cosines of each owner; -1 for one that has none."""
    order = np.lexsort((-cosines, owner))
    cosines, owner = cosines[order], owner[order]
    first = np.searchsorted(owner, np.arange(owners))
    past = np.searchsorted(owner, np.arange(owners), side="right")
    some = past > first
    at = np.minimum(first[some][:, None] + np.arange(ALIKE), past[some][:, None] - 1)
    mean = np.full(owners, -1.0)
    mean[some] = cosines[at].mean(axis=1)
    return mean


def spread(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The same hits with the first of each paragraph before any sibling of one that already came."""
    seen: set[tuple[str, str]] = set()
    first: list[Hit] = []
    later: list[Hit] = []
    for hit in hits:
        place = hit.passage.source, str(hit.passage.locator)
        (later if place in seen else first).append(hit)
        seen.add(place)
    return (*first, *later)
