"""Fits whether a corpus that nobody has written questions for answers a question: one of your own documents.

    python -m benchmarks.fit_untold [--write]

The shipped corpus stands in for it, with every curated and every stranger's question taken out, so that only statements
and passages speak. The dev parts count three times as much in all as a quarter of the training questions, which are
near misses and their twins. The bias is set so that a tenth of the answerable dev questions is abstained on, out of
fold. The test parts are only reported. --write replaces `untold` in rag/data/sufficiency.json; do it after the
weights of retrieval or of quoting changed.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.cases import read
from benchmarks.fit_sufficiency import MODEL, Row, confidence, logistic, matrix, report
from rag.answer.decide import ABSTAIN_BELOW, ANSWER_FROM
from rag.answer.evidence import candidates
from rag.answer.sufficiency import features
from rag.assistant import Assistant
from rag.data import from_yaml
from rag.settings import get_settings

FEATURES = (
    "statement_all statement_named score margin mass entropy statement_mean statement_least statement_open "
    "passage_mean passage_least passage_open quoted_mean quoted_least quoted_open behind_mean behind_least "
    "behind_open elsewhere not_held term_missing country_missing number_missing unknown_names asks_number "
    "number_not_given later named named_not_first length reason yes_no"
).split()
ABSTAINED = (
    0.10  # twice the share that is allowed where questions are known: without them the two overlap more
)
QUARTER, TIMES = 4, 3
FOLDS = 5


@contextmanager
def without_questions() -> Iterator[Assistant]:
    """An assistant over the shipped corpus as if nobody had written a question for it."""
    settings = get_settings()
    with TemporaryDirectory() as place:
        corpus = Path(place) / "corpus"
        shutil.copytree(settings.corpus_dir, corpus)
        (corpus / "asked.jsonl").unlink()
        for path in (corpus / "sources").glob("*.yaml"):
            source = from_yaml(path.read_text("utf-8"))
            for passage in source["passages"]:
                passage["questions"] = []
            path.write_text(json.dumps(source, ensure_ascii=False, default=str), "utf-8")  # JSON is YAML
        assistant = Assistant.open(
            settings.model_copy(update={"corpus_dir": corpus, "data_dir": Path(place) / "data"})
        )
        yield assistant
        assistant.index.close()


def rows() -> list[Row]:
    """Dev and test cases and a quarter of the training questions, whether they are answerable, with their features."""
    cases = [{**c, "y": 1} for c in read("retrieval", "accuracy")]
    cases += [{**c, "y": 0} for c in read("unanswerable")]
    train = read("answerability_train", "unanswerable_train")[::QUARTER]
    cases += [{**c, "y": int(c["answerable"]), "split": "train"} for c in train]
    with without_questions() as assistant:
        for case in cases:
            found = assistant.retriever.find(case["question"])
            evidence = candidates(found, assistant.index, assistant.retriever.frequency)
            case["x"] = features(found, evidence, assistant.retriever, assistant.words)
    return cases


def fit(dev: Sequence[Row], train: Sequence[Row]) -> Row:
    """Both parts by their weight: the training questions are many, and count as one dev part in all."""
    times = max(1, round(TIMES * len(train) / max(1, len(dev))))
    return logistic(*matrix([*dev] * times + [*train], FEATURES), penalty=0.01)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    cases = rows()
    dev, test, train = ([c for c in cases if c["split"] == s] for s in ("dev", "test", "train"))
    unseen = np.zeros(len(dev))
    fold = np.random.default_rng(0).permutation(len(dev)) % FOLDS
    for k in range(FOLDS):
        out = [c for c, f in zip(dev, fold, strict=True) if f == k]
        known = [c for c, f in zip(dev, fold, strict=True) if f != k]
        unseen[fold == k] = confidence(fit(known, train), matrix(out, FEATURES)[0])
    edge = np.quantile(unseen[[bool(c["y"]) for c in dev]], ABSTAINED)
    shift = np.log(ABSTAIN_BELOW / (1 - ABSTAIN_BELOW)) - np.log(edge / (1 - edge))
    model = fit(dev, train)
    model["bias"] += shift
    report("dev", dev, 1 / (1 + np.exp(-(np.log(unseen / (1 - unseen)) + shift))), ABSTAIN_BELOW, ANSWER_FROM)
    report("test", test, confidence(model, matrix(test, FEATURES)[0]), ABSTAIN_BELOW, ANSWER_FROM)
    if write:
        fitted = json.loads(MODEL.read_text("utf-8"))
        fitted["untold"] = {
            "features": FEATURES,
            **{k: [round(float(v), 5) for v in model[k]] for k in ("mean", "scale", "weight")},
            "bias": round(float(model["bias"]), 5),
            "fitted_on": f"{len(dev)} dev and {len(train)} training questions, over the corpus without its questions",
        }
        MODEL.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
