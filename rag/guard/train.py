"""`python -m rag.guard.train`: makes data/intent.npz and data/letters.npz from data/examples/*.jsonl.

Prints the figures of the model card. Vectors of the examples are cached in the data directory, outside the repository.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.corpus import load_corpus
from rag.embed import VectorStore, make_embeddings, model_name
from rag.guard import measure
from rag.guard.examples import Row, asked, read_examples, rows, worn
from rag.guard.features import function_words
from rag.guard.fit import Design, design, fit
from rag.guard.intent import LABELS, Array, Intent, Thresholds, save
from rag.guard.letters import count
from rag.guard.letters import save as save_letters
from rag.guard.neutral import as_read
from rag.settings import ROOT, Settings, get_settings

DATA = Path(__file__).resolve().parent / "data"
TWINS = ROOT / "evals" / "cases" / "answerability_train.jsonl"
# Chosen on the development part of evals/cases: the rule of measure.thresholds (2 % of study taken for harm, 1.5 % for
# distress, among examples written to be mistaken) asks for more certainty than what people really type needs.
CHOSEN = Thresholds(unsafe=0.4, distress=0.3)
ALARM_RATES = (0.005, 0.01, 0.02, 0.03, 0.05)
SLICES: dict[str, Callable[[Row], str]] = {
    "language": lambda row: row.lang,
    "writer": lambda row: row.writer,
    "register": lambda row: row.register,
}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m rag.guard.train", description=__doc__)
    options.add_argument(
        "--no-slices", action="store_true", help="leave out the slow figures of slices left out"
    )
    slices = not options.parse_args().no_slices
    settings = get_settings()
    originals = rows(read_examples(DATA / "examples"))
    write_letters(originals)
    data = prepared([*originals, *asked(load_corpus(settings.corpus_dir), TWINS)], settings)
    temperature, figures = measured(data, slices)
    model = fit(data, np.arange(len(data.rows)))
    save(
        DATA / "intent.npz",
        mean=data.mean,
        dense=model.dense,
        sparse=model.sparse,
        bias=model.bias,
        temperature=temperature,
        function=data.function,
        manifest={
            "labels": LABELS,
            "embedding": model_name(settings),
            "examples": examples_hash(DATA / "examples"),
            "temperature": temperature,
            "thresholds": CHOSEN.model_dump(),
            "figures": figures,
        },
    )
    Intent.load(DATA / "intent.npz")  # what was written can be read
    sys.stdout.write("\n".join(report(figures)) + "\n")


def measured(data: Design, slices: bool) -> tuple[float, dict[str, Any]]:
    """Temperature and every figure of the model card, all from rows that a model had not seen."""
    unseen = measure.cross_validated(data)
    labels = data.labels[unseen.at]
    temperature = measure.best_temperature(unseen.scores, labels)
    p = measure.probabilities(unseen.scores, temperature)
    by = np.asarray([data.rows[i].writer for i in unseen.at])
    figures = {
        "cross-validation": measure.summary(p, labels, CHOSEN),
        "writers, in cross-validation": {
            writer: measure.summary(p[by == writer], labels[by == writer], CHOSEN)
            for writer in sorted(set(by))
        },
        "labels": measure.by_label(p, labels, CHOSEN),
        "calibration error": measure.calibration_error(p, labels),
        "thresholds by false alarms": {
            str(rate): at.model_dump() | measure.summary(p, labels, at)
            for rate in ALARM_RATES
            for at in [measure.thresholds(p, labels, Thresholds(unsafe=rate, distress=rate))]
        },
    }
    for kind, key in SLICES.items() if slices else ():
        figures[f"left out: {kind}"] = {
            name: measure.summary(
                measure.probabilities(part.scores, temperature), data.labels[part.at], CHOSEN
            )
            for name, part in measure.left_out(data, key)
        }
    return temperature, figures


def prepared(originals: Sequence[Row], settings: Settings) -> Design:
    """The features of the examples and of their copies typed in haste, groups named as the guard reads them."""
    copies = worn(row for row in originals if row.register != "asked" and row.whole)
    every = [row._replace(text=as_read(row.text)) for row in (*originals, *copies)]
    committed = settings.corpus_dir / "vectors"  # of the corpus's own questions
    store = VectorStore(model_name(settings), committed, settings.data_dir / "guard-vectors.sqlite3")
    items = [("query", row.text) for row in every]
    vectors: Array = store.vectors(items, lambda: make_embeddings(settings)).astype(np.float32)
    mean: Array = vectors[: len(originals)].mean(axis=0)
    return design(every, vectors, mean, function_words((row.lang, row.text) for row in originals))


def write_letters(originals: Sequence[Row]) -> None:
    """The letter model of all examples that are written in plain letters; the small languages weigh four times."""
    plain = [row for row in originals if row.whole and row.register != "encoded"]
    table, frequency = count(row.text for row in plain for _ in range(1 if row.lang == "en" else 4))
    save_letters(DATA / "letters.npz", table, {word: n for word, n in frequency.items() if n > 1})


def examples_hash(folder: Path) -> str:
    """SHA-256 over the example files by name: which examples a model was made of."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def report(figures: dict[str, Any]) -> list[str]:
    """The figures as Markdown, for the model card."""
    lines: list[str] = []
    for title, found in figures.items():
        lines += ["", f"### {title.capitalize()}", ""]
        nested = all(isinstance(value, dict) for value in found.values())
        table = found if nested else {"": found}
        columns = list(next(iter(table.values())))
        lines += [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
        lines += [
            f"| {name} | {' | '.join('–' if row[c] is None else str(row[c]) for c in columns)} |"
            for name, row in table.items()
        ]
    return lines


if __name__ == "__main__":
    main()
