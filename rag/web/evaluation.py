"""From the run folders of the evaluation suite to what the Evaluate page shows. Reads runs; asks and writes nothing.

Imported by the Evaluate page alone: `evals` stands beside the library, not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evals import authoring
from evals.baseline import CURRENT, read_baseline
from evals.cases import FILES
from evals.gate import Verdict, is_smoke, judge, load_gates
from evals.report import figures
from evals.report.cases import STATES, Changed, changed, shown_tags, state
from evals.report.words import by_kind, headline, told
from evals.run import Result, Run, RunError, read
from rag.corpus import Corpus
from rag.corpus.stats import Table
from rag.model import Frozen, Turn
from rag.web.choices import TableView, paged, table_view
from rag.web.exploring import Choice
from rag.web.words import t

Tab = Literal["figures", "changed", "cases", "author"]
TABS: tuple[Tab, ...] = ("figures", "changed", "cases", "author")
BASELINE, NOTHING, ALL = "baseline", "none", ""
A_PAGE = 25
MOST_FAILURES = 12


class State(Frozen):
    """What a visitor has chosen on this page so far."""

    run: str | None = None
    against: str = BASELINE
    tab: Tab = "figures"
    task: str = ALL
    result: str = ALL
    tag: str = ALL
    page: int = 1
    detail: str | None = None
    source: str = ""
    file: str = "accuracy"
    draft: str | None = None


class Item(Frozen):
    """Something that a case can be made of: the turns that led to an answer, and the answer."""

    id: str
    label: str
    turns: tuple[Turn, ...]
    answer: dict[str, Any]


class RunsView(Frozen):
    options: tuple[Choice, ...]
    chosen: str
    against_options: tuple[Choice, ...]
    against: str
    made: str


class VerdictView(Frozen):
    passed: bool
    summary: str
    failures: tuple[str, ...]
    left_out: str
    inspect: str
    command: str


class MeasureRow(Frozen):
    name: str
    meaning: str
    value: str
    interval: str
    baseline: str
    change: str
    change_interval: str
    bound: str
    wanted: str
    state: str
    says: str


class MeasureGroup(Frozen):
    title: str
    columns: tuple[str, ...]
    rows: tuple[MeasureRow, ...]


class CaseLine(Frozen):
    id: str
    title: str
    byline: str
    badge: str
    text: str


class FilterView(Frozen):
    id: str
    label: str
    chosen: str
    options: tuple[Choice, ...]


class CasesView(Frozen):
    heading: str
    filters: tuple[FilterView, ...]
    items: tuple[CaseLine, ...]
    page: int
    pages: int


class CitedView(Frozen):
    id: str
    text: str


class SideView(Frozen):
    title: str
    outcome: str
    text: str
    notices: tuple[str, ...]
    cited: tuple[CitedView, ...]


class CaseView(Frozen):
    key: str
    heading: str
    byline: str
    critical: tuple[str, ...]
    sides: tuple[SideView, ...]
    verdicts: TableView
    trace: str
    can_author: bool


class CaseFile(Frozen):
    name: str
    text: str
    command: str


class AuthoringView(Frozen):
    sources: tuple[Choice, ...]
    chosen: str
    files: tuple[str, ...]
    file: str
    note: str
    draft: str
    checked: bool
    faults: tuple[str, ...]
    download: CaseFile | None


class EvaluateView(Frozen):
    """All that the Evaluate page's component gets."""

    state: str
    status: str = ""
    problem: str = ""
    tab: Tab = "figures"
    tabs: tuple[Choice, ...] = ()
    runs: RunsView | None = None
    verdict: VerdictView | None = None
    measures: tuple[MeasureGroup, ...] | None = None
    cases: CasesView | None = None
    detail: CaseView | None = None
    authoring: AuthoringView | None = None


@dataclass(frozen=True)
class Loaded:
    """A run held against another, with everything that is costly to work out."""

    run: Run
    base: Run | None
    verdict: Verdict
    rows: Sequence[figures.Row]
    changed: Sequence[Changed]
    folder: Path | None


def run_names(runs: Path) -> list[str]:
    """The finished runs of this machine, the newest first."""
    found = [p.parent for p in runs.glob("*/manifest.json")]
    return [p.name for p in sorted(found, key=lambda p: (p / "manifest.json").stat().st_mtime, reverse=True)]


