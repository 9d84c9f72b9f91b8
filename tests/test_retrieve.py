"""Searching finds the passage that a reader means, whatever the wording, and facets hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.model import Filters
from rag.settings import ROOT


def places(assistant: Assistant, question: str, k: int = 5) -> list[tuple[str, int | None]]:
    return [(h.passage.source, h.passage.locator.paragraph) for h in assistant.search(question, k)]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("WHY DID THE GERMAN GUY GO TO SYRIA", ("assad-2020", 43)),
        ("whats the salery of the camera man", ("media-machine-2015", 27)),
        ("Warum ging der Mann aus Kosovo nach Syrien?", ("assad-2020", 40)),
        ("Combien gagnait le caméraman marocain ?", ("media-machine-2015", 27)),
        ("كم كان راتب المصور المغربي؟", ("media-machine-2015", 27)),
        ("did the podcast guy make it all up", ("caliphate-review-2019", 5)),
    ],
)
def test_shouting_typos_and_other_languages_find_the_passage(
    assistant: Assistant, question: str, place: tuple[str, int]
) -> None:
    assert place in places(assistant, question)


def test_a_paragraph_comes_once_before_any_of_its_siblings(assistant: Assistant) -> None:
    found = places(assistant, "Why did men from the Balkans go to Syria?", 8)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("stage=exit", lambda p, c: "exit" in p.stage),
        ("gender=woman", lambda p, c: any(c.persons[x].gender == "woman" for x in p.people)),
        ("country=Canada", lambda p, c: any("Canada" in c.persons[x].nationality for x in p.people)),
        ("source=gazette-2016", lambda p, c: p.source == "gazette-2016"),
        ("standing=retracted", lambda p, c: p.source == "caliphate-review-2019"),
    ],
)
def test_a_facet_lets_only_its_own_through(assistant: Assistant, where: str, holds: object) -> None:
    hits = assistant.search("Why did they leave?", 10, Filters.parse([where]))
    assert hits
    assert all(holds(h.passage, assistant.corpus) for h in hits)  # type: ignore[operator]


def test_an_unknown_facet_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="no facet 'mood'; there are stage, motive"):
        Filters.parse(["mood=sad"])


def test_recall_on_the_held_out_questions_stays_where_it_was_measured(assistant: Assistant) -> None:
    """A floor under the figure in docs/retrieval.md, so that a change that breaks retrieval cannot pass unseen."""
    cases = [
        json.loads(x) for x in Path(ROOT / "evals/cases/retrieval.jsonl").read_text("utf-8").splitlines()
    ]
    recalls = []
    for case in [c for c in cases if c["split"] == "test"][::3]:
        answers = {(r["source"], r["paragraph"]) for r in case["relevant"] if r["grade"] == 2}
        recalls.append(len(answers & set(places(assistant, case["question"]))) / min(5, len(answers)))
    assert sum(recalls) / len(recalls) >= 0.84
