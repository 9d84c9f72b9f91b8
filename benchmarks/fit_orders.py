"""Fits which sentences of a document give orders to a machine (rag.ingest.orders), and reports it.

    python -m benchmarks.fit_orders [--originals FOLDER] [--write]

Learnt from rag/ingest/data/orders.jsonl, from what the guard knows as attempts on its rules, and, for the other side,
from the statements of the corpus and from messages of people in distress, which are told in the first person. Both
bounds are set out of fold: the words alone let pass one order in fifty, and one in seven of the lines that were
written to look like orders is taken for one, which is about one sentence in a hundred of a real text. The planted
cases of evals/cases/injection.jsonl are only reported; so are the sentences of FOLDER, real texts. --write replaces
rag/data/orders.npz; do it after the encoder changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.cases import read
from rag.corpus import load_corpus
from rag.corpus.lint.originals import paragraphs
from rag.embed.tuned import ENCODER, encoder
from rag.guard.examples import read_examples
from rag.guard.features import SIZE, function_words, hashed
from rag.ingest.instructions import Instructions
from rag.ingest.orders import FILE, LEAST, Orders
from rag.ingest.sentences import sentences
from rag.settings import ROOT

WRITTEN = ROOT / "rag" / "ingest" / "data" / "orders.jsonl"
EXAMPLES = ROOT / "rag" / "guard" / "data" / "examples"
DISTRESS = ("worried", "left_afraid", "drawn_in", "self_harm", "imminent")
EVERY = 4  # of the corpus and of the messages one in so many
OWN = 3.0  # what one of our own lines counts beside one of those
MISSED = 0.02  # of the orders, by the words alone
ALARMS = 0.15  # of what is written to look like orders and is none
FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)


def lines() -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Texts, whether each is an order, what it counts, and whether it was written for this."""
    own = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    examples = [e for e in read_examples(EXAMPLES) if e.text]
    attempts = [e.text for e in examples if e.label == "injection" and e.text]
    told = [e.text for e in examples if e.label in DISTRESS and e.text][::EVERY]
    told += [s.text for s in load_corpus(ROOT / "corpus").statements.values()][::EVERY]
    texts = [*(x["text"] for x in own), *attempts, *told]
    orders = np.array([*(x["label"] == "order" for x in own), *[True] * len(attempts), *[False] * len(told)])
    ours = np.arange(len(texts)) < len(own)
    return texts, orders, np.where(ours, OWN, 1.0), ours


def rows(texts: list[str], function: frozenset[str]) -> csr_matrix:
    found = [hashed(t, function) for t in texts]
    ends = np.cumsum([0, *(len(h.at) for h in found)])
    values, at = (np.concatenate([h[n] for h in found]) for n in (1, 0))
    return csr_matrix((values, at, ends), shape=(len(texts), SIZE))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--originals", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    texts, orders, weight, ours = lines()
    read_as = encoder()
    function = function_words(("en", t) for t in texts)
    words, vectors = rows(texts, function), np.stack([read_as(t) for t in texts])

    by_words = LogisticRegression(C=10, max_iter=2000, class_weight="balanced")
    first = cross_val_predict(
        by_words, words, orders, cv=FOLDS, method="decision_function", params={"sample_weight": weight}
    )
    by_words.fit(words, orders, sample_weight=weight)
    by_vector = LogisticRegression(C=3, max_iter=2000, class_weight="balanced")
    second = cross_val_predict(
        by_vector, vectors, orders, cv=FOLDS, method="decision_function", params={"sample_weight": weight}
    )
    by_vector.fit(vectors, orders, sample_weight=weight)
    passes = float(np.quantile(first[orders & ours], MISSED))
    sure = float(np.quantile(second[~orders & ours], 1 - ALARMS))
    sparse = by_words.coef_[0]
    scale = np.abs(sparse).max() / 127
    fitted = {
        "sparse": np.round(sparse / scale).astype(np.int8),
        "scale": np.float32(scale),
        "dense": by_vector.coef_[0].astype(np.float32),
        "first": np.float32(by_words.intercept_[0]),
        "second": np.float32(by_vector.intercept_[0]),
        "passes": np.float32(passes),
        "sure": np.float32(sure),
        "function": np.frombuffer("\n".join(sorted(function)).encode(), dtype=np.uint8),
        "encoder": np.array(hashlib.sha256(ENCODER.read_bytes()).hexdigest()),
        "lines": np.array(hashlib.sha256(WRITTEN.read_bytes()).hexdigest()),
    }
    if given.write:
        np.savez_compressed(ROOT / "rag" / "data" / FILE, **fitted)

    print(
        f"{int(orders.sum())} orders ({int((orders & ours).sum())} written for this), {int((~orders).sum())} others"
    )
    print(
        f"words alone let pass {np.mean(first[~orders & ~ours] < passes):.3f} of what was written for something else"
    )
    found = (second >= sure) & (first >= passes)
    print(f"out of fold, of our own lines: orders found {found[orders & ours].mean():.3f}, "
          f"others taken for one {found[~orders & ours].mean():.3f}")  # fmt: skip
    model = Orders(fitted, read_as)
    report(model, given.originals)


def report(model: Orders, originals: Path | None) -> None:
    """What the fit does by itself, and beside the rules, on what it never saw."""
    rules = Instructions(load_corpus(ROOT / "corpus"))
    for split in ("dev", "test"):
        planted = [c["plant"]["statement"] for c in read("injection") if "plant" in c and c["split"] == split]
        alone = [model.first(said(p)) is not None for p in planted]
        either = [bool(a or rules.by_rule(p)) for a, p in zip(alone, planted, strict=True)]
        print(
            f"planted cases, {split}: {np.mean(alone):.3f} of {len(planted)}, with the rules {np.mean(either):.3f}"
        )
    if originals:
        texts = [p for p in sorted(originals.rglob("*.txt")) if p.name[:3] < "100" or p.parent != originals]
        real = [s for p in texts for line in paragraphs(p.read_text("utf-8")) for s in said(line)]
        alarms = [s for s in real if model.first([s])]
        passed = np.mean([model.score(s) == -np.inf or len(s.split()) < LEAST for s in real])
        print(
            f"{len(texts)} real texts, {len(real)} sentences: {len(alarms)} alarms, words alone let pass {passed:.3f}"
        )
        for s in alarms:
            print("   ", s[:150])


def said(paragraph: str) -> list[str]:
    return [paragraph[s.start : s.end] for s in sentences(paragraph)]


if __name__ == "__main__":
    main()
