"""How far the scorers agree with a person: share of equal verdicts and Cohen's kappa on hand-labelled outputs.

`labels/said.jsonl` holds 147 pairs of an answer that the system gave and a nugget, judged by a reader who saw neither
the nugget's word lists nor the scorer's verdict; `labels/bears.jsonl` 100 sentences with the statements that they cite,
55 of them spoilt in one of eight ways. `python -m evals.agreement` prints the table of docs/evaluation.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from evals.cases import Nugget, rows
from evals.matching import Said, said
from evals.meaning import Likeness
from evals.scorers.accuracy import SAME_MEANING
from evals.stats import kappa
from evals.support import bears
from rag.settings import ROOT, Settings, get_settings

LABELS = ROOT / "evals" / "labels"


class Agreement(NamedTuple):
    """Verdicts of a scorer beside a person's; `missed` is what only the person said yes to."""

    scorer: str
    n: int
    same: float
    kappa: float
    wrongly_yes: int
    missed: int


def agreement(scorer: str, machine: Sequence[bool], person: Sequence[bool]) -> Agreement:
    """Cohen 1960. Raises ValueError where there is nothing to compare."""
    n = len(person)
    if not n or n != len(machine):
        raise ValueError("two equally long lists of verdicts are needed")
    same = sum(m == p for m, p in zip(machine, person, strict=True)) / n
    return Agreement(
        scorer,
        n,
        same,
        kappa(machine, person),
        sum(m and not p for m, p in zip(machine, person, strict=True)),
        sum(p and not m for m, p in zip(machine, person, strict=True)),
    )


def by_words(folder: Path = LABELS) -> Agreement:
    held = _rows(folder / "said.jsonl")
    machine = [said(_nugget(r), r["sentences"]) is Said.WHOLLY for r in held]
    return agreement("nugget, by words", machine, [r["label"] == "wholly" for r in held])


def by_meaning(settings: Settings, folder: Path = LABELS) -> Agreement:
    held = _rows(folder / "said.jsonl")
    alike = Likeness(settings, list(dict.fromkeys(t for r in held for t in (r["nugget"], *r["sentences"]))))
    machine = [max(alike(r["nugget"], s) for s in r["sentences"]) >= SAME_MEANING for r in held]
    return agreement("nugget, by meaning", machine, [r["label"] == "wholly" for r in held])


def borne(folder: Path = LABELS, kinds: Sequence[str] = ()) -> Agreement:
    held = [r for r in _rows(folder / "bears.jsonl") if not kinds or r["kind"] in kinds]
    machine = [bears(r["statements"], r["sentence"]) for r in held]
    name = "support" + (f" ({', '.join(kinds)})" if kinds else "")
    return agreement(name, machine, [r["label"] == "borne" for r in held])


def _nugget(row: dict[str, Any]) -> Nugget:
    return Nugget(text=row["nugget"], vital=True, must=tuple(tuple(m) for m in row["must"]))


def _rows(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in rows(path)]


def main() -> int:
    quoted = [k for k in dict.fromkeys(r["kind"] for r in _rows(LABELS / "bears.jsonl")) if k != "paraphrase"]
    without = borne(kinds=quoted)._replace(scorer="support, free paraphrase left out")
    print("| scorer | n | same verdict | kappa | wrongly yes | missed |\n|---|---|---|---|---|---|")
    for a in (by_words(), by_meaning(get_settings()), borne(), without):
        print(f"| {a.scorer} | {a.n} | {a.same:.2f} | {a.kappa:.2f} | {a.wrongly_yes} | {a.missed} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
