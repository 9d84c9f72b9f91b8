"""Retrieval on public collections: our index and weights beside BM25 alone, dense alone and their plain fusion.

    python -m benchmarks.external.retrieval --datasets DIR --out FILE [--documents N] [--sample N]

Sets: Cranfield 1400 (Cleverdon 1967; 225 queries, classic SMART collection, here in BEIR layout) and the paragraphs
of half of the SQuAD 2.0 development set (Rajpurkar, Jia and Liang 2018, arXiv 1806.03822). All ways search the same
documents in the same run; the weights are those that ship, fitted on neither. Recall is the share of all relevant
documents, nDCG has binary gains. `--documents` keeps a smaller collection, fixed by hash: every document that is
relevant to a kept query, and others up to N; its figures compare the ways with each other and with nothing else.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.external.collection import Collection, Document, collect, passage_vectors, sentences
from benchmarks.external.common import (
    Row,
    arguments,
    each_present,
    json_lines,
    mean,
    needed,
    sampled,
    say,
    shown,
    table,
    write,
)
from evals.stats import Share, paired_bootstrap
from rag.embed import as_query, make_embeddings
from rag.text import content_stems

DEPTH = 10
FUSED = 100  # how deep the plain fusion reads each list
RRF = 60  # Cormack, Clarke and Büttcher 2009
OURS, BM25, DENSE, FUSION = (
    "Exit Voices as shipped",
    "BM25 alone (FTS5)",
    "dense alone (E5)",
    "RRF of these two",
)
MEASURES = ("recall@5", "recall@10", "nDCG@10", "MRR")
Search = Callable[[str], list[str]]


@dataclass(frozen=True)
class Query:
    id: str
    text: str
    relevant: frozenset[str]
    group: str  # what the interval resamples: questions on one article are not independent


@dataclass(frozen=True)
class PublicSet:
    documents: list[Document]
    queries: list[Query]


def cranfield(folder: Path) -> PublicSet:
    """Abstracts and queries; a document without any text (two of 1,400) can never be found and counts as missed."""
    corpus, queries, qrels = needed(folder, "corpus.jsonl", "queries.jsonl", "qrels.tsv")
    relevant = _relevant(qrels)
    documents = [Document(d["_id"], d["_id"], "", sentences(d["text"])) for d in json_lines(corpus)]
    found = [
        Query(q["_id"], q["text"].removesuffix(" ."), relevant[q["_id"]], q["_id"])
        for q in json_lines(queries)
        if q["_id"] in relevant
    ]
    return PublicSet(documents, found)


def squad2(folder: Path) -> PublicSet:
    """Every paragraph; the answerable questions, each with the one paragraph that it was written for."""
    corpus, queries, qrels, labels = needed(
        folder, "corpus.jsonl", "queries.jsonl", "qrels.tsv", "unanswerable.json"
    )
    impossible = json.loads(labels.read_text("utf-8"))
    relevant = _relevant(qrels)
    documents = [Document(d["_id"], d["title"], d["title"], sentences(d["text"])) for d in json_lines(corpus)]
    article = {d.id: d.group for d in documents}
    found = [
        Query(q["_id"], q["text"].strip(), relevant[q["_id"]], article[min(relevant[q["_id"]])])
        for q in json_lines(queries)
        if not impossible[q["_id"]] and q["_id"] in relevant
    ]
    return PublicSet(documents, found)


def _relevant(path: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in path.read_text("utf-8").splitlines()[1:]:
        query, document, score = line.split("\t")
        if int(score) > 0:
            found.setdefault(query, set()).add(document)
    return {query: frozenset(documents) for query, documents in found.items()}


def smaller(public: PublicSet, documents: int | None, queries: int | None) -> PublicSet:
    """Fewer queries and documents, both by hash; what is relevant to a kept query is always kept."""
    kept = sampled(public.queries, lambda q: q.id, queries)
    if documents is None:
        return PublicSet(public.documents, kept)
    wanted = {d for q in kept for d in q.relevant}
    others = [d for d in public.documents if d.id not in wanted]
    room = max(0, documents - len(wanted))
    chosen = wanted | {d.id for d in sampled(others, lambda d: d.id, room)}
    return PublicSet([d for d in public.documents if d.id in chosen], kept)


def scores(ranked: Sequence[str], relevant: frozenset[str]) -> dict[str, Share]:
    """The measures of one query over the first ten documents."""
    gains = [1 / math.log2(rank + 1) if d in relevant else 0.0 for rank, d in enumerate(ranked[:DEPTH], 1)]
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(DEPTH, len(relevant)) + 1))
    first = next((1 / rank for rank, d in enumerate(ranked[:DEPTH], 1) if d in relevant), 0.0)
    return {
        "recall@5": Share(len(relevant & set(ranked[:5])) / len(relevant)),
        "recall@10": Share(len(relevant & set(ranked[:DEPTH])) / len(relevant)),
        "nDCG@10": Share(sum(gains) / ideal),
        "MRR": Share(first),
    }


def plain_bm25(documents: Sequence[Document]) -> Search:
    """FTS5 over whole documents, one column, with the stems and stop words that our index uses."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE d USING fts5(t, tokenize='unicode61')")
    with db:
        db.executemany(
            "INSERT INTO d (rowid, t) VALUES (?, ?)",
            [(i, " ".join(content_stems(f"{d.title} {d.text}"))) for i, d in enumerate(documents)],
        )

    def search(question: str) -> list[str]:
        terms = [f'"{t}"' for t in dict.fromkeys(content_stems(question)) if t.isalnum()]
        if not terms:
            return []
        with closing(db.cursor()) as cursor:
            found = cursor.execute(
                "SELECT rowid FROM d WHERE d MATCH ? ORDER BY bm25(d), rowid LIMIT ?",
                (" OR ".join(terms), FUSED),
            )
            return [documents[i].id for (i,) in found]

    return search


