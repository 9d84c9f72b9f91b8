"""Fits whether a corpus other than the shipped one answers a question: an operator's own, with questions or without.

    python -m benchmarks.originals FOLDER --keep HOME
    python -m benchmarks.fit_elsewhere --quoted HOME [--write]

The shipped corpus stands in for others: whole, in two halves by source, and in two parts of an eighth. What only a
source outside the part tells, the part does not answer. `evident` is fitted over parts with their curated and
strangers' questions; `untold` over the same parts with every question taken out, so that only statements and passages
speak, and over the quotations of the private corpus in HOME, whole and in halves: a question is less like people's own
words than like a curator's.

The dev questions count three times as much in all as a quarter of the training questions. Each bias is set so that
a share of the answerable dev questions is abstained on, out of fold by question. The test questions are only
reported. --write replaces both in rag/data/sufficiency.json; do it after the weights of retrieval or of quoting
changed.
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

UNTOLD = (
    "statement_all statement_named score margin mass entropy elsewhere not_held term_missing country_missing "
    "number_missing unknown_names asks_number number_not_given later named named_not_first length yes_no verbatim"
).split()
# How far the evidence covers the question's words helps only beside how far questions do.
EVIDENT = (
    "question_all question_named alike echoed same_type type_agrees with_questions_mean with_questions_least "
    "with_questions_open statement_mean statement_least statement_open passage_mean passage_least passage_open "
    "quoted_mean quoted_least quoted_open behind_mean behind_least behind_open"
).split()
FEATURES = {"evident": [*(f for f in UNTOLD if f != "verbatim"), *EVIDENT], "untold": UNTOLD}
# The share of answerable dev questions to abstain on; without questions what is told and what is not overlap more.
ABSTAINED = {"evident": 0.08, "untold": 0.10}
QUARTER, TIMES = 4, 3
FOLDS = 5


@contextmanager
def part_of_corpus(whole: Path, sources: frozenset[str], *, questions: bool) -> Iterator[Assistant]:
    """An assistant over these sources of the corpus, with their questions or as if nobody had written any."""
    settings = get_settings()
    with TemporaryDirectory() as place:
        corpus = Path(place) / "corpus"
        shutil.copytree(whole, corpus)
        asked = (corpus / "asked.jsonl").read_text("utf-8").splitlines() if questions else []
        kept = [line for line in asked if json.loads(line)["passage"].split("/")[0] in sources]
        (corpus / "asked.jsonl").write_text("".join(f"{line}\n" for line in kept), "utf-8")
        for path in (corpus / "sources").glob("*.yaml"):
            if path.stem not in sources:
                path.unlink()
            elif not questions:
                source = from_yaml(path.read_text("utf-8"))
                for passage in source["passages"]:
                    passage["questions"] = []
                path.write_text(json.dumps(source, ensure_ascii=False, default=str), "utf-8")  # JSON is YAML
        assistant = Assistant.open(
            settings.model_copy(update={"corpus_dir": corpus, "data_dir": Path(place) / "data"})
        )
        yield assistant
        assistant.index.close()


def parts(corpus: Path) -> dict[str, frozenset[str]]:
    """The parts of a corpus that stand in for others, by name; which sources are together is drawn once."""
    names = sorted(p.stem for p in (corpus / "sources").glob("*.yaml"))
    drawn = [names[i] for i in np.random.default_rng(0).permutation(len(names))]
    return {
        "whole": frozenset(drawn),
        "half": frozenset(drawn[::2]),
        "other half": frozenset(drawn[1::2]),
    } | ({"eighth": frozenset(drawn[::8]), "other eighth": frozenset(drawn[3::8])} if len(drawn) > 40 else {})


def rows(corpus: Path, *, questions: bool) -> list[Row]:
    """Dev and test cases and a quarter of the training questions over each part, and whether it answers them."""
    asked = (get_settings().corpus_dir / "asked.jsonl").read_text("utf-8").splitlines()
    known = {
        json.loads(line)["question"] for line in asked
    }  # found again word for word, they would prove nothing
    train = [c for c in read("answerability_train", "unanswerable_train") if c["question"] not in known]
    cases = [
        *read("retrieval", "accuracy", "unanswerable"),
        *({**c, "split": "train"} for c in train[::QUARTER]),
    ]
    found: list[Row] = []
    for part, sources in parts(corpus).items():
        with part_of_corpus(corpus, sources, questions=questions) as assistant:
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


def fit(dev: Sequence[Row], train: Sequence[Row], names: Sequence[str]) -> Row:
    """Both parts by their weight: the training questions are many, and count as a third of the dev part in all."""
    times = max(1, round(TIMES * len(train) / max(1, len(dev))))
    return logistic(*matrix([*dev] * times + [*train], names), penalty=0.01)


def out_of_fold(dev: Sequence[Row], train: Sequence[Row], names: Sequence[str]) -> np.ndarray:
    """The confidence of each dev row by a fit that saw its question over no part."""
    ids = sorted({c["id"] for c in dev})
    drawn = dict(zip(ids, np.random.default_rng(0).permutation(len(ids)) % FOLDS, strict=True))
    fold = np.array([drawn[c["id"]] for c in dev])
    unseen = np.zeros(len(dev))
    for k in range(FOLDS):
        known = [c for c, f in zip(dev, fold, strict=True) if f != k]
        out = [c for c, f in zip(dev, fold, strict=True) if f == k]
        unseen[fold == k] = confidence(fit(known, train, names), matrix(out, names)[0])
    return unseen


def fitted(name: str, cases: Sequence[Row]) -> Row:
    """The model of that name for rag/data/sufficiency.json, reported on."""
    names = FEATURES[name]
    dev, test, train = ([c for c in cases if c["split"] == s] for s in ("dev", "test", "train"))
    unseen = out_of_fold(dev, train, names)
    edge = np.quantile(unseen[[bool(c["y"]) for c in dev]], ABSTAINED[name])
    shift = np.log(ABSTAIN_BELOW / (1 - ABSTAIN_BELOW)) - np.log(edge / (1 - edge))
    model = fit(dev, train, names)
    model["bias"] += shift
    moved = 1 / (1 + np.exp(-(np.log(unseen / (1 - unseen)) + shift)))
    report(f"{name}, dev", dev, moved, ABSTAIN_BELOW, ANSWER_FROM)
    for part in sorted({c["part"] for c in test}):
        of = [c for c in test if c["part"] == part]
        report(
            f"{name}, test, {part}", of, confidence(model, matrix(of, names)[0]), ABSTAIN_BELOW, ANSWER_FROM
        )
    return {
        "features": names,
        **{k: [round(float(v), 5) for v in model[k]] for k in ("mean", "scale", "weight")},
        "bias": round(float(model["bias"]), 5),
        "fitted_on": f"{len(dev)} dev and {len(train)} training rows, over parts of the corpus",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quoted", type=Path, required=True, help="what benchmarks.originals kept")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    shipped = get_settings().corpus_dir
    quoted = rows(given.quoted / "corpus", questions=False)
    untold = [*rows(shipped, questions=False), *({**c, "part": f"quoted, {c['part']}"} for c in quoted)]
    found = {"evident": fitted("evident", rows(shipped, questions=True)), "untold": fitted("untold", untold)}
    if given.write:
        stored = json.loads(MODEL.read_text("utf-8"))
        MODEL.write_text(json.dumps({**stored, **found}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
