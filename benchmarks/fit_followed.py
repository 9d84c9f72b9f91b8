"""Fits whether the corpus answers a later turn of a conversation, and reports it.

    python -m benchmarks.fit_followed [--write]

Conversations of evals/cases/conversation_train.jsonl are held with the assistant as it is, turn by turn; each
later turn gives a row of the features of rag.answer.sufficiency, answerable or not, and both weigh the same in all. The
bias is then moved so that the share of answerable turns that rag.answer.decide abstains on is the one that it was made
for, out of fold. The dev part of conversation.jsonl is only reported. --write replaces `followed` in
rag/data/sufficiency.json; do it after `benchmarks.fit_follow` and `benchmarks.fit_sufficiency`.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from benchmarks.cases import Case, read
from benchmarks.fit_follow import held, shared
from benchmarks.fit_sufficiency import ABSTAINED, BESIDE_TOLD, MODEL, Row, confidence, logistic, matrix
from rag.answer.decide import ABSTAIN_BELOW, ANSWER_FROM

FEATURES = [*BESIDE_TOLD, "context"]
FOLDS = 5
THIRD = 3  # of the conversations in which everything is answered one in so many is held, for time


def chosen() -> list[Case]:
    """Every training conversation with a turn that is not answered, and a third of the others."""
    every = read("conversation_train")
    gaps = [c for c in every if not all(t["answerable"] for t in c["turns"])]
    return gaps + [c for c in every if c not in gaps][::THIRD]


def later_turns(cases: list[Case]) -> list[Row]:
    """The later turns of these conversations that are known to be answered or not, with their features."""
    from rag.answer.evidence import candidates
    from rag.answer.sufficiency import features
    from rag.assistant import Assistant
    from rag.follow import find_next
    from rag.settings import get_settings

    assistant = Assistant.open(get_settings())
    retriever = assistant.retriever
    found: list[Row] = []
    for case, turn, alone, came in held(assistant, cases):
        if turn.get("answerable") is None:
            continue
        hits = find_next(retriever, turn["user"], alone, came)
        evidence = candidates(hits, assistant.index, retriever.frequency)
        x = features(hits, evidence, retriever, assistant.words)
        found.append({"x": x, "y": int(turn["answerable"]), "case": case["id"]})
    return found


def fit(rows: list[Row]) -> Row:
    """Both classes weigh the same: the rarer one is repeated."""
    x, y = matrix(rows, FEATURES)
    times = max(1, round((y == 1).sum() / max(1, (y == 0).sum())))
    return logistic(
        np.concatenate([x, *[x[y == 0]] * (times - 1)]), np.concatenate([y, *[y[y == 0]] * (times - 1)])
    )


def out_of_fold(rows: list[Row]) -> np.ndarray:
    """Each turn's confidence from a fit that saw no turn of its conversation."""
    names = sorted({r["case"] for r in rows})
    fold = np.array([names.index(r["case"]) % FOLDS for r in rows])
    x, _ = matrix(rows, FEATURES)
    found = np.zeros(len(rows))
    for k in range(FOLDS):
        found[fold == k] = confidence(
            fit([r for r, f in zip(rows, fold, strict=True) if f != k]), x[fold == k]
        )
    return found


def report(name: str, rows: list[Row], p: np.ndarray) -> None:
    y = np.array([r["y"] for r in rows])
    a, b = p[y == 1], p[y == 0]
    auc = float((a[:, None] > b[None, :]).mean()) if len(a) and len(b) else float("nan")
    print(f"{name:18} n={len(a)}/{len(b)} AUC={auc:.3f}; answerable and other turns below")
    for threshold in (ABSTAIN_BELOW, ANSWER_FROM):
        print(f"{'':18} {threshold}: {(a < threshold).mean():.3f} and {(b < threshold).mean():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    dev = [c for c in read("conversation") if c["split"] == "dev"]
    train, other = shared(later_turns, chosen()), shared(later_turns, dev)
    fitted = json.loads(MODEL.read_text("utf-8"))
    before = {k: np.array(fitted["told"][k]) for k in ("mean", "scale", "weight")} | {
        "bias": fitted["told"]["bias"]
    }
    for name, rows in (("train", train), ("dev", other)):
        report(f"{name}, as a question", rows, confidence(before, matrix(rows, BESIDE_TOLD)[0]))
    unseen = out_of_fold(train)
    edge = np.quantile(unseen[[bool(r["y"]) for r in train]], ABSTAINED)
    shift = np.log(ABSTAIN_BELOW / (1 - ABSTAIN_BELOW)) - np.log(edge / (1 - edge))
    moved = 1 / (1 + np.exp(-(np.log(unseen / (1 - unseen)) + shift)))
    model = fit(train)
    model["bias"] += shift
    report("train, out of fold", train, moved)
    report("dev", other, confidence(model, matrix(other, FEATURES)[0]))
    fitted["followed"] = {
        "features": FEATURES,
        **{k: [round(float(v), 5) for v in model[k]] for k in ("mean", "scale", "weight")},
        "bias": round(float(model["bias"]), 5),
        "fitted_on": f"{len(train)} later turns (conversation_train)",
    }
    if write:
        MODEL.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
