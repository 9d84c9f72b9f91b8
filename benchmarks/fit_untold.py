"""Fits whether a corpus that nobody has written questions for answers a question: one of your own documents.

    python -m benchmarks.fit_untold [--write]

The shipped corpus stands in for it, with every curated and every stranger's question taken out, so that only
statements and passages speak: whole, in two halves by source, and in parts of an eighth. What only a source outside
the part tells, the part does not answer. The dev questions count three times as much in all as a quarter of the
training questions. The bias is set so that a tenth of the answerable dev questions is abstained on, out of fold by
question. The test questions are only reported. --write replaces `untold` in rag/data/sufficiency.json; do it after
the weights of retrieval or of quoting changed.
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
def without_questions(sources: frozenset[str]) -> Iterator[Assistant]:
    """An assistant over these sources of the shipped corpus as if nobody had written a question for them."""
    settings = get_settings()
    with TemporaryDirectory() as place:
        corpus = Path(place) / "corpus"
        shutil.copytree(settings.corpus_dir, corpus)
        (corpus / "asked.jsonl").unlink()
        for path in (corpus / "sources").glob("*.yaml"):
            if path.stem not in sources:
                path.unlink()
                continue
            source = from_yaml(path.read_text("utf-8"))
            for passage in source["passages"]:
                passage["questions"] = []
            path.write_text(json.dumps(source, ensure_ascii=False, default=str), "utf-8")  # JSON is YAML
        assistant = Assistant.open(
            settings.model_copy(update={"corpus_dir": corpus, "data_dir": Path(place) / "data"})
        )
        yield assistant
        assistant.index.close()


def parts() -> dict[str, frozenset[str]]:
    """The parts of the shipped corpus that stand in for others, by name; which sources are together is drawn once."""
    names = sorted(p.stem for p in (get_settings().corpus_dir / "sources").glob("*.yaml"))
    drawn = [names[i] for i in np.random.default_rng(0).permutation(len(names))]
    return {
        "whole": frozenset(drawn),
        "half": frozenset(drawn[::2]),
        "other half": frozenset(drawn[1::2]),
        "eighth": frozenset(drawn[::8]),
        "other eighth": frozenset(drawn[3::8]),
    }


def rows() -> list[Row]:
    """Dev and test cases and a quarter of the training questions over each part, and whether it answers them."""
    train = read("answerability_train", "unanswerable_train")[::QUARTER]
    cases = [*read("retrieval", "accuracy", "unanswerable"), *({**c, "split": "train"} for c in train)]
    found: list[Row] = []
    for part, sources in parts().items():
        with without_questions(sources) as assistant:
            for case in cases:
                told = {r["source"] for r in case.get("relevant", ())}
                if told & sources and told - sources:
                    continue  # partly answered
                seen = assistant.retriever.find(case["question"])
                evidence = candidates(seen, assistant.index, assistant.retriever.frequency)
                x = features(seen, evidence, assistant.retriever, assistant.words)
                kind = "elsewhere" if told - sources else case["kind"]
                found.append({**case, "part": part, "kind": kind, "y": int(bool(told & sources)), "x": x})
    return found


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
    names = sorted({c["id"] for c in dev})
    drawn = dict(zip(names, np.random.default_rng(0).permutation(len(names)) % FOLDS, strict=True))
    fold = np.array([drawn[c["id"]] for c in dev])
    for k in range(FOLDS):
        out = [c for c, f in zip(dev, fold, strict=True) if f == k]
        known = [c for c, f in zip(dev, fold, strict=True) if f != k]
        unseen[fold == k] = confidence(fit(known, train), matrix(out, FEATURES)[0])
    edge = np.quantile(unseen[[bool(c["y"]) for c in dev]], ABSTAINED)
    shift = np.log(ABSTAIN_BELOW / (1 - ABSTAIN_BELOW)) - np.log(edge / (1 - edge))
    model = fit(dev, train)
    model["bias"] += shift
    report("dev", dev, 1 / (1 + np.exp(-(np.log(unseen / (1 - unseen)) + shift))), ABSTAIN_BELOW, ANSWER_FROM)
    for part in parts():
        of = [c for c in test if c["part"] == part]
        print(part)
        report("test", of, confidence(model, matrix(of, FEATURES)[0]), ABSTAIN_BELOW, ANSWER_FROM)
    if write:
        fitted = json.loads(MODEL.read_text("utf-8"))
        fitted["untold"] = {
            "features": FEATURES,
            **{k: [round(float(v), 5) for v in model[k]] for k in ("mean", "scale", "weight")},
            "bias": round(float(model["bias"]), 5),
            "fitted_on": f"{len(dev)} dev and {len(train)} training rows, over parts of the corpus",
        }
        MODEL.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
