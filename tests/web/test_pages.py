"""Explore, Sources, Evaluate and Privacy without a browser: what they show, and what their strings rest on."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import time
from pathlib import Path

import pytest

from evals.authoring import draft, lacks
from evals.baseline import read_baseline
from evals.run import write
from rag.corpus import Corpus
from rag.corpus.ids import Tombstone
from rag.explore import Holdings, Selection, explore
from rag.model import Turn
from rag.settings import ROOT, Settings
from rag.web import shelves, words
from rag.web.evaluation import BASELINE, evaluation, items_of, load, run_names
from rag.web.evaluation import State as Evaluating
from rag.web.exploring import TABS, State, exploring

from .conftest import Visit, ask, shown

TODAY = dt.date(2026, 11, 22)
WEB = ROOT / "rag" / "web"


@pytest.fixture(scope="session")
def held(corpus: Corpus) -> Holdings:
    return Holdings.of(corpus)


# --- the way round ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "part"), [("explore", "explore"), ("sources", "sources"), ("privacy", "text")]
)
def test_every_page_opens_under_the_same_bar(visit: Visit, page: str, part: str) -> None:
    opened = visit().switch_page(f"{page}.py").run()
    assert not opened.exception
    assert shown(opened, part)
    bar = shown(opened, "bar")
    assert [p["id"] for p in bar["pages"] if p["current"]] == [page]
    assert bar["help"]["countries"]


def test_every_string_that_is_asked_for_is_in_the_catalogue_and_the_other_way_round() -> None:
    known = set(words.catalogue("en"))
    scripts = "\n".join(p.read_text("utf-8") for p in [*WEB.glob("*.py"), *(WEB / "assets").glob("*.js")])
    asked = set(re.findall(r"""\bt\(\s*f?["']([a-z_]+\.[a-z0-9_]+)["']""", scripts))
    built = {m.rstrip("_") for m in re.findall(r"""\bt\(\s*(?:f"|`)([a-z_]+\.[a-z_]*)[{$]""", scripts)}
    assert asked - known == set()
    assert all(any(k.startswith(b) for k in known) for b in built)
    every = set(re.findall(r"""["'`]([a-z_]+\.[a-z0-9_]+)["'`]""", scripts))
    kinds = (
        "source_kind term_kind facet ideology gender age voice role standing"
        " motive disillusionment stage country movement mark"
    )
    families = (*built, "sources.fact_", "privacy.sent_", "review.hint_", *(f"{k}." for k in kinds.split()))
    assert {k for k in known - every if not k.startswith(families)} == set()


# --- explore ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", TABS)
def test_every_number_is_of_the_people_of_this_corpus(held: Holdings, tab: str) -> None:
    state = State(tab=tab, chosen=Selection(gender=("woman",)), sides=("gender=woman", "gender=man", "", ""))
    view = exploring(held, state, TODAY)
    text = view.model_dump_json()
    assert f"{len(held.people)} people" in text
    assert not re.search(r"\d ?%", text)


def test_every_picture_has_words_and_a_table_that_can_be_kept(held: Holdings) -> None:
    path = exploring(held, State(), TODAY).pathway
    assert path is not None
    assert str(max(s.passages for s in path.stages)) in path.alt
    assert [r[1] for r in path.table.rows] == [s.passages for s in path.stages]
    assert path.table.csv.splitlines()[0] == "Stage,Passages,People,Of people in this corpus"
    countries = exploring(held, State(tab="countries"), TODAY).countries
    balance = exploring(held, State(tab="balance"), TODAY).balance
    assert countries is not None
    assert balance is not None
    for chart in (countries.chart, *balance.charts):
        assert chart.table is not None
        assert [r[1] for r in chart.table.rows] == [b.n for b in chart.bars]
        assert chart.alt


def test_a_filter_leads_to_its_passages_with_source_standing_and_notes(held: Holdings) -> None:
    view = exploring(held, State(chosen=Selection(stage=("violence_exposure",))), TODAY)
    assert view.passages is not None
    shown = explore(held, Selection(stage=("violence_exposure",))).passages
    assert view.passages.heading == f"{len(shown)} passages"
    assert all(re.search(r"(paragraph|page|at) \d", p.byline) for p in view.passages.items)
    assert any(p.flags.startswith("Content note: violence") for p in view.passages.items)
    everything = exploring(held, State(), TODAY).passages
    assert everything is not None
    last = exploring(held, State(page=everything.pages), TODAY).passages
    assert last is not None
    assert last.page == everything.pages


def test_a_comparison_says_where_the_corpus_holds_nothing(held: Holdings) -> None:
    view = exploring(
        held, State(tab="compare", sides=("person=cassandra", "person=erion", "", "")), TODAY
    ).compare
    assert view is not None
    assert [c.label for c in view.columns] == ["Cassandra", "Erion"]
    cells = [cell for row in view.rows for cell in row.cells]
    assert any(cell.empty == "Nothing in this corpus." for cell in cells)
    assert all(p.where for cell in cells for p in cell.passages)
    assert "holds nothing" in view.note
    unknown = exploring(held, State(tab="compare", sides=("x", "person=nobody", "", "")), TODAY).compare
    assert unknown is not None
    assert unknown.columns == ()


def test_a_filter_is_worked_out_quickly_on_twice_the_corpus(corpus: Corpus) -> None:
    """The page may take 300 ms for a change on the full corpus; working it out on two of it a third of that."""
    files = tuple(
        f.model_copy(
            update={
                "source": f.source.model_copy(update={"id": f"{f.source.id}-{n}"}),
                "passages": tuple(
                    p.model_copy(update={"id": p.id.replace("/", f"-{n}/")}) for p in f.passages
                ),
            }
        )
        for n in range(2)
        for f in corpus.files
    )
    parts = ("version", "people", "terms", "taxonomy", "support")
    large = Holdings.of(Corpus(files=files, **{p: getattr(corpus, p) for p in parts}))
    assert len(large.corpus.passages) == 2 * len(corpus.passages)
    taken = []
    for value in ("woman", "man", "boy", "woman", "man"):
        start = time.process_time()
        exploring(large, State(chosen=Selection(gender=(value,))), TODAY).model_dump(mode="json")
        taken.append(time.process_time() - start)
    assert min(taken) < 0.1


# --- sources ----------------------------------------------------------------------------------------------------------


def test_a_source_shows_all_that_its_card_holds(corpus: Corpus) -> None:
    for file in corpus.files:
        view = shelves.shelves(corpus, shelves.State(detail=file.source.id), TODAY, {})
        assert view.detail is not None
        told = view.detail.model_dump_json()
        for text in (file.source.method, file.source.rights, file.source.url):
            assert json.dumps(text, ensure_ascii=False).strip('"') in told
        notes, left = view.detail.sections
        assert len(notes.items) == len(file.source.editorial_notes)
        assert len(left.items) == len(file.left_out)
    withdrawn = shelves.shelves(corpus, shelves.State(detail="caliphate-review-2019"), TODAY, {}).detail
    assert withdrawn is not None
    assert withdrawn.badge == "Retracted account"


def test_search_finds_by_any_word_and_pages_stay_in_range(corpus: Corpus) -> None:
    found = shelves.shelves(corpus, shelves.State(tab="people", query="KOSOVO fighter"), TODAY, {}).list
    assert found is not None
    assert all("osov" in i.text + i.title for i in found.items)
    everybody = shelves.shelves(corpus, shelves.State(tab="people", page=99), TODAY, {}).list
    assert everybody is not None
    assert everybody.page == everybody.pages > 1
    assert everybody.heading.startswith(f"{len(corpus.people)} of")


def test_a_person_comes_with_status_and_date(corpus: Corpus) -> None:
    view = shelves.shelves(corpus, shelves.State(tab="people", detail="mohammed-khalifa"), TODAY, {}).detail
    assert view is not None
    assert "life in prison" in view.legal
    assert "As of 29 July 2022" in view.legal
    assert "Probably the same person" in view.sections[0].items[0].when


def test_a_stale_service_is_counted_and_not_shown(corpus: Corpus) -> None:
    now = shelves.shelves(corpus, shelves.State(tab="help"), TODAY, {}).services
    later = shelves.shelves(corpus, shelves.State(tab="help"), TODAY + dt.timedelta(days=400), {}).services
    assert now is not None
    assert later is not None
    assert sum(len(c.services) for c in now.countries) > 10
    assert sum(len(c.services) for c in later.countries) == 0
    assert later.heading.startswith("0 services shown")


def test_a_shared_link_opens_its_passage_or_says_what_became_of_it(corpus: Corpus, visit: Visit) -> None:
    state, notice = shelves.linked(corpus, {}, "assad-2020/p40b#2")
    assert (state.detail, state.opened, notice) == ("assad-2020", "assad-2020/p40b", "")
    view = shelves.shelves(corpus, state, TODAY, {})
    assert view.detail is not None
    assert any(p.open for p in view.detail.passages.items)
    stones = {"gone-2020": Tombstone(id="gone-2020", removed_on="2026-11-01")}
    assert "removed on 1 November 2026" in shelves.linked(corpus, stones, "gone-2020/p4")[1]
    assert "no passage" in shelves.linked(corpus, {}, "<script>")[1]
    page = visit()
    page.query_params["passage"] = "assad-2020/p40b"
    opened = page.switch_page("sources.py").run()
    assert not opened.exception


def test_the_corpus_tells_its_version_balance_and_changes(corpus: Corpus) -> None:
    stones = {"gone-2020": Tombstone(id="gone-2020", removed_on="2027-01-01")}
    view = shelves.shelves(corpus, shelves.State(tab="corpus"), TODAY, stones).holdings
    assert view is not None
    assert view.facts[0].text == corpus.version
    assert view.missing
    assert view.changes[0].text == "gone-2020"
    assert [c.date for c in view.changes] == sorted((c.date for c in view.changes), reverse=True)


# --- evaluate ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The accepted baseline as a run, and the same made worse on purpose: every tenth accuracy case lost its facts."""
    folder = tmp_path_factory.mktemp("runs")
    base = read_baseline()
    few = tuple(r for r in base.results if r.task in ("accuracy", "safety"))
    accuracy = [r for r in few if r.task == "accuracy"]
    spoilt = {
        r.case: r._replace(
            shares={k: s._replace(part=0.0) if k == "nuggets_vital" else s for k, s in r.shares.items()},
            text="Nothing much.",
        )
        for r in accuracy[::4]
    }
    worse = tuple(spoilt.get(r.case, r) if r.task == "accuracy" else r for r in few)
    for name, results in (("sound", few), ("spoilt", worse)):
        (folder / name).mkdir()
        write(base._replace(name=name, results=results, times={"started": "2026-11-22T01:00"}), folder / name)
    return folder


def test_a_run_made_worse_is_not_safe_and_what_flipped_is_shown(runs: Path, corpus: Corpus) -> None:
    assert sorted(run_names(runs)) == ["sound", "spoilt"]
    held = load(runs, "spoilt", "sound")
    figures = evaluation(held, Evaluating(run="spoilt", against="sound"), run_names(runs), [], corpus)
    assert figures.verdict is not None
    assert not figures.verdict.passed
    assert any("vital" in f for f in figures.verdict.failures)
    assert "inspect view --log-dir" in figures.verdict.command
    assert figures.measures is not None
    (row,) = [r for g in figures.measures for r in g.rows if r.name == "nuggets vital"]
    assert "worse" in row.says
    assert row.change.startswith("−")
    assert re.search(r"\d to .*n=\d", row.interval)
    flipped = evaluation(held, Evaluating(run="spoilt", tab="changed"), [], [], corpus).cases
    assert flipped is not None
    assert flipped.items
    one = evaluation(held, Evaluating(run="spoilt", detail=flipped.items[0].id), [], [], corpus).detail
    assert one is not None
    assert [s.title for s in one.sides] == ["This run", "sound"]
    assert one.sides[0].text == "Nothing much."
    assert one.sides[1].cited[0].text


def test_cases_are_filtered_by_task_result_and_kind(runs: Path, corpus: Corpus) -> None:
    held = load(runs, "spoilt", BASELINE)
    chosen = Evaluating(run="spoilt", tab="cases", task="accuracy", result="short", tag="student")
    view = evaluation(held, chosen, [], [], corpus).cases
    assert view is not None
    assert view.items
    assert all(i.byline.startswith("accuracy") and "marks lost" in i.byline for i in view.items)
    assert evaluation(held, Evaluating(detail="no/such"), [], [], corpus).detail is None


def test_an_answer_becomes_a_case_once_a_person_has_said_what_is_right(visit: Visit) -> None:
    page = visit()
    ask(page, "Why did Erion from Kosovo go to Syria?")
    (exchange,) = page.session_state["conversation"].exchanges
    turns = (Turn(role="user", content=exchange.question),)
    made = draft("accuracy", turns, exchange.answer.to_json())
    faults = lacks("accuracy", made)
    assert any(f.startswith("kind") for f in faults)
    assert any("must" in f for f in faults)
    assert made["relevant"][0]["source"] == "assad-2020"
    made |= {"kind": "why_how", "voice": "student"}
    made["nuggets"] = [{**n, "must": [["help"]]} for n in made["nuggets"]]
    assert lacks("accuracy", made) == []
    items = items_of([(exchange.question, turns, exchange.answer.to_json())], [], None)
    assert [i.label for i in items] == ["This visit: Why did Erion from Kosovo go to Syria?"]


def test_the_page_reads_the_runs_of_this_machine(
    visit: Visit, runs: Path, settings: Settings, tmp_path: Path
) -> None:
    target = settings.data_dir / "evals" / "runs"
    shutil.copytree(runs, target, dirs_exist_ok=True)
    try:
        page = visit().switch_page("evaluate.py").run()
        view = shown(page, "evaluate")
        assert view["state"] == "ready", view["problem"]
        assert {"baseline", "sound", "spoilt"} <= {o["id"] for o in view["runs"]["options"]}
    finally:
        shutil.rmtree(target)