def load(runs: Path, name: str, against: str) -> Loaded:
    """Raises RunError or GateError, each saying what to do."""
    folder = None if name == BASELINE else _inside(runs, name)
    run = read(folder) if folder else read_baseline()
    base = (
        None
        if against == NOTHING
        else read_baseline()
        if against == BASELINE
        else read(_inside(runs, against))
    )
    gates = load_gates()
    smoke = is_smoke(run, gates)
    verdict = judge(run, base, gates, smoke=smoke)
    rows = figures.rows(run, verdict.comparison, gates, smoke=smoke)
    return Loaded(
        run=run,
        base=base,
        verdict=verdict,
        rows=rows,
        changed=changed(verdict.comparison) if verdict.comparison else (),
        folder=folder,
    )


def _inside(runs: Path, name: str) -> Path:
    if name not in run_names(runs):
        raise RunError(f"there is no finished run '{name}'. List the runs: exitvoices eval list")
    return runs / name


def evaluation(
    loaded: Loaded, chosen: State, names: Sequence[str], items: Sequence[Item], corpus: Corpus | None
) -> EvaluateView:
    """The page of one state. `names` are the runs to choose from, `items` what a case can be made of."""
    detail = _case(loaded, chosen.detail, corpus) if chosen.detail else None
    return EvaluateView(
        state="ready",
        tab=chosen.tab,
        tabs=tuple(Choice(id=x, label=t(f"evaluate.tab_{x}", n=len(loaded.changed))) for x in TABS),
        runs=_runs(loaded, chosen, names),
        verdict=_verdict(loaded) if chosen.tab == "figures" else None,
        measures=_measures(loaded) if chosen.tab == "figures" else None,
        cases=_changed(loaded, chosen)
        if chosen.tab == "changed"
        else _cases(loaded, chosen)
        if chosen.tab == "cases"
        else None,
        detail=detail,
        authoring=_authoring(chosen, items) if chosen.tab == "author" else None,
    )


def _runs(loaded: Loaded, chosen: State, names: Sequence[str]) -> RunsView:
    accepted = Choice(id=BASELINE, label=t("evaluate.baseline"))
    options = (accepted, *(Choice(id=n, label=n) for n in names))
    manifest = loaded.run.manifest
    return RunsView(
        options=options,
        chosen=chosen.run or BASELINE,
        against_options=(*options, Choice(id=NOTHING, label=t("evaluate.nothing"))),
        against=chosen.against,
        made=t(
            "evaluate.made",
            revision=manifest.get("revision") or "?",
            corpus=manifest.get("corpus_version", "?"),
            cases=len(loaded.run.results),
            when=str(loaded.run.times.get("started", t("evaluate.no_time")))[:16].replace("T", " "),
        ),
    )


def _verdict(loaded: Loaded) -> VerdictView:
    failures = [
        f"{kind.partition(' (')[0]}: {told(f, list(loaded.rows), loaded.run)}"
        for kind, found in by_kind(loaded.verdict)
        for f in found
    ]
    more = len(failures) - MOST_FAILURES
    shown = failures[:MOST_FAILURES] + ([t("evaluate.more_failures", n=more)] if more > 0 else [])
    comparison = loaded.verdict.comparison
    left = len(comparison.left_out) if comparison else 0
    logs = loaded.folder / "logs" if loaded.folder else None
    return VerdictView(
        passed=loaded.verdict.passed,
        summary=headline(loaded.verdict),
        failures=tuple(shown),
        left_out=t("evaluate.left_out", n=left) if left else "",
        inspect=t("evaluate.inspect" if logs else "evaluate.inspect_none"),
        command=f"inspect view --log-dir {logs}" if logs else f"exitvoices eval baseline show {CURRENT}",
    )


def _measures(loaded: Loaded) -> tuple[MeasureGroup, ...]:
    columns = tuple(t(f"evaluate.col_{c}") for c in ("measure", "value", "before", "change", "bound", "says"))
    tasks = list(dict.fromkeys(r.task for r in loaded.rows))
    return tuple(
        MeasureGroup(
            title=figures.title(task),
            columns=columns,
            rows=tuple(_measure(r) for r in loaded.rows if r.task == task),
        )
        for task in tasks
    )


