"""Baselines: the run that the next one is held against. A person accepts it, by name and with a reason.

A baseline is a folder under `evals/baselines/`: the run's manifest and results (gzip, without its times) and
`accepted.json`, which says who accepted it, when and why. Nothing in the suite ever writes one by itself.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

from evals.run import Result, Run, RunError
from rag.settings import ROOT

BASELINES = ROOT / "evals" / "baselines"
CURRENT = "current"


def accept(run: Run, *, who: str, why: str, name: str = CURRENT, folder: Path = BASELINES) -> Path:
    """Makes a run the baseline of this name. Raises RunError for a run with unscored cases, or without who and why."""
    if not who.strip() or not why.strip():
        raise RunError("a baseline is accepted by a person for a reason: give both --who and --why")
    if run.errors:
        raise RunError(f"{len(run.errors)} cases of {run.name} were not scored; a baseline must be whole")
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    rows = "".join(json.dumps(r.to_row(), ensure_ascii=False) + "\n" for r in run.results)
    (target / "results.jsonl.gz").write_bytes(gzip.compress(rows.encode(), 9, mtime=0))
    _write(target / "manifest.json", dict(run.manifest))
    day = dt.datetime.now(dt.UTC).date().isoformat()
    _write(target / "accepted.json", {"who": who.strip(), "why": why.strip(), "on": day, "run": run.name})
    return target


def read_baseline(name: str = CURRENT, folder: Path = BASELINES) -> Run:
    """Raises RunError where there is none of this name, or it is damaged."""
    target = folder / name
    try:
        manifest = json.loads((target / "manifest.json").read_text("utf-8"))
        lines = gzip.decompress((target / "results.jsonl.gz").read_bytes()).decode().splitlines()
        results = tuple(Result.from_row(json.loads(line)) for line in lines)
    except (OSError, ValueError, KeyError, EOFError) as e:
        raise RunError(
            f"there is no whole baseline '{name}' ({e}). Make one: exitvoices eval run, then eval baseline accept"
        ) from e
    return Run(f"baseline {name}", manifest, results, {})


def _write(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
