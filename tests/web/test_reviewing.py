"""The Review page beside somebody who reviews the same draft on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag.ingest.draft import Draft, Jobs
from rag.ingest.run import ingest
from rag.settings import Settings
from tests.conftest import Run
from tests.ingest.documents import INTERVIEW, write

from .conftest import Visit, press, shown

SOURCE = "harbour-woman"


@pytest.fixture
def page(visit: Visit, at_the_machine: None, indexed: Settings, tmp_path: Path) -> AppTest:
    """The first passage of a draft, open before a curator at the machine."""
    ingest(indexed, [write(tmp_path / "talk.txt", INTERVIEW[:3])], source=SOURCE, job="talks")
    opened = visit(corpus_dir=indexed.corpus_dir, data_dir=indexed.data_dir).switch_page("review.py").run()
    return press(opened, "review", "open", SOURCE)


def now(settings: Settings) -> Draft:
    return Jobs(settings).find(SOURCE)[1]


def test_a_decision_on_the_page_does_not_undo_one_on_the_command_line(
    page: AppTest, indexed: Settings, run_on: Run
) -> None:
    first, second, third = (p.id for p in now(indexed).passages)
    assert shown(page, "review")["draft"]["passage"]["id"] == first
    for passage in (first, second):
        assert (
            run_on(indexed, "ingest", "leave-out", passage, "--reason", "a friend", "--by", "Ben").code == 0
        )

    accept = {"what": "accept", "by": "Ada", "passage": first, "tags": {"type": "testimony"}}
    view = shown(press(page, "review", "decide", accept), "review")
    assert f"{first} was left out by Ben meanwhile" in view["refused"]
    assert view["draft"]["progress"]["done"] == 2, "the page shows what the command line decided"
    assert [now(indexed).passage(p).by for p in (first, second)] == ["Ben", "Ben"]

    press(page, "review", "decide", {**accept, "passage": third})
    assert [p.by for p in now(indexed).passages] == ["Ben", "Ben", "Ada"]
    # Who has seen it may decide otherwise.
    view = shown(press(page, "review", "decide", accept), "review")
    assert view["refused"] == ""
    assert now(indexed).passage(first).by == "Ada"