def _measure(row: figures.Row) -> MeasureRow:
    change, m = row.change, row.measure
    interval = f"{figures.shown_interval(m, row.interval)} (n={row.n})" if row.interval else f"n={row.n}"
    verdict = t(f"evaluate.change_{change.verdict}") if change else ""
    return MeasureRow(
        name=m.partition(".")[2].replace("_", " "),
        meaning=figures.meaning(m),
        value=figures.shown(m, row.value),
        interval=interval,
        baseline=figures.shown(m, change.base) if change else "–",
        change=figures.shown_step(m, change.difference) if change else "–",
        change_interval=figures.shown_step_interval(m, change.interval) if change and change.interval else "",
        bound=figures.shown(m, row.bound),
        wanted=t("evaluate.wanted", value=figures.shown(m, row.wanted)) if row.wanted is not None else "",
        state=row.state,
        says=" · ".join(x for x in (t(f"evaluate.state_{row.state}"), verdict) if x),
    )


# --- cases ------------------------------------------------------------------------------------------------------------


def _key(result: Result) -> str:
    return f"{result.task}/{result.case}"


def _changed(loaded: Loaded, chosen: State) -> CasesView:
    shown, page, pages = paged(list(loaded.changed), chosen.page, A_PAGE)
    worse = sum(bool(c.worse) for c in loaded.changed)
    return CasesView(
        heading=t("evaluate.changed_heading", n=len(loaded.changed), worse=worse)
        if loaded.base
        else t("evaluate.changed_nothing"),
        filters=(),
        items=tuple(
            CaseLine(
                id=_key(c.new),
                title=c.question,
                byline=f"{c.new.task} · {c.case}",
                badge=t("evaluate.newly_critical") if c.newly_critical else "",
                text=" ".join(
                    x
                    for x in (
                        t("evaluate.worse_on", measures=", ".join(c.worse)) if c.worse else "",
                        t("evaluate.better_on", measures=", ".join(c.better)) if c.better else "",
                    )
                    if x
                ),
            )
            for c in shown
        ),
        page=page,
        pages=pages,
    )


def _cases(loaded: Loaded, chosen: State) -> CasesView:
    results = [r for r in loaded.run.results if r.task != "performance"]
    tasks = list(dict.fromkeys(r.task for r in results))
    of_task = [r for r in results if chosen.task in (ALL, r.task)]
    tags = sorted({x for r in of_task for x in shown_tags(r)})
    fitting = [
        r
        for r in of_task
        if chosen.result in (ALL, state(r)) and (chosen.tag == ALL or chosen.tag in shown_tags(r))
    ]
    shown, page, pages = paged(fitting, chosen.page, A_PAGE)
    every = Choice(id=ALL, label=t("evaluate.every"))
    return CasesView(
        heading=t("evaluate.cases_heading", n=len(fitting), total=len(results)),
        filters=(
            FilterView(
                id="task",
                label=t("evaluate.by_task"),
                chosen=chosen.task,
                options=(every, *(Choice(id=x, label=figures.title(x)) for x in tasks)),
            ),
            FilterView(
                id="result",
                label=t("evaluate.by_result"),
                chosen=chosen.result,
                options=(every, *(Choice(id=k, label=v.capitalize()) for k, v in STATES.items())),
            ),
            FilterView(
                id="tag",
                label=t("evaluate.by_kind"),
                chosen=chosen.tag,
                options=(every, *(Choice(id=x, label=x) for x in tags)),
            ),
        ),
        items=tuple(
            CaseLine(
                id=_key(r),
                title=r.question,
                byline=" · ".join((r.task, r.case, STATES[state(r)], r.outcome)),
                badge="; ".join(r.critical),
                text="",
            )
            for r in shown
        ),
        page=page,
        pages=pages,
    )


def _case(loaded: Loaded, key: str, corpus: Corpus | None) -> CaseView | None:
    now = next((r for r in loaded.run.results if _key(r) == key), None)
    if now is None:
        return None
    was = next((r for r in loaded.base.results if _key(r) == key), None) if loaded.base else None
    answer = stored_answer(loaded.folder, now)
    sides = [_side(t("evaluate.this_run"), now, answer, corpus)]
    if was is not None and loaded.base is not None and was.text != now.text:
        sides.append(_side(t("evaluate.other_run", name=loaded.base.name), was, {}, corpus))
    elif was is not None:
        sides[0] = sides[0].model_copy(update={"title": t("evaluate.both_runs")})
    trace = answer.get("trace")
    return CaseView(
        key=key,
        heading=now.question,
        byline=" · ".join((now.task, now.case, *shown_tags(now))),
        critical=now.critical,
        sides=tuple(sides),
        verdicts=_verdicts(now, was),
        trace=json.dumps(trace, ensure_ascii=False, indent=1) if trace else "",
        can_author=bool(answer),
    )


