"""The report as one HTML file for anybody: no network, the summary first, charts and tables without a script."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from pathlib import Path

from evals.compare import Comparison
from evals.gate import Gates, Verdict
from evals.report import figures
from evals.report.html import embedded, lists, sections
from evals.report.html.markup import Markup, data, el
from evals.run import Run

_NAMES = {
    "tasks": "Tasks",
    "measures": "Measures",
    "changes": "What changed",
    "safety": "Safety",
    "outcomes": "Outcomes",
    "tags": "By tag",
    "worst": "Worst cases",
    "flips": "Cases that changed",
    "unscored": "Not scored",
    "cases": "All cases",
    "manifest": "What was run",
    "limits": "What it does not show",
}


def render(
    run: Run,
    comparison: Comparison | None,
    verdict: Verdict | None,
    gates: Gates | None,
    *,
    smoke: bool = False,
    notices: lists.Notices | None = None,
) -> str:
    """The page. `notices` are those that stood beside the answers, by task and case, see `stored_notices`."""
    rows = figures.rows(run, comparison, gates, smoke=smoke)
    parts = {
        "tasks": sections.overview(run, rows),
        "measures": sections.measures(rows),
        "changes": sections.changes(comparison),
        "safety": sections.safety(run),
        "outcomes": sections.outcomes(run, comparison),
        "tags": sections.tags(run),
        "worst": lists.worst(run, comparison, notices or {}),
        "flips": lists.flips(comparison),
        "unscored": lists.unscored(run),
        "cases": lists.every_case(run, comparison),
        "manifest": sections.manifest(run, comparison),
        "limits": sections.limits(run, comparison),
    }
    links = [
        el("li", el("a", _NAMES[name], href=f"#{name}")) for name, part in parts.items() if part is not None
    ]
    against = f" against {comparison.base.name}" if comparison is not None else ""
    body = el(
        "body",
        el("a", "Skip to the summary", href="#main", class_="skip"),
        el("header", el("h1", "Evaluation of Exit Voices"), el("p", f"{run.name}{against}. {_made_on(run)}")),
        el(
            "main",
            sections.summary(run, comparison, verdict, rows, sections.look_at(run, comparison, verdict)),
            el("nav", el("ul", *links), aria_label="Parts of this report"),
            *parts.values(),
            id_="main",
        ),
        el("script", data(embedded.held(run, comparison)), type="application/json", id_="data"),
        el("script", Markup(_asset("page.js"))),
    )
    return "<!doctype html>\n" + el("html", _head(run), body, lang="en") + "\n"


def stored_notices(folder: Path) -> dict[tuple[str, str], list[str]]:
    """The notices beside the last answer of each case of a run folder; empty where the folder keeps no outputs."""
    path = folder / "outputs.jsonl"
    if not path.is_file():
        return {}
    found = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            found[row["task"], row["case"]] = [
                n["text"] for n in row["asked"][-1]["answer"].get("notices", ())
            ]
    return found


def _made_on(run: Run) -> str:
    held = [
        f"Revision {run.manifest.get('revision') or 'unknown'}",
        f"corpus {run.manifest.get('corpus_version', 'unknown')}",
    ]
    if "started" in run.times:
        held.append(f"started {str(run.times['started'])[:16].replace('T', ' ')} UTC")
    return ", ".join(held) + "."


def _head(run: Run) -> Markup:
    digest = base64.b64encode(hashlib.sha256(_asset("page.js").encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name_="color-scheme", content="light dark"),
        el("link", rel="icon", href="data:,"),
        el("title", f"Evaluation: {run.name}"),
        el("style", Markup(_asset("page.css"))),
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
