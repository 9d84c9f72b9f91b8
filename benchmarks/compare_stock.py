"""Side by side in one run: this index, and the chain that a stock tutorial builds over the raw paragraphs.

    python -m benchmarks.compare_stock --originals DIR

The stock chain puts every paragraph of the original texts into a Chroma collection with its defaults and returns the
five nearest to the question. It gets the same embedding model, through LangChain's interface, since its usual default
is fetched from the network. DIR holds the original texts, which are not part of this repository.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from pathlib import Path

import chromadb
import numpy as np

from benchmarks.cases import measure, place
from evals.nuggets import vital_recall
from rag.assistant import Assistant
from rag.embed import make_embeddings
from rag.settings import ROOT, get_settings


def paragraphs(originals: Path, assistant: Assistant) -> list[tuple[tuple[str, int], str]]:
    by_hash = {s.sha256: s.id for s in assistant.corpus.sources.values()}
    found = []
    for path in sorted(originals.glob("*.txt")):
        source = by_hash.get(hashlib.sha256(path.read_bytes()).hexdigest())
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        found += [((source, n), line) for n, line in enumerate(lines, 1)] if source else []
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--originals", type=Path, required=True)
    originals = parser.parse_args().originals
    settings = get_settings()
    assistant = Assistant.open(settings)
    embeddings = make_embeddings(settings)
    texts = paragraphs(originals, assistant)
    lines = (ROOT / "evals/cases/retrieval.jsonl").read_text("utf-8").splitlines()
    cases = [c for c in map(json.loads, lines) if c["split"] == "test"]
    with tempfile.TemporaryDirectory() as folder:
        client = chromadb.PersistentClient(folder)
        stock = client.create_collection("paragraphs", embedding_function=None)
        stock.add(
            ids=[str(i) for i in range(len(texts))],
            embeddings=embeddings.embed_documents([t[:2000] for _, t in texts]),
        )
        rows: dict[str, list[tuple[float, ...]]] = {"stock chain": [], "exit voices": []}
        for case in cases:
            start = time.perf_counter()
            ids = stock.query(
                query_embeddings=[embeddings.embed_query(case["question"])], n_results=10, include=[]
            )["ids"][0]
            spent = time.perf_counter() - start
            five = " ".join(texts[int(i)][1] for i in ids[:5])
            recall, ndcg = measure(case, [texts[int(i)][0] for i in ids])
            rows["stock chain"].append(
                (recall, ndcg, vital_recall(case["nuggets"], five), len(five.split()), spent * 1000)
            )
            start = time.perf_counter()
            answer = assistant.answer(case["question"])
            spent = time.perf_counter() - start
            recall, ndcg = measure(case, [place(h) for h in assistant.search(case["question"], 10)])
            said = " ".join(s.text for s in answer.sentences)
            rows["exit voices"].append(
                (recall, ndcg, vital_recall(case["nuggets"], said), len(said.split()), spent * 1000)
            )
        client.close()
    for name, values in rows.items():
        recall, ndcg, nuggets, words, _ = np.mean(values, axis=0)
        median = np.median([v[-1] for v in values])
        print(
            f"{name}: recall@5={recall:.3f} nDCG@10={ndcg:.3f} vital nuggets={nuggets:.3f} in {words:.0f} words, "
            f"median {median:.0f} ms (n={len(values)})"
        )


if __name__ == "__main__":
    main()
