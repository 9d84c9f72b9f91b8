"""The page for evaluators: runs against baseline and gates, what flipped, every case, new cases of what happened."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from evals.cases import FILES
from evals.gate import GateError
from evals.run import RunError
from rag.model import Turn
from rag.settings import get_settings
from rag.web import component, frame, shared
from rag.web.evaluation import (
    BASELINE,
    TABS,
    EvaluateView,
    Item,
    Loaded,
    State,
    evaluation,
    items_of,
    load,
    run_names,
    stored_answer,
)
from rag.web.words import t

KEY, READY, PROBLEM = "evaluate_state", "evaluate_loaded", "evaluate_problem"
settings = get_settings()
RUNS = settings.data_dir / "evals" / "runs"


@st.cache_resource(show_spinner=False, max_entries=6)
def loaded(runs: Path, name: str, against: str, made: tuple[float, ...]) -> Loaded:
    return load(runs, name, against)


def made(*names: str) -> tuple[float, ...]:
    """When the results of these runs were written, so that a run that was made anew is read anew."""
    paths = [RUNS / n / "results.jsonl" for n in names]
    return tuple(p.stat().st_mtime for p in paths if p.is_file())


def state() -> State:
    kept: State = st.session_state.setdefault(KEY, State())
    return kept


def change(**fields: object) -> None:
    st.session_state[KEY] = state().model_copy(update=fields)


def choose_run(value: object) -> None:
    if isinstance(value, str):
        change(run=value, page=1, detail=None)


def choose_against(value: object) -> None:
    if isinstance(value, str):
        change(against=value, page=1, detail=None)


def choose_tab(value: object) -> None:
    if value in TABS:
        change(tab=value, page=1, detail=None, draft=None)


def restrict(value: object) -> None:
    match value:
        case {"task": str(task), "result": str(result), "tag": str(tag)}:
            change(task=task, result=result, tag=tag if task == state().task else "", page=1)


def turn(value: object) -> None:
    if isinstance(value, int):
        change(page=value)


def open_case(value: object) -> None:
    if value is None or isinstance(value, str):
        change(detail=value)


def author(value: object) -> None:
    if isinstance(value, str):
        change(tab="author", source=f"case {value}", detail=None, draft=None)


def choose_source(value: object) -> None:
    if isinstance(value, str):
        change(source=value, draft=None)


def choose_file(value: object) -> None:
    if value in FILES:
        change(file=value, draft=None)


def check(value: object) -> None:
    if isinstance(value, str):
        change(draft=value[:50_000])


def to_author_from(held: Loaded) -> list[Item]:
    """An opened case, the exchanges of this visit, and to who may see them the words of readers' feedback."""
    key = state().source.removeprefix("case ")
    result = next((r for r in held.run.results if f"{r.task}/{r.case}" == key), None)
    opened = None
    if result is not None and (answer := stored_answer(held.folder, result)):
        turns = (Turn(role="user", content=result.question),)
        opened = Item(id=f"case {key}", label=t("evaluate.from_case", case=key), turns=turns, answer=answer)
    exchanges = shared.conversation().exchanges
    talk = [
        (e.question, _turns(n), e.answer.to_json(trace=False)) for n, e in enumerate(exchanges) if e.answer
    ]
    sent = shared.store().items() if settings.feedback and frame.unreleased() else ()
    return items_of(talk, [(f.id, f.kind, f.question, f.answer) for f in sent], opened)


def _turns(n: int) -> tuple[Turn, ...]:
    exchanges = shared.conversation().exchanges
    before = tuple(turn for e in exchanges[:n] for turn in e.turns)
    return (*before, Turn(role="user", content=exchanges[n].question))


if state().run is None:
    change(run=next(iter(run_names(RUNS)), BASELINE))
chosen = state()
run = chosen.run or BASELINE
wanted = (run, chosen.against, made(run, chosen.against))
ready: tuple[object, Loaded] | None = st.session_state.get(READY)
problem: str = st.session_state.pop(PROBLEM, "")
if problem:
    view = EvaluateView(state="failed", problem=problem)
elif ready is None or ready[0] != wanted:
    view = EvaluateView(state="opening", status=t("evaluate.reading"))
else:
    view = evaluation(ready[1], chosen, run_names(RUNS), to_author_from(ready[1]), shared.corpus())
component.draw(
    "evaluate",
    view,
    {
        "run": choose_run,
        "against": choose_against,
        "tab": choose_tab,
        "filter": restrict,
        "page": turn,
        "open": open_case,
        "author": author,
        "from": choose_source,
        "kind": choose_file,
        "draft": check,
        "retry": lambda _: None,
    },
    texts=("evaluate",),
)
# Reading and resampling two runs takes seconds: the page stands before it begins.
if view.state == "opening":
    try:
        st.session_state[READY] = (wanted, loaded(RUNS, *wanted))
    except (RunError, GateError) as e:
        st.session_state[PROBLEM] = str(e)
        st.session_state[KEY] = State(run=BASELINE)  # so that trying again starts from the accepted baseline
    st.rerun()
