"""The report for a terminal: the verdict, the measures by task, the comparison."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from evals.compare import Change, Comparison
from evals.gate import NAMED_REGRESSIONS, Gates, Verdict
from evals.report import figures, words
from evals.run import Run

_STATE = {
    "outside": ("outside", "bold red"),
    "inside": ("inside", "yellow"),
    "wanted": ("as wanted", "green"),
    "ungated": ("", ""),
}
_VERDICT = {
    "better": ("▲ better", "green"),
    "worse": ("▼ worse", "bold red"),
    "noise": ("≈ noise", "dim"),
    "same": ("= same", "dim"),
}


def renderable(
    run: Run,
    comparison: Comparison | None,
    verdict: Verdict | None,
    gates: Gates | None,
    *,
    smoke: bool = False,
) -> Group:
    """What a rich console can print."""
    rows = figures.rows(run, comparison, gates, smoke=smoke)
    parts: list[RenderableType] = [_measures(rows)]
    if comparison is not None:
        parts.append(_changes(comparison))
    if run.errors:
        parts.append(_unscored(run))
    parts.append(_verdict(run, verdict, rows))
    return Group(*parts)


def render(
    run: Run,
    comparison: Comparison | None,
    verdict: Verdict | None,
    gates: Gates | None,
    *,
    smoke: bool = False,
    width: int = 150,
) -> str:
    """The same as plain text without colour."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(renderable(run, comparison, verdict, gates, smoke=smoke))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(title: str, *columns: tuple[str, bool]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
    return table


def _measures(rows: list[figures.Row]) -> Table:
    table = _table(
        "Measures (95 % intervals; beside a zero, what it leaves possible)",
        ("measure", False), ("value", True), ("interval", True), ("n", True), ("bound", True), ("wanted", True),
        ("", False), ("", False),
    )  # fmt: skip
    task = ""
    for row in rows:
        if row.task != task:
            if task:
                table.add_section()
            task = row.task
        side = "" if row.bound is None else "≤ " if row.better == "lower" else "≥ "
        table.add_row(
            Text(row.measure),
            figures.shown(row.measure, row.value),
            figures.shown_interval(row.measure, row.interval),
            str(row.n),
            side + figures.shown(row.measure, row.bound),
            figures.shown(row.measure, row.wanted),
            Text(*_STATE[row.state]),
            Text(figures.told_zero(row), style="dim"),
        )
    return table


def _changes(comparison: Comparison) -> Table:
    table = _table(
        f"Against {comparison.base.name}",
        ("measure", False), ("before", True), ("now", True), ("difference", True), ("95 % interval", True),
        ("n", True), ("p", True), ("Holm", True), ("smallest visible", True), ("", False),
    )  # fmt: skip
    for change in ordered(comparison):
        m = change.measure
        table.add_row(
            Text(m),
            figures.shown(m, change.base),
            figures.shown(m, change.new),
            figures.shown_step(m, change.difference),
            figures.shown_step_interval(m, change.interval),
            str(change.n),
            figures.shown_p(change.p),
            figures.shown_p(change.adjusted),
            figures.shown_size(m, change.visible),
            Text(*_VERDICT[change.verdict]),
        )
    return table


def ordered(comparison: Comparison) -> list[Change]:
    """The changes, those that are real first, then those that gate."""
    rank = {"worse": 0, "better": 1, "noise": 2, "same": 3}
    return sorted(comparison.changes, key=lambda c: (rank[c.verdict], c.adjusted is None, c.measure))


def _unscored(run: Run) -> Table:
    table = _table(
        f"Not scored: {len(run.errors)} (neither right nor wrong)", ("case", False), ("why", False)
    )
    for result in run.errors[:10]:
        table.add_row(Text(f"{result.task}/{result.case}"), Text(result.error[:200]))
    if len(run.errors) > 10:
        table.add_row(Text("…"), Text(f"and {len(run.errors) - 10} more"))
    return table


def _verdict(run: Run, verdict: Verdict | None, rows: list[figures.Row]) -> Text:
    style = "bold" if verdict is None else "bold green" if verdict.passed else "bold red"
    text = Text(words.headline(verdict), style=style)
    for kind, failures in words.by_kind(verdict):
        text.append(f"\n{kind}", style="bold")
        for n, failure in enumerate(failures[:NAMED_REGRESSIONS], 1):
            text.append(f"\n  {n}. {words.told(failure, rows, run)}", style="not bold default")
        if len(failures) > NAMED_REGRESSIONS:
            text.append(f"\n  and {len(failures) - NAMED_REGRESSIONS} more", style="not bold dim")
    return text
