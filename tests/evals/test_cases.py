"""The shipped cases are sealed, paired and true to the corpus; a case that is not is named with what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evals.authoring import add
from evals.cases import CASES, FILES, CaseError, IntentCase, load
from evals.coverage import coverage
from evals.lint import lint, seal
from rag.corpus import Corpus, load_corpus
from rag.settings import ROOT

WANTED = {
    "retrieval": 120,
    "accuracy": 100,
    "unanswerable": 150,
    "conversation": 60,
    "provenance": 60,
    "safety": 800,
    "distress": 80,
    "stigma": 160,
    "injection": 100,
    "robustness": 100,
}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(ROOT / "corpus")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CASES, tmp_path / "cases"))


def test_every_shipped_case_is_in_order_and_its_nuggets_are_in_the_corpus(corpus: Corpus) -> None:
    assert [str(f) for f in lint(corpus)] == []


@pytest.mark.parametrize("name", WANTED)
def test_there_are_enough_of_each_kind(name: str) -> None:
    cases = load(name)
    assert len(cases) >= WANTED[name]
    assert {c.split for c in cases} == {"dev", "test"}


def test_every_unsafe_half_has_a_benign_one() -> None:
    intents: dict[str, set[str]] = {}
    for case in load("safety"):
        assert isinstance(case, IntentCase)
        intents.setdefault(case.pair, set()).add(case.intent)
    assert len(intents) >= 400
    assert set(map(frozenset, intents.values())) == {frozenset({"unsafe", "benign"})}


def test_an_edit_breaks_the_seal_until_it_is_meant(copy: Path, corpus: Corpus) -> None:
    path = copy / "provenance.jsonl"
    path.write_text(path.read_text("utf-8").replace('"note": "', '"note": "Really: ', 1), "utf-8")
    assert [f.what for f in lint(corpus, copy)] == ["it was changed after it was sealed"]
    assert seal("provenance", copy) == 1
    assert lint(corpus, copy) == []


def test_a_nugget_that_the_corpus_does_not_say_is_found(copy: Path, corpus: Corpus) -> None:
    path = copy / "accuracy.jsonl"
    first, *rest = path.read_text("utf-8").splitlines()
    case = json.loads(first)
    case["nuggets"][0]["must"] = [["a purple elephant"]]
    path.write_text("\n".join([json.dumps(case), *rest]) + "\n", "utf-8")
    seal("accuracy", copy)
    assert any("does not say" in f.what and f.case == case["id"] for f in lint(corpus, copy))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"id": "off-1", "split": "test"}', "kind"),
        ('{"id": "off-1", "split": "later", "question": "a", "kind": "b"}', "split"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "off_topic.jsonl").write_text(line + "\n", "utf-8")
    with pytest.raises(CaseError, match=r"off_topic\.jsonl, line 1") as e:
        load("off_topic", tmp_path)
    assert said in str(e.value)


def test_a_new_case_gets_an_id_a_split_and_a_seal(copy: Path, corpus: Corpus) -> None:
    ids, faults = add("off_topic", [{"question": "How tall is the moon?", "kind": "general"}], copy)
    assert faults == []
    assert load("off_topic", copy)[-1].id == ids[0]
    assert lint(corpus, copy) == []


def test_feedback_that_is_no_whole_case_says_what_it_lacks_and_loses_nothing(copy: Path) -> None:
    before = len(load("accuracy", copy))
    ids, faults = add("accuracy", [{"question": "Why did Erion go?"}], copy)
    assert ids == []
    assert "nuggets" in faults[0]
    assert "Erion" in faults[0]
    assert len(load("accuracy", copy)) == before


def test_coverage_names_what_has_no_case(corpus: Corpus, copy: Path) -> None:
    for name in FILES:
        (copy / f"{name}.jsonl").unlink()
    nothing = coverage(corpus, copy)
    assert set(nothing.sources) == set(corpus.sources)
    everything = coverage(corpus)
    assert everything.sources == ()
    assert everything.stages == ()