def plain_dense(collection: Collection) -> Search:
    """Cosine of the question to the best passage of each document, vectors as the model gives them."""
    vectors = passage_vectors(collection)
    owners = [collection.document_of[p] for p in collection.assistant.retriever.index.passage_ids]
    embeddings = make_embeddings(collection.assistant.settings)

    def search(question: str) -> list[str]:
        order = np.argsort(-(vectors @ as_query(embeddings, question)), kind="stable")
        return list(dict.fromkeys(owners[i] for i in order))[:FUSED]

    return search


def fused(*lists: Sequence[str]) -> list[str]:
    """Reciprocal rank fusion."""
    total: dict[str, float] = {}
    for ranked in lists:
        for rank, document in enumerate(ranked, 1):
            total[document] = total.get(document, 0.0) + 1 / (RRF + rank)
    return sorted(total, key=lambda d: (-total[d], d))


def ours(collection: Collection, question: str) -> list[str]:
    hits = collection.assistant.search(question, 3 * DEPTH)
    return list(dict.fromkeys(collection.document_of[h.passage.id] for h in hits))[:DEPTH]


def run(name: str, public: PublicSet, cache: Path) -> Row:
    """All ways over one set: figures by way and measure, and how far ours lies above each of the others."""
    collection = collect(public.documents, cache / name, with_words=False)
    bm25, dense = plain_bm25(public.documents), plain_dense(collection)
    found: dict[str, dict[str, dict[str, Share]]] = {}
    for n, query in enumerate(public.queries, 1):
        lexical, nearest = bm25(query.text), dense(query.text)
        ranked = {
            OURS: ours(collection, query.text),
            BM25: lexical,
            DENSE: nearest,
            FUSION: fused(lexical, nearest),
        }
        for way, documents in ranked.items():
            for measure, share in scores(documents, query.relevant).items():
                found.setdefault(way, {}).setdefault(measure, {})[query.id] = share
        if n % 50 == 0:
            say(f"{name}: {n} of {len(public.queries)} queries")
    groups = {q.id: q.group for q in public.queries}
    above = {}
    for way in (BM25, DENSE, FUSION):
        interval, p = paired_bootstrap(found[way]["nDCG@10"], found[OURS]["nDCG@10"], groups)
        gain = np.mean([found[OURS]["nDCG@10"][q].part - found[way]["nDCG@10"][q].part for q in groups])
        above[way] = {"value": float(gain), "low": interval.low, "high": interval.high, "p": p}
    return {
        "documents": len(public.documents),
        "queries": len(public.queries),
        "groups": len(set(groups.values())),
        "ways": {w: {m: mean(s, groups) for m, s in by.items()} for w, by in found.items()},
        "ndcg_of_ours_above": above,
    }


def main(argv: Sequence[str] | None = None) -> None:
    parser = arguments(__doc__, "retrieval")
    parser.add_argument("--documents", type=int, help="keep a smaller collection, fixed by hash")
    parser.add_argument("--only", choices=("cranfield", "squad2"), help="one of the two sets")
    options = parser.parse_args(argv)
    folder: Path = options.datasets
    readers = {
        "cranfield": lambda: cranfield(folder / "cranfield"),
        "squad2": lambda: squad2(folder / "squad2"),
    }
    if options.only:
        readers = {options.only: readers[options.only]}
    figures = {
        name: run(name, smaller(public, options.documents, options.sample), options.cache)
        for name, public in each_present(readers).items()
    }
    print(
        table(
            ("set", "way", *MEASURES, "nDCG of ours above it"),
            (
                (
                    f"{name} ({f['documents']} documents, {f['queries']} queries, {f['groups']} groups)",
                    way,
                    *(shown(by[m]) for m in MEASURES),
                    shown(f["ndcg_of_ours_above"].get(way)),
                )
                for name, f in figures.items()
                for way, by in f["ways"].items()
            ),
        )
    )
    write(options.out, "retrieval", vars(options), figures)


if __name__ == "__main__":
    main()
