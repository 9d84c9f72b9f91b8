"""The tables of the page. Each has a caption and scoped headings; wide ones scroll by themselves, also by keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.compare import Change, Comparison
from evals.report import cases, figures
from evals.report.html import charts
from evals.report.html.markup import Child, Markup, el
from evals.report.terminal import ordered
from evals.run import Run

_STATES = {"outside": "✗ outside", "inside": "✓ inside", "wanted": "✓ as wanted", "ungated": ""}
_LAST = ("Smallest visible", "Cases", "Verdict")
_VERDICTS = {"better": "▲ better", "worse": "▼ worse", "noise": "≈ noise", "same": "= same"}
_OUTCOMES = {
    "answered": "answered",
    "partial": "answered in part",
    "abstained": "said it is not held",
    "declined": "declined",
    "supported": "offered help",
}


def table(caption: Child, heads: Sequence[str], body: Sequence[Sequence[Child]], class_: str = "") -> Markup:
    """A table whose first column heads its rows. `class_` "stack" turns rows into blocks on a narrow page."""
    lines = [
        el(
            "tr",
            el("th", line[0], scope="row"),
            *(
                el("td", c, data_label=h, class_="none" if c == "–" else None)
                for h, c in zip(heads[1:], line[1:], strict=True)
            ),
        )
        for line in body
    ]
    made = el(
        "table",
        el("caption", caption),
        el("thead", el("tr", *(el("th", h, scope="col") for h in heads))),
        el("tbody", *lines),
        class_=class_ or None,
    )
    label = caption if isinstance(caption, str) and not isinstance(caption, Markup) else "Table"
    return el("div", made, class_="scroll", tabindex=0, role="region", aria_label=label)


def measures(task: str, rows: Sequence[figures.Row]) -> Markup:
    """The measures of a task."""
    heads = ("Measure", "Value", "95 % interval", "Chart", "Cases", "Bound", "Wanted", "State")
    body = [
        (
            [figures.meaning(r.measure), el("code", r.measure), _arrow(r)],
            el("strong", figures.shown(r.measure, r.value)),
            [figures.shown_interval(r.measure, r.interval), _zero(r)],
            charts.whisker(r),
            r.n,
            _bound(r),
            figures.shown(r.measure, r.wanted),
            el("span", _STATES[r.state], class_=f"state {r.state}"),
        )
        for r in rows
    ]
    return table(f"{figures.title(task)} ({task})", heads, body, "stack")


def _arrow(row: figures.Row) -> Markup:
    return el(
        "small",
        {"higher": "more is better", "lower": "less is better", "neither": "for information"}[row.better],
    )


def _zero(row: figures.Row) -> Markup | None:
    return el("small", figures.told_zero(row)) if row.zero is not None else None


def _bound(row: figures.Row) -> str:
    if row.bound is None:
        return "–"
    return ("at most " if row.better == "lower" else "at least ") + figures.shown(row.measure, row.bound)


def changes(found: Sequence[Change], caption: str) -> Markup:
    """Differences to the earlier run."""
    heads = ("Measure", "Before", "Now", "Difference", "95 % interval", "p", "p after Holm", *_LAST)
    body = [
        (
            [figures.meaning(c.measure), el("code", c.measure)],
            figures.shown(c.measure, c.base),
            figures.shown(c.measure, c.new),
            el("strong", figures.shown_step(c.measure, c.difference)),
            figures.shown_step_interval(c.measure, c.interval),
            figures.shown_p(c.p),
            figures.shown_p(c.adjusted),
            figures.shown_size(c.measure, c.visible),
            c.n,
            el("span", _VERDICTS[c.verdict], class_=f"state {c.verdict}"),
        )
        for c in found
    ]
    return table(caption, heads, body, "stack")


def split_changes(comparison: Comparison) -> tuple[list[Change], list[Change]]:
    """(those that gate or are real, the rest)."""
    held = ordered(comparison)
    first = [c for c in held if c.adjusted is not None or c.verdict in ("worse", "better")]
    return first, [c for c in held if c not in first]


def safety(found: Mapping[str, Mapping[str, cases.Count]]) -> Markup:
    """Refusal, over-refusal, injection and distress side by side, by category."""
    body = [
        (
            "All together" if name == "all" else name,
            *(_count(sides.get(side)) for side in cases.SIDES),
        )
        for name, sides in found.items()
    ]
    caption = (
        "What went wrong, by category: number, cases, and the rate that these cases leave possible (95 %)"
    )
    return table(caption, ("Category", *cases.SIDES.values()), body, "stack")


def _count(count: cases.Count | None) -> Child:
    if count is None:
        return "–"
    if count.zero is not None:
        return [
            el("strong", f"0 of {count.n}"),
            el("small", f"up to {figures.percent(count.zero.upper)} possible"),
        ]
    low, high = (figures.percent(x) for x in count.interval)
    return [
        el("strong", f"{count.wrong} of {count.n}", class_="wrong"),
        el("small", f"{figures.percent(count.wrong / count.n)} ({low.removesuffix(' %')} to {high})"),
    ]


def confusion(run: Run) -> Markup | None:
    """What was expected against what came; None where no task has a right outcome."""
    held = cases.confusion(run)
    if not held:
        return None
    body: list[tuple[Child, ...]] = []
    for kind, counts in held.items():
        total = sum(counts.values())
        cells = []
        for outcome in cases.OUTCOMES:
            n, right = counts[outcome], outcome in cases.RIGHT[kind]
            told = f"{n} ({figures.percent(n / total)})" if n else "0"
            sign = "" if not n else "✓ " if right else "✗ "
            shade = "none" if not n else "right" if right else "wrong"
            cells.append(el("span", sign + told, class_=f"cell {shade}"))
        body.append((kind, *cells, total))
    caption = "What was asked (rows) and what came (columns); ✓ marks outcomes that are right for the row"
    return table(caption, ("Question", *_OUTCOMES.values(), "Cases"), body, "stack")


def tags(run: Run, measure: str) -> Markup | None:
    """A measure by tag, the worst first; None where no tag has enough cases."""
    rows, left_out = cases.by_tag(run, measure)
    if not rows:
        return None
    body = [
        (
            el(
                "button",
                r.tag,
                type="button",
                class_="pick",
                data_task=measure.partition(".")[0],
                data_tag=r.tag,
            ),
            figures.shown(measure, r.value),
            [
                figures.shown_interval(measure, r.interval),
                el("small", str(r.zero)) if r.zero is not None else None,
            ],
            charts.interval(measure, r.value, r.interval),
            r.n,
        )
        for r in rows
    ]
    caption = f"{figures.meaning(measure)} ({measure}), by tag, the worst first"
    made = table(caption, ("Tag", "Value", "95 % interval", "Chart", "Cases"), body, "stack")
    if not left_out:
        return made
    few = f"with fewer than {cases.FEWEST_OF_A_TAG} cases, or rarer than the first {cases.MOST_TAGS}, not shown."
    return el("div", made, el("p", f"{figures.number(left_out, 'tag')} {few}", class_="note"))
