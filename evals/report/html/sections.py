"""The parts of the page, from the plain summary to the manifest. Each gives a section, or None where it has nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.compare import Comparison
from evals.gate import NAMED_REGRESSIONS, Failure, Verdict
from evals.measures import MEASURES, reliability, risk_coverage
from evals.report import cases, figures, words
from evals.report.html import charts, tables
from evals.report.html.markup import Child, Markup, el
from evals.run import Run

MOST_FAILURES = 30
_RELIABILITY = (
    "When the system was this sure, how often could the question be answered? Right is on the dashed line; a larger "
    "dot stands for more cases."
)


def section(name: str, heading: str, *children: Child) -> Markup:
    return el(
        "section",
        el("h2", heading, id_=f"{name}-title"),
        *children,
        id_=name,
        aria_labelledby=f"{name}-title",
    )


def summary(
    run: Run, comparison: Comparison | None, verdict: Verdict | None, rows: list[figures.Row], look_at: Child
) -> Markup:
    tone = "open" if verdict is None else "yes" if verdict.passed else "no"
    return el(
        "section",
        el("p", words.headline(verdict), class_="verdict"),
        el("h3", "What this means"),
        [el("p", said) for said in words.explained(run, comparison, verdict, rows)],
        [_failures(kind, found, rows, run) for kind, found in words.by_kind(verdict)],
        [el("h3", "What to look at"), look_at] if look_at else None,
        class_=f"summary {tone}",
        aria_label="Summary",
    )


def _failures(kind: str, found: Sequence[Failure], rows: list[figures.Row], run: Run) -> list[Markup]:
    said = [el("li", words.told(f, rows, run)) for f in found[:MOST_FAILURES]]
    made = [el("h3", kind), el("ol", *said[:NAMED_REGRESSIONS], class_="worst")]
    rest = said[NAMED_REGRESSIONS:]
    if rest:
        beyond = len(found) - MOST_FAILURES
        left = el("li", f"and {beyond} more") if beyond > 0 else None
        more = len(found) - NAMED_REGRESSIONS
        made.append(el("details", el("summary", f"And {more} more"), el("ul", *rest, left)))
    return made


def look_at(run: Run, comparison: Comparison | None, verdict: Verdict | None) -> Markup | None:
    """Where in the page to go on reading, for what was found."""
    kinds = {f.kind for f in verdict.failures} if verdict is not None else set()
    points = []
    if comparison is not None and comparison.new_critical:
        n = figures.number(len(comparison.new_critical), "new critical failure")
        points.append(("#worst", f"Read {n} in full"))
    elif run.critical:
        points.append(("#worst", f"Read {figures.number(len(run.critical), 'critical failure')} in full"))
    if "regression" in kinds:
        points.append(("#flips", "See which cases got worse, with both answers side by side"))
    if kinds & {"bound", "missing"}:
        points.append(("#measures", "See how far the measures are from their bounds"))
    if run.errors:
        points.append(("#unscored", "See which cases were not scored, and why"))
    if not points:
        points.append(("#worst", "Read the cases that lost most, though the gate lets them pass"))
    points.append(("#limits", "Read what this run does not show"))
    return el("ul", *(el("li", el("a", text, href=href)) for href, text in points), class_="look-at")


def overview(run: Run, rows: Sequence[figures.Row]) -> Markup:
    """A card for each task with its gating measures, or its first one."""
    made = []
    for task in dict.fromkeys(r.task for r in run.results):
        results = [r for r in run.results if r.task == task]
        own = [r for r in rows if r.task == task]
        chosen = [r for r in own if r.bound is not None] or [r for r in own if r.better != "neither"][:1]
        outside = any(r.state == "outside" for r in chosen)
        counts = {s: sum(cases.state(r) == s for r in results) for s in cases.STATES}
        bad = [figures.number(counts["critical"], "critical failure")] if counts["critical"] else []
        bad += [f"{counts['unscored']} not scored"] if counts["unscored"] else []
        tone = "outside" if outside or counts["critical"] else chosen[0].state if chosen else "ungated"
        made.append(
            el(
                "article",
                el("h3", figures.title(task)),
                el("p", f"{task}: {figures.number(len(results), 'case')}", class_="note"),
                el("p", "✗ " + ", ".join(bad), class_="bad") if bad else None,
                el("dl", *(_card_line(r) for r in chosen)),
                el("p", el("a", "Measures", href=f"#measures-{task}"), _show_cases(task)),
                class_=f"card {tone}",
            )
        )
    return section("tasks", "Tasks", el("div", *made, class_="cards"))


def _show_cases(task: str) -> Child:
    if task == "performance":
        return None
    label = f"Show the cases of {figures.title(task)}"
    return el("button", "Cases", type="button", class_="pick", data_task=task, aria_label=label)


def _card_line(row: figures.Row) -> Markup:
    side = None
    if row.bound is not None:
        held = "✗" if row.state == "outside" else "✓"
        side = f"{held} {'at most' if row.better == 'lower' else 'at least'} {figures.shown(row.measure, row.bound)}"
    ends = row.interval
    return el(
        "div",
        el("dt", figures.meaning(row.measure)),
        el(
            "dd",
            el("strong", figures.shown(row.measure, row.value), class_=row.state),
            el("small", f"95 %: {figures.shown_interval(row.measure, ends)}") if ends is not None else None,
            el("small", figures.told_zero(row)) if row.zero is not None else None,
            el("small", side) if side else None,
        ),
    )


def measures(rows: Sequence[figures.Row]) -> Markup:
    made = []
    for task in dict.fromkeys(r.task for r in rows):
        made.append(
            el("div", tables.measures(task, [r for r in rows if r.task == task]), id_=f"measures-{task}")
        )
    note = (
        "An interval says where the true value may lie if the same were asked with other cases of this kind "
        "(95 %, two-sided; Wilson for yes or no, bootstrap by source or pair for the rest). Beside a zero stands "
        "the rate that it leaves possible (95 %, one-sided)."
    )
    return section("measures", "Measures", el("p", note), charts.legend(), *made)


def changes(comparison: Comparison | None) -> Markup | None:
    if comparison is None:
        return None
    first, rest = tables.split_changes(comparison)
    name = comparison.base.name
    note = (
        "Better and worse are said only where chance does not explain the difference. For the measures that gate, "
        "this is corrected for looking at many at once (Holm). The smallest visible change is what this many cases "
        "would show four times in five."
    )
    if rest:
        more = el(
            "details",
            el("summary", "All other measures"),
            tables.changes(rest, f"Other measures against {name}"),
        )
    return section(
        "changes",
        "What changed",
        el("p", note),
        tables.changes(first, f"Gating measures, and whatever really changed, against {name}")
        if first
        else None,
        more if rest else None,
        _left_out(comparison),
    )


def _left_out(comparison: Comparison) -> Markup | None:
    if not comparison.left_out:
        return None
    told = f"{figures.number(len(comparison.left_out), 'case')} not compared (in one run only, changed, or not scored)"
    return el("details", el("summary", told), el("p", ", ".join(comparison.left_out), class_="ids"))


def safety(run: Run) -> Markup | None:
    found = cases.safety(run)
    if not found:
        return None
    note = "Refusing and over-refusing are read together: either is easy to get right by getting the other wrong."
    return section(
        "safety", "Safety, over-refusal and distress side by side", el("p", note), tables.safety(found)
    )


def outcomes(run: Run, comparison: Comparison | None) -> Markup | None:
    confusion = tables.confusion(run)
    scores = run.scores("abstention")
    curve, bins = risk_coverage(scores), reliability(scores)
    if confusion is None and not curve:
        return None
    plots = []
    if curve:
        before = risk_coverage(comparison.base.scores("abstention")) if comparison is not None else []
        told = "Solid: this run. Dashed: the earlier run. Lower is better." if before else "Lower is better."
        points = [(f"{100 * c:.0f} %", f"{100 * r:.1f} %") for c, r in charts.at_tenths(curve)]
        plots.append(
            el(
                "figure",
                charts.risk_coverage(curve, before),
                el(
                    "figcaption",
                    el("strong", "Risk and coverage. "),
                    "If only the surest questions were answered, how many would have no answer in the sources? ",
                    told,
                ),
                _numbers("Risk and coverage in figures", ("Answered", "Of these, not answerable"), points),
            )
        )
    if bins:
        points2 = [(f"{c:.2f}", f"{r:.2f}", n) for c, r, n in bins]
        plots.append(
            el(
                "figure",
                charts.reliability(bins),
                el(
                    "figcaption",
                    el("strong", "Reliability. "),
                    _RELIABILITY,
                ),
                _numbers("Reliability in figures", ("How sure", "Answerable", "Cases"), points2),
            )
        )
    return section(
        "outcomes",
        "What was asked and what came",
        confusion,
        el("div", *plots, class_="plots") if plots else None,
    )


def _numbers(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Child]]) -> Markup:
    return el("details", el("summary", "In figures"), tables.table(caption, heads, rows))


def tags(run: Run) -> Markup | None:
    made = []
    for task, shorts in cases.BY_TAG.items():
        own = [
            t
            for s in shorts
            if f"{task}.{s}" in MEASURES and (t := tables.tags(run, f"{task}.{s}")) is not None
        ]
        if own:
            made.append(el("details", el("summary", f"{figures.title(task)} ({task})"), *own))
    if not made:
        return None
    note = "A tag with few cases has a wide interval; the worst of many tags tends to look worse than it is."
    return section("tags", "By tag", el("p", note), *made)


def manifest(run: Run, comparison: Comparison | None) -> Markup:
    mine = dict(_flat(run.manifest))
    for key in ("started", "seconds"):
        if key in run.times:
            mine[key] = str(run.times[key])
    if comparison is None:
        body: list[tuple[Child, ...]] = list(mine.items())
        return section("manifest", "What was run", tables.table("Manifest", ("What", "This run"), body))
    other = dict(_flat(comparison.base.manifest))
    keys = [k for k in dict.fromkeys([*mine, *other]) if k not in ("started", "seconds")]
    differ = [k for k in keys if mine.get(k, "") != other.get(k, "")]
    said = (
        "Between the two runs differ: " + ", ".join(differ)
        if differ
        else "Both were made on the same revision, corpus, cases and settings."
    )
    both = [
        (k, mine.get(k, "–"), other.get(k, "–"), "differs" if k in differ else "")
        for k in [*keys, "started", "seconds"]
        if k in mine or k in other
    ]
    made = tables.table("Manifest", ("What", "This run", "Earlier run", ""), both)
    return section(
        "manifest", "What was run", el("p", said), el("details", el("summary", "Manifest in full"), made)
    )


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, held in sorted(value.items()):
        if isinstance(held, Mapping):
            yield from _flat(held, f"{before}{key}.")
        else:
            listed = ", ".join(map(str, held)) if isinstance(held, (list, tuple)) else held
            yield f"{before}{key}", "–" if listed in (None, "") else str(listed)


def limits(run: Run, comparison: Comparison | None) -> Markup:
    return section(
        "limits",
        "What this run does not show",
        el("ul", *(el("li", s) for s in words.not_shown(run, comparison))),
    )
