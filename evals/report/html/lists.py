"""The parts of the page that list cases: the worst, those that changed, those not scored, and all with filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.compare import Comparison
from evals.report import cases, figures
from evals.report.html import tables
from evals.report.html.embedded import marks
from evals.report.html.markup import Markup, el
from evals.report.html.sections import section
from evals.run import Result, Run

Notices = Mapping[tuple[str, str], Sequence[str]]


def worst(run: Run, comparison: Comparison | None, notices: Notices) -> Markup | None:
    fresh = {(r.task, r.case) for r in comparison.new_critical} if comparison is not None else set()
    found = cases.worst(run, fresh)
    if not found:
        return None
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
            ", ".join(cases.shown_tags(result)),
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
    labels = sorted({tag for r in run.results for tag in cases.shown_tags(r)})
    outcomes = [(o, o) for o in cases.OUTCOMES if any(r.outcome == o for r in run.results)]
    moved = (
        [("worse", "worse"), ("better", "better"), ("changed", "worse or better")]
        if comparison is not None
        else []
    )
    fields = [
        _select("task", "Task", tasks),
        _select("tag", "Tag", [(label, label) for label in labels]),
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
            "p",
            "The list of all cases and the changed cases need JavaScript. Everything else does not.",
            id_="needs-script",
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
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]]) -> Markup:
    made = [el("option", "any", value=""), *(el("option", text, value=value) for value, text in options)]
    return el("label", label, el("select", *made, name=name))
