"""The report as a comment on a pull request."""

from __future__ import annotations

import re

from evals.compare import Change, Comparison
from evals.gate import NAMED_REGRESSIONS, Gates, Verdict
from evals.report import figures, words
from evals.report.cases import Changed, changed
from evals.run import Result, Run

MOST_FLIPS = 10
_LONGEST = 220
_MARKUP = re.compile(r"([\\`*{}\[\]|~$&<>\"]|(?<!\w)_|_(?!\w)|:(?=//|\w)|(?<=www)\.)", re.IGNORECASE)
_MENTION = re.compile(r"([@#])(?=\w)")
_SIGNS = {"better": "▲ better", "worse": "**▼ worse**", "noise": "noise", "same": "same"}


def render(
    run: Run,
    comparison: Comparison | None,
    verdict: Verdict | None,
    gates: Gates | None,
    *,
    smoke: bool = False,
) -> str:
    """The summary line, the gating measures with their differences, new critical failures, and up to ten flips."""
    rows = figures.rows(run, comparison, gates, smoke=smoke)
    parts = [f"### {words.headline(verdict)}"]
    for kind, failures in words.by_kind(verdict):
        named = [_safe(words.told(f, rows, run), 600) for f in failures[:NAMED_REGRESSIONS]]
        parts.append("\n".join([f"**{kind}**", "", *(f"{n}. {text}" for n, text in enumerate(named, 1))]))
    table = _gating(rows) if gates is not None else []
    if table:
        parts.append("\n".join(table))
    if comparison is not None:
        parts += [_critical(comparison.new_critical), _flips(changed(comparison))]
    parts.append(_foot(run, comparison))
    return "\n\n".join(p for p in parts if p) + "\n"


def _gating(rows: list[figures.Row]) -> list[str]:
    gating = [r for r in rows if r.bound is not None]
    if not gating:
        return []
    head = "| Measure | Before | Now | Difference | 95 % interval | p (Holm) | Change | Bound |"
    lines = [head, "|---|--:|--:|--:|--:|--:|---|---|"]
    rank = {"worse": 0, "better": 2}
    gating.sort(key=lambda r: (r.state != "outside", rank.get(r.change.verdict, 1) if r.change else 1))
    return [*lines, *(_line(r) for r in gating)]


def _line(row: figures.Row) -> str:
    m, change = row.measure, row.change
    side = "≤" if row.better == "lower" else "≥"
    bound = f"{side} {figures.shown(m, row.bound)}" + (" **outside**" if row.state == "outside" else "")
    value = figures.shown(m, row.value) + (f" ({figures.told_zero(row)})" if row.zero is not None else "")
    return f"| `{m}` | {_before(m, change)} | {value} | {_moved(m, change)} | {bound} |"


def _before(measure: str, change: Change | None) -> str:
    return figures.shown(measure, change.base if change is not None else None)


def _moved(measure: str, change: Change | None) -> str:
    if change is None:
        return "– | – | – | –"
    step = figures.shown_step(measure, change.difference)
    interval = figures.shown_step_interval(measure, change.interval)
    return f"{step} | {interval} | {figures.shown_p(change.adjusted)} | {_SIGNS[change.verdict]}"


def _critical(new: tuple[Result, ...]) -> str:
    if not new:
        return "**New critical failures:** none."
    lines = [
        f"- `{r.task}/{r.case}` {_safe('; '.join(r.critical))}: {_safe(r.question)}" for r in new[:MOST_FLIPS]
    ]
    if len(new) > MOST_FLIPS:
        lines.append(f"- and {len(new) - MOST_FLIPS} more")
    return "\n".join([f"**New critical failures: {len(new)}**", "", *lines])


def _flips(cases: list[Changed]) -> str:
    if not cases:
        return "**Cases that changed:** none."
    worse = sum(bool(c.worse) for c in cases)
    better = sum(bool(c.better) for c in cases)
    lines = [_flip(c) for c in cases[:MOST_FLIPS]]
    told = f"<details><summary>Cases that changed: {worse} worse, {better} better"
    first = f", the first {MOST_FLIPS}" if len(cases) > MOST_FLIPS else ""
    return "\n".join([f"{told}{first}</summary>", "", *lines, "", "</details>"])


def _flip(case: Changed) -> str:
    measures = [f"`{m}` worse" for m in case.worse] + [f"`{m}` better" for m in case.better]
    was, now = (f"{r.outcome}: {_safe(r.text)}" for r in (case.base, case.new))
    return f"- **{case.case}** {_safe(case.question)}<br>{', '.join(measures)}<br>Before, {was}<br>Now, {now}"


def _foot(run: Run, comparison: Comparison | None) -> str:
    held = [figures.number(len(run.results), "result"), f"{len(run.errors)} not scored"]
    if comparison is not None and comparison.left_out:
        held.append(f"{len(comparison.left_out)} not comparable")
    revision = _safe(str(run.manifest.get("revision", "")))
    against = f" against {_safe(comparison.base.name)}" if comparison is not None else ""
    return f"<sub>{_safe(run.name)}{against}, revision {revision or 'unknown'}: {', '.join(held)}.</sub>"


def _safe(text: str, longest: int = _LONGEST) -> str:
    """Case text as text: no markup, no mention of anybody, no link, on one line."""
    line = " ".join(text.split())
    cut = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return _MARKUP.sub(lambda m: f"&#{ord(m[1])};", _MENTION.sub("\\1\u200b", cut))
