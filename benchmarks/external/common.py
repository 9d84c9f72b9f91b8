"""What the anchors share: arguments, samples and halves by hash, figures with intervals, tables."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from evals.stats import Interval, Share, bootstrap, ratio, wilson, zero_bound

T = TypeVar("T")
Row = dict[str, Any]
HALVES = ("all", "dev", "report")


class Missing(Exception):
    """A set that is not in the folder; the message says which file was looked for."""


def arguments(doc: str | None, name: str) -> argparse.ArgumentParser:
    """The parser with the arguments that every anchor has; `name` is that of its cache and its figures."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True, help="folder with one folder a public set")
    parser.add_argument("--out", type=Path, required=True, help="JSON file for the figures")
    parser.add_argument("--sample", type=int, help="at most so many rows a set, fixed by a hash of their ids")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(tempfile.gettempdir()) / "exitvoices-external" / name,
        help="where vectors and throw-away indexes are kept between runs, outside the project",
    )
    return parser


def say(text: str) -> None:
    """A word on what is going on, beside the table and not in it."""
    print(text, file=sys.stderr, flush=True)


def progress(name: str) -> Callable[[int, int], None]:
    def said(done: int, total: int) -> None:
        if done == total or done % 640 == 0:
            say(f"{name}: {done} of {total} texts embedded")

    return said


def needed(folder: Path, *names: str) -> list[Path]:
    """The files of a set. Raises Missing for the first that is not there."""
    paths = [folder / name for name in names]
    for path in paths:
        if not path.is_file():
            raise Missing(f"{folder.name}: skipped, there is no {path}")
    return paths


def each_present(readers: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """What each reader read; a set that is missing is said to be skipped."""
    found: dict[str, T] = {}
    for name, reader in readers.items():
        try:
            found[name] = reader()
        except Missing as e:
            say(str(e))
    return found


def json_lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def place(row_id: str, salt: str = "sample") -> float:
    """Where a hash puts an id between 0 and 1: the same on every machine, in any order of the file."""
    digest = hashlib.sha256(f"{salt}\0{row_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def half(row_id: str) -> str:
    return "dev" if place(row_id, "half") < 0.5 else "report"


def sampled(rows: Iterable[T], key: Callable[[T], str], n: int | None) -> list[T]:
    """The n rows whose ids hash lowest, in that order; all of them without n."""
    return sorted(rows, key=lambda row: (place(key(row)), key(row)))[:n]


def rate(successes: int, n: int) -> Row:
    """A share with its Wilson interval; beside a zero the exact one-sided upper bound."""
    low, high = wilson(successes, n)
    made: Row = {"value": successes / n, "n": n, "low": low, "high": high}
    return made | ({"upper_bound": zero_bound(n)} if successes == 0 else {})


def mean(shares: Mapping[str, Share], groups: Mapping[str, str]) -> Row:
    """A ratio of sums over cases with its interval, cases resampled by group."""
    low, high = bootstrap(shares, groups)
    return {"value": ratio(list(shares.values())), "n": len(shares), "low": low, "high": high}


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """How often a case of the first kind scores above one of the second; ties count half."""
    a, b = np.asarray(right)[:, None], np.asarray(wrong)[None, :]
    return float((a > b).mean() + 0.5 * (a == b).mean())


def auc_with_interval(
    scores: Sequence[float], labels: Sequence[bool], groups: Sequence[Hashable], draws: int = 1000
) -> Row:
    """Area under the ROC curve with a 95 % percentile interval, whole groups resampled with replacement."""

    def of(rows: Sequence[int]) -> float:
        return auc([scores[i] for i in rows if labels[i]], [scores[i] for i in rows if not labels[i]])

    members: dict[Hashable, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    names = list(members)
    generator = np.random.Generator(np.random.PCG64(0))
    values = []
    for _ in range(draws):
        rows = [i for at in generator.integers(len(names), size=len(names)) for i in members[names[at]]]
        if len({labels[i] for i in rows}) == 2:
            values.append(of(rows))
    interval = Interval(*map(float, np.percentile(values, [2.5, 97.5])))
    return {
        "value": of(range(len(scores))),
        "n": len(scores),
        "low": interval.low,
        "high": interval.high,
    }


def shown(figure: Row | None, digits: int = 3) -> str:
    """A figure for a table: value, interval, and the bound beside a zero."""
    if figure is None:
        return "–"
    if "upper_bound" in figure:
        return f"0 (≤ {figure['upper_bound']:.{digits}f})"
    if "low" not in figure:
        return f"{figure['value']:.{digits}f}"
    return f"{figure['value']:.{digits}f} ({figure['low']:.{digits}f}–{figure['high']:.{digits}f})"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def write(out: Path, anchor: str, options: Row, figures: object) -> None:
    """The figures as JSON. Paths are left out: they say something of a machine and nothing of the result."""
    kept = {k: v for k, v in options.items() if not isinstance(v, Path)}
    out.parent.mkdir(parents=True, exist_ok=True)
    data = {"anchor": anchor, "options": kept, "figures": figures}
    out.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
