"""A document's way: drafted, reviewed, published, answered from, changed, taken out; nothing unreviewed gets in."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml

from rag.assistant import Assistant
from rag.cli import main
from rag.corpus import load_corpus
from rag.corpus.ids import lock_ids, tombstones
from rag.corpus.lint import lint
from rag.ingest.draft import DraftError, Jobs
from rag.ingest.publish import publish, worksheet
from rag.ingest.review import Review
from rag.ingest.run import ingest
from rag.settings import Settings
from rag.takedown import remove
from tests.ingest.documents import INTERVIEW, TITLE, write

TODAY = dt.date(2026, 11, 22)
CARD = {
    "title": TITLE,
    "publisher": "Harbour Oral History",
    "published": "2024-05",
    "url": "https://example.org/harbour",
    "kind": "interview",
    "rights": "Licensed by the speaker for teaching; consent form 12 of 2024.",
    "summary": "A woman tells how she joined and left Northwatch. Recorded in 2024.",
    "method": "Two conversations in her kitchen; nobody else was in the room.",
}
PRIVATE = "A guard named Torvald Grimsrud gave me his number, +44 7700 900123, and told me never to use it."


def reviewed(home: Settings, source: str, **choices: object) -> Review:
    """Everything accepted, masks first."""
    job, draft = Jobs(home).find(source)
    work = Review(job, draft, load_corpus(home.corpus_dir), "Ada Curator", TODAY.isoformat())
    for p in work.draft.passages:
        if p.state == "open":
            work.mask(p.id)
            work.accept(p.id, {"type": "testimony", **choices})
    work.state_card(CARD)
    return work


def published(home: Settings, path: Path) -> Review:
    ingest(home, [path], source="harbour-woman", job="talks")
    work = reviewed(home, "harbour-woman")
    publish(home, work.job, work.draft, TODAY)
    return work


def test_an_interview_becomes_answers_with_exact_quotations(home: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "talk.docx", (*INTERVIEW, PRIVATE))
    before = set(load_corpus(home.corpus_dir).passages)
    ingest(home, [path], source="harbour-woman", job="talks")
    assert set(load_corpus(home.corpus_dir).passages) == before, "a draft is no part of the corpus"
    job, draft = Jobs(home).find("harbour-woman")
    with pytest.raises(DraftError, match=r"not ready.*9 passages to decide on.*title"):
        publish(
            home,
            job,
            draft.model_copy(update={"guesses": draft.guesses.model_copy(update={"title": None})}),
            TODAY,
        )
    work = Review(job, draft, load_corpus(home.corpus_dir), "Ada Curator", TODAY.isoformat())
    last = draft.passages[-1].id
    with pytest.raises(DraftError, match=r"to settle first.*person 'Torvald Grimsrud'.*phone"):
        work.accept(last, {"type": "testimony"})
    work = reviewed(home, "harbour-woman")
    with pytest.raises(DraftError, match="say who reviews"):
        Review(work.job, work.draft, load_corpus(home.corpus_dir), " ", "")

    done = publish(home, work.job, work.draft, TODAY)

    assert (done.passages, done.left_out) == (9, 1)
    problems = [p for p in lint(home.corpus_dir, job.folder, TODAY) if p.file == "harbour-woman.yaml"]
    assert problems == [], "also held against the original"
    corpus = load_corpus(home.corpus_dir)
    text = (home.corpus_dir / "sources" / "harbour-woman.yaml").read_text("utf-8")
    assert "Grimsrud" not in text
    assert "900123" not in text
    assert corpus.passages[last].statements == (
        "A guard named [person 1] gave me his number, [phone 1], and told me never to use it.",
    )
    assert job.key("harbour-woman") == {"[person 1]": "Torvald Grimsrud", "[phone 1]": "+44 7700 900123"}
    assert corpus.passages[last].reviewed is not None
    assert corpus.passages[last].reviewed.by == "Ada Curator"
    assert {line["what"] for line in job.logged("harbour-woman")} == {"masked", "accepted", "card"}

    assistant = Assistant.open(home)
    for question, words in (
        ("What did the treasurer buy with the money for the prisoners' families?", "bought himself a boat"),
        ("How did her aunt help her to leave Northwatch?", "It was my aunt who made it possible to leave"),
        ("How long did she sleep badly after she left?", "For eight months I slept badly"),
    ):
        answer = assistant.answer(question)
        assert answer.outcome in ("answered", "partial"), question
        lead = answer.sentences[0]
        assert words in " ".join(s.text for s in answer.sentences), (question, answer.text)
        assert lead.text.startswith(f"{TITLE}: “")
        assert lead.text.endswith("”")
        cited = next(c for c in answer.citations if c.statement == lead.citations[0])
        assert any(cited.quote in p for p in INTERVIEW), "the quotation is the original's, letter by letter"
        assert cited.locator.startswith("paragraph ")
    assistant.index.close()


def test_words_that_were_changed_after_the_review_are_refused(home: Settings, tmp_path: Path) -> None:
    published(home, write(tmp_path / "talk.txt"))
    path = home.corpus_dir / "sources" / "harbour-woman.yaml"
    path.write_text(path.read_text("utf-8").replace("bought himself a boat", "bought us all a boat"), "utf-8")
    assert any("changed after its review" in p.what for p in lint(home.corpus_dir, None, TODAY))


def test_a_changed_document_shows_what_changed_and_keeps_ids_and_decisions(
    home: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path / "talk.txt")
    published(home, path)
    lock_ids(home.corpus_dir)
    changed = [p.replace("a boat", "a house") for p in INTERVIEW[:-1]]
    write(path, changed)
    report = ingest(home, [path], job="talks")
    assert report.files[0].outcome == "updated"
    assert dict(report.files[0].changes) == {"changed": 1, "gone": 1}
    job, draft = Jobs(home).find("harbour-woman")
    (differs,) = [c for c in draft.changes if c.what == "changed"]
    assert ("a boat" in differs.before, "a house" in differs.after) == (True, True)
    assert [p.id for p in draft.passages if p.state == "open"] == [differs.id]
    work = reviewed(home, "harbour-woman")
    done = publish(home, job, work.draft, TODAY)
    assert done.gone == ("harbour-woman/p9",)
    assert "harbour-woman/p9" in tombstones(home.corpus_dir), "a published id is buried, not forgotten"
    assert "a house" in load_corpus(home.corpus_dir).passages[differs.id].text


def test_a_removed_verbatim_passage_is_in_no_byte_on_the_disk_and_does_not_come_back(
    home: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path / "talk.txt", (*INTERVIEW, PRIVATE))
    published(home, path)
    words = (
        b"bought himself a boat",
        b"himself a boat with",
        b"doubt is a kind of theft",
        b"Grimsrud",
        b"900123",
    )
    everything = lambda: [p for p in (tmp_path / "home").rglob("*") if p.is_file()]  # noqa: E731
    assert all(any(w in p.read_bytes() for p in everything()) for w in words), "they are there before"

    remove(home, "harbour-woman/p6", TODAY)

    assert [p.name for p in everything() for w in words if w in p.read_bytes()] == []
    assert "harbour-woman/p5" in load_corpus(home.corpus_dir).passages
    ingest(home, [path], source="harbour-woman", job="talks")
    _, draft = Jobs(home).find("harbour-woman")
    assert "harbour-woman/p6" not in {p.id for p in draft.passages}
    open_again = [p.id for p in draft.passages if p.state == "open"]
    assert open_again == ["harbour-woman/p10"], (
        "decisions are taken from the corpus; the key to the masks is gone"
    )
    remove(home, "harbour-woman", TODAY)
    assert [p.name for p in everything() if b"Northwatch" in p.read_bytes()] == []
    again = ingest(home, [path], source="harbour-woman", job="talks")
    assert "was removed on" in again.files[0].error


def test_a_failed_publication_leaves_the_corpus_as_it_was(home: Settings, tmp_path: Path) -> None:
    ingest(home, [write(tmp_path / "talk.txt")], source="harbour-woman", job="talks")
    work = reviewed(home, "harbour-woman")
    work.state_card({"standing": "disputed"})
    before = {p: p.read_bytes() for p in home.corpus_dir.rglob("*") if p.is_file()}
    with pytest.raises(DraftError, match=r"left as it was.*disputed"):
        publish(home, work.job, work.draft, TODAY)
    work.state_card({"kind": "gossip"})
    with pytest.raises(DraftError, match="kind"):
        publish(home, work.job, work.draft, TODAY)
    assert {p: p.read_bytes() for p in home.corpus_dir.rglob("*") if p.is_file()} == before


def test_a_worksheet_for_an_account_holds_no_ready_statement(home: Settings, tmp_path: Path) -> None:
    ingest(home, [write(tmp_path / "talk.txt")], source="harbour-woman", rendering="account")
    job, draft = Jobs(home).find("harbour-woman")
    made = yaml.safe_load(worksheet(draft))
    assert {tuple(p["statements"]) for p in made["passages"]} == {()}
    assert "# original: That winter the treasurer" in worksheet(draft)
    with pytest.raises(DraftError, match="in your own words"):
        publish(home, job, reviewed(home, "harbour-woman").draft, TODAY)


def test_the_command_line_takes_a_folder_from_draft_to_corpus(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rag.settings.get_settings", lambda: home)
    write(tmp_path / "talk.html", (*INTERVIEW, PRIVATE))

    def said(*line: str, code: int = 0) -> str:
        assert main(["ingest", *line]) == code, capsys.readouterr().err
        return capsys.readouterr().out

    drafted = json.loads(
        said(str(tmp_path / "talk.html"), "--id", "harbour-woman", "--rights", CARD["rights"], "--json")
    )
    assert drafted["files"][0]["outcome"] == "drafted"
    assert json.loads(said("report", "--json")) == {**drafted}
    assert "needs method" in said("card", "harbour-woman")
    said("accept", "harbour-woman", "--by", "Ada", code=1)
    assert "Torvald Grimsrud" in said("show", "harbour-woman/p12")
    said(
        "keep",
        "harbour-woman/p12",
        "--words",
        "Torvald Grimsrud",
        "--reason",
        "named in the judgement",
        "--by",
        "Ada",
    )
    said("accept", "harbour-woman/p12", "--mask", "--by", "Ada")
    said("leave-out", "harbour-woman/p3", "--reason", "about her mother", "--by", "Ada", code=1)
    first = json.loads(said("show", "harbour-woman", "--json"))["passages"][0]["id"]
    said("leave-out", first, "--reason", "about a third person", "--by", "Ada")
    said("card", "harbour-woman", *(f"{k}={v}" for k, v in CARD.items() if k != "rights"), "--by", "Ada")
    assert json.loads(said("status", "--json"))[0]["needs"] == []
    assert "8 passages" in said("publish", "harbour-woman")
    held = load_corpus(home.corpus_dir)
    assert "Torvald Grimsrud" in held.passages["harbour-woman/p12"].text
    left = {
        o.covers.start: o.reason for f in held.files if f.source.id == "harbour-woman" for o in f.left_out
    }
    assert "about a third person" in left.values()
    assert "no draft of 'nobody'" in _error(capsys, ["ingest", "show", "nobody"])


def _error(capsys: pytest.CaptureFixture[str], line: list[str]) -> str:
    assert main(line) == 2
    return capsys.readouterr().err
