"""Removal from the corpus files: the entry goes with all that hung on it, and everything else stays as it was typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.corpus import load_corpus
from rag.corpus.ids import locked_ids, tombstones
from rag.corpus.lint import lint
from rag.corpus.removal import RemovalError, take_out
from rag.corpus.yaml_text import UnexpectedLayout, parsed, with_item, without_item
from rag.settings import ROOT

TODAY = dt.date(2026, 11, 21)
Change = Callable[[str, str, str], None]
PASSAGES = [
    "harbour-2020/p2",
    "harbour-2020/p3",
    "harbour-2020/p4",
    "harbour-2020/p5a",
    "harbour-2020/p5b",
    "undercover-2018/p2",
    "undercover-2018/p3",
]


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def clean(corpus: Path) -> bool:
    return lint(corpus, corpus / "originals", TODAY) == []


@pytest.mark.parametrize("passage", PASSAGES)
def test_any_passage_can_be_removed_and_the_corpus_stays_in_order(passage: str, invented: Path) -> None:
    before = load_corpus(invented)
    taken = take_out(invented, passage, TODAY)
    after = load_corpus(invented)
    assert taken.passages == (passage,)
    assert after.passages.keys() == before.passages.keys() - {passage}
    assert clean(invented)


def test_strangers_questions_go_with_their_passage_and_the_others_stay(invented: Path) -> None:
    before = lines(invented / "asked.jsonl")
    take_out(invented, "harbour-2020/p3", TODAY)
    assert lines(invented / "asked.jsonl") == before[2:]
    take_out(invented, "harbour-2020", TODAY)
    assert lines(invented / "asked.jsonl") == []


def test_a_question_that_names_a_removed_person_goes_wherever_it_stands(invented: Path) -> None:
    asked = invented / "asked.jsonl"
    name = load_corpus(invented).persons["nadia-berg"].name
    line = f'{{"passage": "harbour-2020/p3", "answers": [1], "question": "was {name} one of those who left"}}'
    asked.write_text(asked.read_text("utf-8") + line + "\n", "utf-8")
    take_out(invented, "nadia-berg", TODAY)
    assert name not in asked.read_text("utf-8")


def test_only_lines_of_the_passage_go_and_one_line_says_that_it_is_gone(invented: Path) -> None:
    source = invented / "sources" / "harbour-2020.yaml"
    before = lines(source)
    take_out(invented, "harbour-2020/p3", TODAY)
    after = lines(source)
    start = before.index("  - id: harbour-2020/p3")
    end = before.index("  # The curator was not sure whether the aunt should be named.")
    added = "- {paragraph: 3, reason: removed on request}"
    assert [line for line in after if line != added] == before[:start] + before[end:]
    assert after.index(added) == after.index("- paragraph: 4") - 1


def test_a_comment_above_a_passage_goes_with_it(invented: Path) -> None:
    take_out(invented, "harbour-2020/p4", TODAY)
    assert "aunt" not in (invented / "sources" / "harbour-2020.yaml").read_text("utf-8")


def test_a_note_goes_when_no_other_passage_names_it(invented: Path) -> None:
    take_out(invented, "harbour-2020/p4", TODAY)
    assert [n.id for n in load_corpus(invented).sources["harbour-2020"].editorial_notes] == ["n2"]
    take_out(invented, "harbour-2020/p5b", TODAY)
    assert [n.id for n in load_corpus(invented).sources["harbour-2020"].editorial_notes] == ["n2"]
    take_out(invented, "harbour-2020/p2", TODAY)
    assert load_corpus(invented).sources["harbour-2020"].editorial_notes == ()


def test_a_paragraph_that_has_another_passage_is_not_listed_as_left_out(invented: Path) -> None:
    take_out(invented, "harbour-2020/p5a", TODAY)
    (file, *_) = load_corpus(invented).files
    assert 5 not in [n for left in file.left_out for n in left.covers]


def test_an_example_of_the_taxonomy_does_not_lead_nowhere(invented: Path) -> None:
    take_out(invented, "harbour-2020/p2", TODAY)
    joining, *_ = load_corpus(invented).taxonomy.stages
    assert joining.example is None


def test_the_last_passage_of_a_source_can_go_too(invented: Path) -> None:
    take_out(invented, "undercover-2018/p2", TODAY)
    take_out(invented, "undercover-2018/p3", TODAY)
    assert "passages: []" in lines(invented / "sources" / "undercover-2018.yaml")
    assert clean(invented)


def test_a_whole_source_goes_with_the_people_who_are_only_in_it(invented: Path) -> None:
    taken = take_out(invented, "undercover-2018", TODAY)
    corpus = load_corpus(invented)
    assert taken.passages == ("undercover-2018/p2", "undercover-2018/p3")
    assert list(corpus.sources) == ["harbour-2020"]
    assert list(corpus.persons) == ["nadia-berg", "jonas-lie"]
    assert corpus.persons["jonas-lie"].same_as == ()
    assert [t.sources for t in corpus.terms] == [("harbour-2020",), ("harbour-2020",)]
    assert clean(invented)


def test_what_remains_is_the_id_and_the_date_and_nothing_else(invented: Path) -> None:
    take_out(invented, "harbour-2020/p4", TODAY)
    stones = parsed((invented / "tombstones.yaml").read_text("utf-8"))
    assert stones == {"tombstones": [{"id": "harbour-2020/p4", "removed_on": "2026-11-21"}]}
    assert {"harbour-2020/p4", "harbour-2020/p4#1", "harbour-2020/p4#2"} <= locked_ids(invented)


def test_people_who_have_no_passage_left_are_reported(invented: Path) -> None:
    assert take_out(invented, "harbour-2020/p2", TODAY).people_left == ()
    assert take_out(invented, "harbour-2020/p5b", TODAY).people_left == ("jonas-lie",)


def test_removing_twice_changes_nothing_and_keeps_the_first_date(invented: Path) -> None:
    take_out(invented, "harbour-2020/p4", TODAY)
    before = {p: p.read_bytes() for p in invented.rglob("*") if p.is_file()}
    again = take_out(invented, "harbour-2020/p4", dt.date(2027, 1, 1))
    assert (again.passages, again.removed_on) == ((), "2026-11-21")
    assert {p: p.read_bytes() for p in invented.rglob("*") if p.is_file()} == before


def test_a_removal_that_died_after_the_tombstone_is_finished_by_the_next(
    invented: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            take_out(invented, "harbour-2020/p4", TODAY)
    assert "harbour-2020/p4" in tombstones(invented)
    assert "harbour-2020/p4" in load_corpus(invented).passages
    assert take_out(invented, "harbour-2020/p4", TODAY).passages == ("harbour-2020/p4",)
    assert clean(invented)
    assert not list(invented.rglob("*.new"))


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("harbour-2020/p7", "Did you mean harbour-2020/p"),
        ("harbour-2020/p4#2", "a passage is removed as a whole: exitvoices corpus remove harbour-2020/p4"),
        ("nadia-brg", "Did you mean nadia-berg?"),
        ("nothing like it", "corpus stats lists the sources"),
    ],
)
def test_an_unknown_id_is_refused_with_a_hint_and_nothing_changes(
    wanted: str, hint: str, invented: Path
) -> None:
    before = {p: p.read_bytes() for p in invented.rglob("*") if p.is_file()}
    with pytest.raises(RemovalError) as refused:
        take_out(invented, wanted, TODAY)
    assert hint in str(refused.value)
    assert {p: p.read_bytes() for p in invented.rglob("*") if p.is_file()} == before


def test_a_file_in_an_unusual_layout_is_left_alone_rather_than_damaged(
    invented: Path, change: Change
) -> None:
    change(
        "sources/undercover-2018.yaml",
        "left_out:\n- {paragraph: 1, reason: title}",
        "left_out: [{paragraph: 1, reason: title}]",
    )
    before = lines(invented / "sources" / "undercover-2018.yaml")
    with pytest.raises(UnexpectedLayout, match="left_out"):
        take_out(invented, "undercover-2018/p3", TODAY)
    assert lines(invented / "sources" / "undercover-2018.yaml") == before


@pytest.mark.parametrize("path", sorted((ROOT / "corpus" / "sources").glob("*.yaml")), ids=lambda p: p.stem)
def test_each_passage_of_the_shipped_sources_can_be_cut_as_text(path: Path) -> None:
    text = path.read_text("utf-8")
    data = parsed(text)
    total = len(data["passages"])
    for position in {0, 1, total // 2, total - 1}:
        left = parsed(without_item(text, ("passages", position)))
        expected = [p for n, p in enumerate(data["passages"]) if n != position]
        assert left == {**data, "passages": expected}


LAYOUTS = {
    "indented": "items:\n  - a: 1\n\n  # about b\n  - b: |\n      long\n      text\n\n  - c: 3 # end\nrest: 1\n",
    "flush": "items:\n- a: 1\n- b:\n  - x\n  - y\n- c: 3\nrest: 1\n",
    "flow": "items: [{a: 1}, {b: 2}, {c: 3}] # three\nrest: 1\n",
    "flow over lines": "items: [{a: 1},\n    {b: 2},\n  {c: 3}]\nrest: 1\n",
    "folded": "items:\n- a: one\n    two\n- b: >-\n    two\n    three\n- c: 'it''s'\n",
    "with umlauts": "items:\n- a: äöü “x”\n- b: ’ß\n- c: é\n",
    "at the end without a line break": "items:\n- a: 1\n- b: 2\n- c: 3",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("position", [0, 1, 2])
def test_an_item_is_cut_from_a_list_in_any_layout(layout: str, position: int) -> None:
    data = parsed(layout)
    expected = {**data, "items": [item for n, item in enumerate(data["items"]) if n != position]}
    assert parsed(without_item(layout, ("items", position))) == expected


@pytest.mark.parametrize(
    "layout", ["items:\n- a: 1\n", "items: [{a: 1}]\n", "items:\n  # about a\n  - a: 1\nrest: 1\n"]
)
def test_a_list_that_loses_its_only_item_is_an_empty_list(layout: str) -> None:
    assert parsed(without_item(layout, ("items", 0)))["items"] == []


@pytest.mark.parametrize(
    "layout",
    ["rest: 1\n", "items: []\nrest: 1\n", "rest: 1\nitems:\n  - {b: 2}\n", "items:\n- {b: 2}\nrest: 1\n"],
)
def test_an_item_is_put_at_the_head_of_any_list(layout: str) -> None:
    before = parsed(layout)
    after = parsed(with_item(layout, "items", "{a: 1}", 0))
    assert after == {**before, "items": [{"a": 1}, *(before.get("items") or [])]}
