"""The parts of the page, from the plain summary to the manifest. Each gives a section, or None where it has nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.compare import Comparison
from evals.gate import NAMED_REGRESSIONS, Gates, Verdict
from evals.measures import MEASURES, reliability, risk_coverage
from evals.report import cases, figures, words
from evals.report.html import charts, tables
from evals.report.html.embedded import marks
from evals.report.html.markup import Child, Markup, el
from evals.run import Result, Run

MOST_FAILURES = 30
Notices = Mapping[tuple[str, str], Sequence[str]]


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
    failures = verdict.failures if verdict is not None else ()
    first = [el("li", words.told(f, rows)) for f in failures[:NAMED_REGRESSIONS]]
    rest = [el("li", words.told(f, rows)) for f in failures[NAMED_REGRESSIONS:MOST_FAILURES]]
    more = len(failures) - MOST_FAILURES
    if more > 0:
        rest.append(el("li", f"and {more} more"))
    return el(
        "section",
        el("p", words.headline(verdict), class_="verdict"),
        [el("h3", "The worst first"), el("ol", *first, class_="worst")] if first else None,
        el("details", el("summary", f"And {len(failures) - len(first)} more"), el("ul", *rest))
        if rest
        else None,
        el("h3", "What this means"),
        [el("p", said) for said in words.explained(run, comparison, verdict, rows)],
        [el("h3", "What to look at"), look_at] if look_at else None,
        class_=f"summary {tone}",
        aria_label="Summary",
    )


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


def overview(run: Run, rows: Sequence[figures.Row], gates: Gates | None) -> Markup:
    """A card for each task with its gating measures, or its first one."""
    made = []
    for task in dict.fromkeys(r.task for r in run.results):
        results = [r for r in run.results if r.task == task]
        own = [r for r in rows if r.task == task]
        chosen = [r for r in own if r.bound is not None] or [r for r in own if r.better != "neither"][:1]
        outside = any(r.state == "outside" for r in chosen)
        counts = {s: sum(cases.state(r) == s for r in results) for s in cases.STATES}
        bad = [f"{counts[s]} {cases.STATES[s]}" for s in ("critical", "unscored") if counts[s]]
        made.append(
            el(
                "article",
                el("h3", figures.title(task)),
                el("p", f"{task}: {figures.number(len(results), 'case')}", class_="note"),
                el("p", "✗ " + ", ".join(bad), class_="bad") if bad else None,
                el("dl", *(_card_line(r) for r in chosen)),
                el("p", el("a", "Measures", href=f"#measures-{task}"), _show_cases(task)),
                class_="card outside" if outside or counts["critical"] else "card",
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
            el("small", tables.told_zero(row)) if row.zero is not None else None,
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
        "An interval says where the true value may lie if the same were asked with other cases of this kind (95 %, "
        "two-sided; Wilson for yes or no, bootstrap by source or pair for the rest). Beside a zero stands the rate that "
        "it leaves possible (95 %, one-sided)."
    )
    return section("measures", "Measures", el("p", note), charts.legend(), *made)


def changes(comparison: Comparison | None) -> Markup | None:
    if comparison is None:
        return None
    first, rest = tables.split_changes(comparison)
    name = comparison.base.name
    note = (
        "Better and worse are said only where chance does not explain the difference. For the measures that gate, this is "
        "corrected for looking at many at once (Holm). The smallest visible change is what this many cases would show "
        "four times in five."
    )
    if rest:
        more = el(
            "details",
            el("summary", "All other measures"),
            tables.changes(comparison, rest, f"Other measures against {name}"),
        )
    return section(
        "changes",
        "What changed",
        el("p", note),
        tables.changes(comparison, first, f"Gating measures, and whatever really changed, against {name}")
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
        points = [(f"{c:.0%}", f"{r:.1%}") for c, r in charts.at_tenths(curve)]
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
                    "When the system was this sure, how often could the question be answered? Right is on the dashed line; a larger dot stands for more cases.",
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
    note = (
        "A tag with few cases has a wide interval; the lowest of many tags is always lower than it truly is."
    )
    return section("tags", "By tag", el("p", note), *made)


def worst(run: Run, comparison: Comparison | None, notices: Notices) -> Markup | None:
    found = cases.worst(run)
    if not found:
        return None
    fresh = {(r.task, r.case) for r in comparison.new_critical} if comparison is not None else set()
    critical = len(run.critical)
    told = f"{figures.number(critical, 'critical failure')} first, then " if critical else ""
    note = f"In full: {told}the cases that lost most, taken in turn from each task."
    if critical > len(found):
        note += f" {critical - len(found)} more critical failures stand under All cases."
    return section(
        "worst",
        "Worst cases",
        el("p", note),
        *(_case(r, notices.get((r.task, r.case), ()), (r.task, r.case) in fresh) for r in found),
    )


def _case(result: Result, notices: Sequence[str], fresh: bool) -> Markup:
    state = cases.state(result)
    lost = [f"{m}: {v}" for m, v in marks(result) if cases.losses(result).get(m, 0) > 0]
    label = ("new " if fresh else "") + cases.STATES[state]
    return el(
        "article",
        el("h3", result.question or result.case),
        el(
            "p",
            el("span", label, class_=f"chip {state}"),
            f" {result.task}/{result.case} · ",
            ", ".join(result.labels),
            class_="note",
        ),
        el("p", el("strong", "Why it is critical: "), "; ".join(result.critical))
        if result.critical
        else None,
        el("p", el("strong", f"Answer ({result.outcome or 'none'}): "), result.text or "–", class_="answer"),
        el("ul", *(el("li", n) for n in notices), class_="notices", aria_label="Notices")
        if notices
        else None,
        el("p", el("strong", "Cited: "), ", ".join(result.cited) or "nothing", class_="ids"),
        el("p", el("strong", "Lost marks: "), "; ".join(lost), class_="ids") if lost else None,
        class_=f"case {state}",
    )


def flips(comparison: Comparison | None) -> Markup | None:
    if comparison is None:
        return None
    found = cases.changed(comparison)
    if not found:
        return section(
            "flips", "Cases that changed", el("p", "No case is counted differently by any measure.")
        )
    worse, better = sum(bool(c.worse) for c in found), sum(bool(c.better) for c in found)
    said = (
        f"{figures.number(len(found), 'case')} counted differently: {worse} worse and {better} better on some measure. "
        "A case stands under each of its tags. Words that went are struck through, words that came are underlined."
    )
    groups = [
        el("details", el("summary", f"{t}: {w} worse, {b} better"), el("div"), class_="flip-tag", data_tag=t)
        for t, w, b in cases.changed_by_tag(found)
    ]
    everything = el(
        "details",
        el("summary", f"All {len(found)}, the worst first"),
        el("div"),
        class_="flip-tag",
        open=True,
    )
    first, rest = groups[:12], groups[12:]
    more = el("details", el("summary", f"{figures.number(len(rest), 'more tag')}"), *rest) if rest else None
    return section("flips", "Cases that changed", el("p", said), everything, el("h3", "By tag"), *first, more)


def unscored(run: Run) -> Markup:
    if not run.errors:
        return section("unscored", "Not scored", el("p", "Every case was asked and scored."))
    note = "These could not be asked or scored. They are neither right nor wrong, and are in no figure above."
    rows = [(f"{r.task}/{r.case}", r.question, r.error) for r in run.errors]
    made = tables.table(
        f"{figures.number(len(rows), 'case')} not scored", ("Case", "Question", "Why"), rows, "stack"
    )
    return section("unscored", "Not scored", el("p", note), made)


def every_case(run: Run, comparison: Comparison | None) -> Markup:
    """The filters; the script fills the choices and the list."""
    states = [(s, text) for s, text in cases.STATES.items()]
    tasks = [(t, figures.title(t)) for t in dict.fromkeys(r.task for r in run.results) if t != "performance"]
    labels = sorted({label for r in run.results for label in r.labels})
    outcomes = [(o, o) for o in cases.OUTCOMES if any(r.outcome == o for r in run.results)]
    moved = (
        [("worse", "worse"), ("better", "better"), ("changed", "worse or better")]
        if comparison is not None
        else []
    )
    fields = [
        _select("task", "Task", tasks),
        _select("tag", "Tag", [(label, label.replace("_", " ")) for label in labels]),
        _select("outcome", "Outcome", outcomes),
        _select("state", "Result", states),
        _select("change", "Against the earlier run", moved) if moved else None,
        el(
            "label",
            "Text in the question or answer",
            el("input", type="search", name="text", autocomplete="off"),
        ),
    ]
    return section(
        "cases",
        "All cases",
        el(
            "noscript",
            el("p", "The list of all cases and the changed cases need JavaScript. Everything else does not."),
        ),
        el(
            "form",
            *fields,
            el("button", "Clear filters", type="reset"),
            id_="filters",
            role="search",
            aria_label="Filter cases",
        ),
        el("p", id_="found", role="status"),
        el("div", id_="list"),
        el("button", "Show 30 more", type="button", id_="more", hidden=True),
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]]) -> Markup:
    made = [el("option", "any", value=""), *(el("option", text, value=value) for value, text in options)]
    return el("label", label, el("select", *made, name=name))


def manifest(run: Run, comparison: Comparison | None) -> Markup:
    mine = dict(_flat(run.manifest))
    for key in ("started", "seconds"):
        if key in run.times:
            mine[key] = str(run.times[key])
    if comparison is None:
        body: list[tuple[Child, ...]] = [(k, v) for k, v in mine.items()]
        return section("manifest", "What was run", tables.table("Manifest", ("What", "This run"), body))
    other = dict(_flat(comparison.base.manifest))
    keys = [k for k in dict.fromkeys([*mine, *other]) if k not in ("started", "seconds")]
    differ = [k for k in keys if mine.get(k, "") != other.get(k, "")]
    said = (
        "Between the two runs differ: " + ", ".join(differ)
        if differ
        else "The two runs were made on the same."
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
