"""Several people review one draft at once, on the page and on the command line: no decision is lost, none is made on
words that have changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from rag.cli import main
from rag.corpus import load_corpus
from rag.embed import VectorStore
from rag.ingest import publish as publishing
from rag.ingest import run as running
from rag.ingest import suggest as suggesting
from rag.ingest.draft import Draft, DraftError, Jobs
from rag.ingest.review import Review
from rag.ingest.run import ingest
from rag.settings import Settings
from tests.ingest.documents import INTERVIEW, write
from tests.ingest.test_way import CARD, TODAY, reviewed

SOURCE = "harbour-woman"
KIND = {"type": "testimony"}


@pytest.fixture
def document(home: Settings, tmp_path: Path) -> Path:
    path = write(tmp_path / "talk.txt", INTERVIEW[:4])
    ingest(home, [path], source=SOURCE, job="talks")
    return path


def now(home: Settings) -> Draft:
    return Jobs(home).find(SOURCE)[1]


def at_work(home: Settings, by: str) -> Review:
    job, draft = Jobs(home).find(SOURCE)
    return Review(job, draft, load_corpus(home.corpus_dir), by, TODAY.isoformat())


def test_decisions_of_two_people_with_the_same_draft_before_them_are_both_kept(
    home: Settings, document: Path
) -> None:
    ada, ben = at_work(home, "Ada"), at_work(home, "Ben")
    first, second, third, *_ = (p.id for p in ada.draft.passages)
    ada.accept(first, KIND)
    ben.leave_out(second, "about her mother")
    assert [(now(home).passage(p).state, now(home).passage(p).by) for p in (first, second)] == [
        ("accepted", "Ada"),
        ("left_out", "Ben"),
    ]
    following = ada.next_open()
    assert following is not None
    assert following.id == third, "what Ben decided is not asked again"
    cem = at_work(home, "Cem")
    ben.leave_out(second, "names a third person")
    with pytest.raises(DraftError, match=f"{second} was left out by Ben meanwhile.*look at it again"):
        cem.accept(second, KIND)
    assert now(home).passage(second).reason == "names a third person"
    cem.accept(second, KIND)  # who has looked at it again may decide otherwise
    assert now(home).passage(second).by == "Cem"


def test_nobody_accepts_words_that_somebody_else_has_changed(home: Settings, document: Path) -> None:
    ada, ben = at_work(home, "Ada"), at_work(home, "Ben")
    first = ada.draft.passages[0].id
    ben.edit(first, "I was nineteen when I first heard of it.")
    with pytest.raises(DraftError, match="was changed meanwhile"):
        ada.accept(first, KIND)
    assert now(home).passage(first).state == "open"


def test_decisions_at_the_same_moment_are_all_kept(home: Settings, document: Path) -> None:
    works = [(at_work(home, f"Reviewer {n}"), p.id) for n, p in enumerate(now(home).passages)]
    together = threading.Barrier(len(works))

    def decide(work: Review, passage: str) -> None:
        together.wait()
        work.accept(passage, KIND)

    threads = [threading.Thread(target=decide, args=x) for x in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert now(home).count("open") == 0
    assert len({p.by for p in now(home).passages}) == len(works)


def test_what_two_people_state_of_the_card_is_joined_and_a_contradiction_is_told(
    home: Settings, document: Path
) -> None:
    ada, ben = at_work(home, "Ada"), at_work(home, "Ben")
    ada.state_card({"publisher": "Harbour Oral History", "kind": "interview"})
    # The page sends every field of its form, changed or not.
    ben.state_card({"publisher": "", "rights": "For teaching", "kind": "interview"})
    stated = {"publisher": "Harbour Oral History", "kind": "interview", "rights": "For teaching"}
    assert now(home).card == stated
    cem = at_work(home, "Cem")
    at_work(home, "Ada").state_card({"rights": "Consent form 12"})
    with pytest.raises(DraftError, match=r"stated 'rights' of the card meanwhile.*Consent form 12"):
        cem.state_card({"rights": "For schools"})
    assert now(home).card["rights"] == "Consent form 12"


def test_the_walk_on_the_command_line_knows_what_the_page_decided_meanwhile(
    home: Settings, document: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rag.settings.get_settings", lambda: home)
    first, second, third, *_ = (p.id for p in now(home).passages)

    def typed() -> Iterator[str]:
        page = at_work(home, "Ben")
        page.accept(second, KIND)
        page.leave_out(first, "about a friend")
        yield from ("l", "too short")  # of the first, which Ben has just left out
        yield from ("l", "about the farm")  # of the third: the second is not asked
        yield "q"

    keys = typed()
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(keys))
    assert main(["ingest", "review", SOURCE, "--by", "Ada"]) == 0
    assert f"{first} was left out by Ben meanwhile" in capsys.readouterr().err
    held = now(home)
    assert (held.passage(first).reason, held.passage(first).by) == ("about a friend", "Ben")
    assert (held.passage(second).state, held.passage(second).by) == ("accepted", "Ben")
    assert (held.passage(third).reason, held.passage(third).by) == ("about the farm", "Ada")


def test_what_is_decided_while_a_document_is_read_again_or_published_stays(
    home: Settings, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (p.id for p in now(home).passages[:2])

    def while_reading(*given: object) -> object:
        at_work(home, "Ben").accept(first, KIND)
        return read(*given)  # type: ignore[arg-type]

    read = running.read_safely
    monkeypatch.setattr(running, "read_safely", while_reading)
    write(document, INTERVIEW[:5])
    assert ingest(home, [document], job="talks").files[0].outcome == "updated"
    assert now(home).passage(first).by == "Ben"

    def while_building(*given: object) -> object:
        at_work(home, "Ben").leave_out(second, "she asked for it")
        return build(*given)  # type: ignore[arg-type]

    build = publishing.ensure_index
    monkeypatch.setattr(publishing, "ensure_index", while_building)
    work = reviewed(home, SOURCE)
    publishing.publish(home, work.job, work.draft, TODAY)
    assert now(home).published == TODAY.isoformat()
    assert now(home).passage(second).reason == "she asked for it"
    assert now(home).card == CARD


def test_what_is_decided_while_tags_are_suggested_stays(
    home: Settings, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = now(home).passages[0].id

    def while_embedding(settings: Settings) -> VectorStore:
        at_work(home, "Ben").accept(first, KIND)
        return store(settings)

    store = suggesting.vector_store
    monkeypatch.setattr(suggesting, "vector_store", while_embedding)
    suggesting.suggest(home, "talks")
    assert (now(home).passage(first).state, now(home).passage(first).by) == ("accepted", "Ben")


def test_a_decision_does_not_bring_back_a_draft_that_was_removed(home: Settings, document: Path) -> None:
    ada = at_work(home, "Ada")
    assert Jobs(home).forget(SOURCE) == 1
    with pytest.raises(DraftError, match=f"no draft of '{SOURCE}'"):
        ada.accept(ada.draft.passages[0].id, KIND)
    assert [p.name for p in (home.data_dir / "ingest").rglob("*") if p.is_file()] == [".lock"]