def stored_answer(folder: Path | None, result: Result) -> dict[str, Any]:
    """The last answer of a case as the run folder keeps it; empty where it keeps none, as baselines do."""
    path = folder / "outputs.jsonl" if folder else None
    if path is None or not path.is_file():
        return {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            # A line can be a hundred kilobytes: only the one that is looked for is parsed.
            if f'"case": "{result.case}"' in line[:200]:
                row = json.loads(line)
                if row["task"] == result.task:
                    answer: dict[str, Any] = row["asked"][-1]["answer"]
                    return answer
    return {}


def _side(title: str, result: Result, answer: Mapping[str, Any], corpus: Corpus | None) -> SideView:
    quotes = {c["statement"]: c["quote"] for c in answer.get("citations", ())}
    held = corpus.statements if corpus else {}
    return SideView(
        title=title,
        outcome=result.error or t("evaluate.outcome", outcome=result.outcome),
        text=result.text,
        notices=tuple(n["text"] for n in answer.get("notices", ())),
        cited=tuple(
            CitedView(id=s, text=quotes.get(s) or (held[s].text if s in held else t("evaluate.gone")))
            for s in result.cited
        ),
    )


def _verdicts(now: Result, was: Result | None) -> TableView:
    def shown(result: Result | None, short: str) -> str:
        share = result.shares.get(short) if result else None
        return f"{share.part:g} / {share.of:g}" if share else "–"

    names = list(dict.fromkeys([*now.shares, *(was.shares if was else ())]))
    columns = tuple(t(f"evaluate.col_{c}") for c in ("measure", "now", "before"))
    rows = tuple((n.replace("_", " "), shown(now, n), shown(was, n)) for n in names)
    return table_view(Table(title=t("evaluate.verdicts"), columns=columns, rows=rows), "verdicts")


# --- a case of what happened ------------------------------------------------------------------------------------------


def _authoring(chosen: State, items: Sequence[Item]) -> AuthoringView:
    item = next((i for i in items if i.id == chosen.source), items[0] if items else None)
    draft = chosen.draft
    faults: list[str] = []
    if draft is not None:
        try:
            faults = authoring.lacks(chosen.file, json.loads(draft))
        except (ValueError, TypeError, AttributeError) as e:
            faults = [t("evaluate.author_not_json", why=str(e))]
    elif item is not None:
        draft = json.dumps(
            authoring.draft(chosen.file, item.turns, item.answer), ensure_ascii=False, indent=1
        )
    checked = chosen.draft is not None
    name = f"{chosen.file}-draft.jsonl"
    return AuthoringView(
        sources=tuple(Choice(id=i.id, label=i.label) for i in items),
        chosen=item.id if item else "",
        files=tuple(FILES),
        file=chosen.file,
        note="" if items else t("evaluate.author_nothing"),
        draft=draft or "",
        checked=checked,
        faults=tuple(faults),
        download=CaseFile(
            name=name,
            text=json.dumps(json.loads(draft or "{}"), ensure_ascii=False) + "\n",
            command=t(
                "evaluate.author_command", command=f"exitvoices eval case add {chosen.file} --in {name}"
            ),
        )
        if checked and not faults
        else None,
    )


def items_of(
    talk: Iterable[tuple[str, tuple[Turn, ...], dict[str, Any]]],
    sent: Iterable[tuple[int, str, str, dict[str, Any]]],
    opened: Item | None,
) -> list[Item]:
    """What a case can be made of: a case that is open, exchanges of the conversation, feedback, newest first."""
    found = [opened] if opened else []
    found += [
        Item(
            id=f"talk {n}", label=t("evaluate.from_talk", question=question[:70]), turns=turns, answer=answer
        )
        for n, (question, turns, answer) in enumerate(talk)
    ][::-1]
    found += [
        Item(
            id=f"feedback {number}",
            label=t("evaluate.from_feedback", kind=t(f"ask.feedback_{kind}"), question=question[:70]),
            turns=(Turn(role="user", content=question),),
            answer=answer,
        )
        for number, kind, question, answer in sent
    ][::-1]
    return found
