"""Groundedness: does a judge catch sentences that their evidence does not support?

    python -m benchmarks.external.groundedness --datasets DIR --out FILE [--judge MODULE:FUNCTION]

Sets: WiCE (Kamoi, Goyal, Rodriguez and Durrett 2023, arXiv 2303.01432; claims of Wikipedia against the page they
cite) and BEGIN on Wizard of Wikipedia (Dziri, Rashkin, Linzen and Reitter 2022, TACL 10; answers of dialogue models
against one passage). The positive class is "not supported"; WiCE's partially supported counts as that, since a
sentence of ours must be borne whole. A judge is any function of (statements, sentence) that says whether they bear
it; the default is the rule that the evaluation suite uses, which is strict with paraphrase on purpose.
"""

from __future__ import annotations

import csv
import importlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.external.collection import sentences
from benchmarks.external.common import (
    Row,
    arguments,
    each_present,
    json_lines,
    mean,
    needed,
    rate,
    sampled,
    shown,
    table,
    write,
)
from evals.stats import Share

Judge = Callable[[Sequence[str], str], bool]
DEFAULT_JUDGE = "evals.support:bears"

# F1 of the class "supported" against the rest on 100 claims with gold evidence, from the authors' result files.
PUBLISHED_WICE = {"GPT-4": 0.61, "GPT-3.5": 0.39, "T5-3B fine-tuned": 0.78}


@dataclass(frozen=True)
class Labelled:
    """A sentence with alternative sets of evidence; it is borne when one of them bears it."""

    id: str
    group: str
    sentence: str
    evidence: tuple[tuple[str, ...], ...]
    supported: bool
    label: str


def wice(path: Path, *, gold: bool) -> list[Labelled]:
    """Claims with the whole cited page, or (`gold`) with the sentences that annotators marked.

    With gold sentences, claims that nothing supports are left out: they have none, and any judge would be right.
    """
    found = []
    for row in json_lines(path):
        marked = [tuple(row["evidence"][i] for i in chosen) for chosen in row["supporting_sentences"]]
        if gold and (row["label"] == "not_supported" or not any(marked)):
            continue
        found.append(
            Labelled(
                id=row["meta"]["id"],
                group=row["meta"]["claim_title"],
                sentence=row["claim"],
                evidence=tuple(m for m in marked if m) if gold else (tuple(row["evidence"]),),
                supported=row["label"] == "supported",
                label=row["label"],
            )
        )
    return found


def begin(path: Path) -> list[Labelled]:
    """Answers with their passage; the handful of generic answers ("I see") claims nothing and is left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Labelled(
            id=f"{path.stem}-{n}",
            group=row["knowledge"],
            sentence=row["response"],
            evidence=(sentences(row["knowledge"]) or (row["knowledge"],),),
            supported=row["begin_label"] == "Fully attributable",
            label=row["begin_label"],
        )
        for n, row in enumerate(rows)
        if row["begin_label"] != "Generic"
    ]


def judged(rows: Sequence[Labelled], judge: Judge) -> Row:
    """How well the judge catches what is not supported, and what it says of each label."""
    borne = {row.id: any(judge(list(e), row.sentence) for e in row.evidence) for row in rows}
    caught = sum(not borne[r.id] and not r.supported for r in rows)
    flagged = sum(not b for b in borne.values())
    wanted = sum(not r.supported for r in rows)
    by_label = Counter(r.label for r in rows)
    passed = Counter(r.label for r in rows if borne[r.id])
    return {
        "n": len(rows),
        "unsupported": wanted,
        "precision": rate(caught, flagged) if flagged else None,
        "recall": rate(caught, wanted),
        "f1": _f1(rows, {i: not b for i, b in borne.items()}, positive=False),
        "f1_flag_everything": 2 * wanted / (len(rows) + wanted),
        "f1_of_supported": _f1(rows, borne, positive=True),
        "passed": {label: rate(passed[label], n) for label, n in sorted(by_label.items())},
    }


def _f1(rows: Sequence[Labelled], said: dict[str, bool], *, positive: bool) -> Row | None:
    """F1 of saying so for rows whose `supported` is `positive`, resampled by article or passage."""
    shares = {}
    for row in rows:
        true = row.supported == positive
        both = true and said[row.id]
        shares[row.id] = Share(2.0 * both, float(true) + float(said[row.id]))
    return mean(shares, {r.id: r.group for r in rows}) if any(s.of for s in shares.values()) else None


def load(name: str) -> Judge:
    """The function that `module:function` names."""
    module, _, function = name.partition(":")
    judge: Judge = getattr(importlib.import_module(module), function)
    return judge


def read(folder: Path, name: str, *, gold: bool = False) -> list[Labelled]:
    found, part = name.split("-")
    if found == "wice":
        return wice(needed(folder / "wice", f"claim_{part}.jsonl")[0], gold=gold)
    return begin(needed(folder / "begin", f"begin_{part}_wow.tsv")[0])


def main(argv: Sequence[str] | None = None) -> None:
    parser = arguments(__doc__, "groundedness")
    parser.add_argument("--judge", default=DEFAULT_JUDGE, help="module:function of (statements, sentence)")
    options = parser.parse_args(argv)
    folder: Path = options.datasets
    readers = {
        "WiCE dev, whole page": lambda: read(folder, "wice-dev"),
        "WiCE test, whole page": lambda: read(folder, "wice-test"),
        "WiCE dev, gold sentences": lambda: read(folder, "wice-dev", gold=True),
        "WiCE test, gold sentences": lambda: read(folder, "wice-test", gold=True),
        "BEGIN dev": lambda: read(folder, "begin-dev"),
        "BEGIN test": lambda: read(folder, "begin-test"),
    }
    judge = load(options.judge)
    figures = {
        name: judged(sampled(rows, lambda r: r.id, options.sample), judge)
        for name, rows in each_present(readers).items()
    }
    print(
        table(
            (
                "set",
                "n",
                "precision",
                "recall",
                "F1",
                "F1, flag everything",
                "F1 of “supported”",
                "passed, by label",
            ),
            (
                (
                    name,
                    f"{f['n']} ({f['unsupported']} unsupported)",
                    shown(f["precision"]),
                    shown(f["recall"]),
                    shown(f["f1"]),
                    f"{f['f1_flag_everything']:.3f}",
                    shown(f["f1_of_supported"]),
                    "; ".join(f"{label} {shown(x)}" for label, x in f["passed"].items()),
                )
                for name, f in figures.items()
            ),
        )
    )
    published = ", ".join(f"{name} {value:.2f}" for name, value in PUBLISHED_WICE.items())
    print(f"\nPublished, WiCE, F1 of “supported”, gold evidence, n = 100: {published}")
    write(options.out, "groundedness", vars(options), figures)


if __name__ == "__main__":
    main()
