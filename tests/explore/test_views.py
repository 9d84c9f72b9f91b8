"""Comparisons, dates and tables of the corpus."""

from __future__ import annotations

import csv
import io

import pytest

from rag.corpus import load_corpus
from rag.corpus.stats import Table
from rag.explore import Holdings, Subject, compare, csv_text, timeline
from rag.explore.timeline import date_in
from rag.settings import ROOT

CORPUS = load_corpus(ROOT / "corpus")
HELD = Holdings.of(CORPUS)
WOMEN, MEN = Subject(facet="gender", value="woman"), Subject(facet="gender", value="man")


def test_every_cell_of_a_comparison_rests_on_passages_of_its_side_at_its_stage() -> None:
    found = compare(HELD, [WOMEN, MEN])
    assert [stage for stage, _ in found.rows] == [t.id for t in CORPUS.taxonomy.stages]
    for stage, cells in found.rows:
        for cell, column in zip(cells, found.columns, strict=True):
            for passage in cell.passages:
                assert stage in CORPUS.passages[passage].stage
                assert set(CORPUS.passages[passage].people) & set(column.people)


def test_an_empty_cell_is_there_and_empty() -> None:
    found = compare(
        HELD, [Subject(facet="person", value="erion"), Subject(facet="person", value="cassandra")]
    )
    assert any(not cell.passages for _, cells in found.rows for cell in cells)
    assert len(found.filled) <= len(found.rows)


@pytest.mark.parametrize(
    "sides", [[], [WOMEN], [WOMEN, WOMEN], [Subject(facet="age", value=str(n)) for n in range(5)]]
)
def test_a_comparison_has_two_to_four_sides(sides: list[Subject]) -> None:
    with pytest.raises(ValueError, match="2 to 4"):
        compare(HELD, sides)


def test_a_side_is_named_by_facet_and_value() -> None:
    assert Subject.parse("country=Kosovo") == Subject(facet="country", value="Kosovo")
    with pytest.raises(ValueError, match="not person=ID"):
        Subject.parse("stage=exit")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("She was sentenced on 29 July 2022 in Virginia.", "2022-07-29"),
        ("On July 29, 2022, she was sentenced.", "2022-07-29"),
        ("He pledged in November 2013, after a year in camp.", "2013-11"),
        ("They left between 2013 and 2015.", "2013"),
        ("In the summer of 2014 he married.", "2014"),
        ("A mid-2016 retreat.", "2016"),
        ("He had 2014 fighters under him.", None),
        ("In the 1990s he was a child.", None),
        ("Of 2000 men he was the youngest.", None),
        ("In May he left.", None),
        ("The article is under 10.1080/19434472.2020.1839118.", None),
        ("He came to 1914 Avenue Road.", None),
    ],
)
def test_only_what_a_sentence_itself_dates_is_dated(text: str, date: str | None) -> None:
    assert date_in(text) == date


def test_the_timeline_is_in_order_and_every_event_has_its_source() -> None:
    events = timeline(CORPUS, CORPUS.passages, [p.id for p in CORPUS.people])
    assert [e.date for e in events] == sorted(e.date for e in events)
    for event in events:
        held = {"told": CORPUS.statements, "legal": CORPUS.persons, "published": CORPUS.sources}[event.kind]
        assert event.reference in held
    assert {e.kind for e in events} == {"told", "legal", "published"}


def test_a_table_as_csv_reads_back_and_runs_no_formula() -> None:
    table = Table(title="", columns=("a", "b"), rows=(('He said "no", twice', 3), ("=1+1", -2)))
    assert list(csv.reader(io.StringIO(csv_text(table)))) == [
        ["a", "b"],
        ['He said "no", twice', "3"],
        ["'=1+1", "-2"],
    ]
