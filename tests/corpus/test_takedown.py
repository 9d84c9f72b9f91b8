"""Takedown: what was removed is in no byte of the corpus, the vectors, the caches or any index."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rag.answer.write import cache
from rag.answer.write.parse import Draft
from rag.assistant import Assistant
from rag.cli import main
from rag.corpus import edits, load_corpus
from rag.corpus.ids import locked_ids, tombstones
from rag.corpus.lint import lint
from rag.embed import make_embeddings, model_name, text_key
from rag.index import Index, current_index, ensure_index, remove_all
from rag.index.build import embedded_texts, unit_texts, vector_store, vocabulary
from rag.link import person_facts
from rag.settings import Settings
from rag.store import Feedback, Store
from rag.takedown import RemovalError, RemovalReport, foreseen, remove
from rag.text import content_words, stem

TODAY = dt.date(2026, 11, 21)
PASSAGE = "harbour-2020/p4"


@dataclass(frozen=True)
class Traces:
    """Every form in which a passage can lie on a disk."""

    texts: tuple[bytes, ...]
    raw_vectors: tuple[bytes, ...]
    index_vectors: tuple[bytes, ...]
    vectors: np.ndarray
    keys: tuple[bytes, ...]
    words: tuple[str, ...]

    @property
    def all(self) -> tuple[bytes, ...]:
        return (*self.texts, *self.raw_vectors, *self.index_vectors, *self.keys)


def traces(settings: Settings, *gone: str) -> Traces:
    """Of passages, taken from the index and the vectors before they are removed."""
    corpus = load_corpus(settings.corpus_dir)
    passages = [corpus.passages[g] for g in gone]
    rest = [p for p in corpus.passages.values() if p.id not in gone]
    units = [(side, text) for p in passages for _, _, side, text in unit_texts(p, corpus)]
    # Lines of a file break where they fill up, so a sentence is also looked for by its first and last words.
    words = [text.split() for _, text in units]
    pieces = {" ".join(part) for w in words for part in (w, w[:4], w[-4:], w[2:6])}
    stems = {" ".join(stem(w) for w in content_words(text)) for _, text in units}
    escaped = {json.dumps(t)[1:-1] for t in pieces}
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    # Single words have vectors too; those that nothing else in the corpus uses have to go with the passage.
    people = " ".join(person_facts(p) for p in corpus.people)
    used = set(content_words(" ".join([people, *(t for p in rest for t in (p.text, *p.questions))])))
    own_words = sorted({w for _, text in units for w in content_words(text)} & set(vocabulary(corpus)) - used)
    units += [("query", w) for w in own_words]

    def unavailable() -> None:
        raise AssertionError("the vectors are there already")

    raw = vector_store(settings).vectors(units, unavailable)  # type: ignore[arg-type]
    index = Index(ensure_index(settings))
    rows = [row for g in gone for row in index.rows_of(index.position[g])]
    own = index.vectors(rows)
    index.close()
    return Traces(
        texts=tuple(t.encode(encoding) for t in pieces | stems | escaped for encoding in encodings),
        raw_vectors=tuple(_both_widths(raw)),
        index_vectors=tuple(_both_widths(own)),
        vectors=own,
        keys=tuple(text_key(side, text).encode() for side, text in units),
        words=tuple(own_words),
    )


def _both_widths(rows: Iterable[np.ndarray]) -> Iterator[bytes]:
    """A vector as float16 and float32; a tenth of it is enough, since a page of a database may end within it."""
    for row in rows:
        for part in (row[: len(row) // 10], row[-(len(row) // 10) :]):
            yield part.astype(np.float16).tobytes()
            yield part.astype(np.float32).tobytes()


def found(needles: Iterable[bytes], *folders: Path) -> dict[str, list[bytes]]:
    """Which of the needles lie in files of which name, every byte of every file looked at."""
    needles = list(needles)
    where: dict[str, list[bytes]] = {}
    for path in (p for folder in folders for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        hits = [n for n in needles if n in content]
        if hits:
            where.setdefault(path.name, []).extend(hits)
    return where


def near(vectors: np.ndarray, *folders: Path) -> dict[str, set[int]]:
    """Which of the vectors lie as float32 in files of which name, at any byte and up to rounding.

    Chroma scales vectors to unit length once more, so its bytes are not quite those that it was given.
    """
    where: dict[str, set[int]] = {}
    for path in (p for folder in folders for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        for shift in range(4):
            if len(content) < shift + 4:
                continue
            values = np.frombuffer(content, "<f4", count=(len(content) - shift) // 4, offset=shift)
            for n, vector in enumerate(vectors):
                starts = np.arange(len(values) - len(vector) + 1)
                for k, value in enumerate(vector):
                    with np.errstate(invalid="ignore", over="ignore"):
                        starts = starts[np.abs(values[starts + k] - value) < 2e-4]
                    if not len(starts):
                        break
                else:
                    where.setdefault(path.name, set()).add(n)
    return where


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory, invented_corpus: Path) -> Path:
    """The invented corpus with an index and with committed vectors, as a released corpus has them."""
    home = tmp_path_factory.mktemp("released")
    shutil.copytree(invented_corpus, home / "corpus")
    made = _settings(home)
    ensure_index(made)
    texts = embedded_texts(load_corpus(made.corpus_dir))
    vector_store(made).commit(texts, lambda: make_embeddings(made), lambda done, total: None)
    return home


@pytest.fixture
def settings(released: Path, tmp_path: Path) -> Settings:
    """A copy of it that a test may change."""
    return _settings(Path(shutil.copytree(released, tmp_path / "home")))


def _settings(home: Path) -> Settings:
    return Settings(_env_file=None, corpus_dir=home / "corpus", data_dir=home / "data")  # type: ignore[call-arg]


def test_nothing_of_a_removed_passage_is_left_on_the_disk(settings: Settings) -> None:
    left = traces(settings, PASSAGE)
    before = found(
        left.all, settings.corpus_dir / "sources", settings.corpus_dir / "vectors", settings.data_dir
    )
    assert {
        "harbour-2020.yaml",
        "corpus.json",
        "lexical.sqlite3",
        "vectors.npy",
        "vectors.sqlite3",
        f"{model_name(settings)}.npy",
        f"{model_name(settings)}.keys",
    } <= before.keys(), "the search has to find the passage while it is there"
    assert set(left.keys) <= set(before[f"{model_name(settings)}.keys"])
    assert set(left.raw_vectors[::2]) <= set(before["vectors.sqlite3"]), "vectors are kept as float16"
    assert set(left.index_vectors[1::2]) <= set(before["vectors.npy"]), "and as float32 in the index"
    assert near(left.vectors, settings.data_dir)["data_level0.bin"] == set(range(len(left.vectors)))

    report = remove(settings, PASSAGE, TODAY)

    shutil.rmtree(settings.corpus_dir / "originals")  # the publisher's texts are no part of a corpus
    assert found(left.all, settings.corpus_dir, settings.data_dir) == {}
    assert near(left.vectors, settings.corpus_dir, settings.data_dir) == {}
    still_said = " ".join(p.read_text("utf-8").casefold() for p in settings.corpus_dir.rglob("*.yaml"))
    silent = [w for w in left.words if len(w) > 4 and w not in still_said]
    assert "donations" in silent
    forms = [
        form.encode(e)
        for w in silent
        for form in (w, w.capitalize())
        for e in ("utf-8", "utf-16-le", "utf-32-le")
    ]
    assert found(forms, settings.data_dir) == {}
    where = found([PASSAGE.encode()], settings.corpus_dir, settings.data_dir)
    assert where.keys() == {"ids.lock", "tombstones.yaml"}
    assert report == RemovalReport(
        id=PASSAGE,
        removed_on="2026-11-21",
        passages=(PASSAGE,),
        files=("sources/harbour-2020.yaml", "taxonomy.yaml", "asked.jsonl"),
        index=report.index,
        still_to_do=report.still_to_do,
    )
    assert any("Git history" in t for t in report.still_to_do)


def test_a_removed_passage_is_neither_found_nor_cited_and_its_id_stays_taken(settings: Settings) -> None:
    passage = load_corpus(settings.corpus_dir).passages[PASSAGE]
    opened = Assistant.open(settings)
    assert opened.search(passage.questions[0], 1)[0].passage.id == PASSAGE
    opened.index.close()

    report = remove(settings, PASSAGE, TODAY)

    opened = Assistant.open(settings)
    assert opened.index.directory.name == report.index
    assert PASSAGE not in opened.corpus.passages
    for question in (*passage.questions, *passage.statements):
        assert PASSAGE not in {h.passage.id for h in opened.search(question, 10)}
        assert PASSAGE not in {c.passage for c in opened.answer(question).citations}
    opened.index.close()
    assert PASSAGE in locked_ids(settings.corpus_dir)
    assert PASSAGE in tombstones(settings.corpus_dir)
    assert lint(settings.corpus_dir, settings.corpus_dir / "originals", TODAY) == []


def test_other_passages_keep_their_vectors_so_that_nothing_is_embedded_again(settings: Settings) -> None:
    remove(settings, PASSAGE, TODAY)
    texts = embedded_texts(load_corpus(settings.corpus_dir))

    def unavailable() -> None:
        raise AssertionError("no text should need the model")

    assert len(vector_store(settings).vectors(texts, unavailable)) == len(texts)  # type: ignore[arg-type]


def test_a_removal_that_died_before_the_purge_is_finished_by_repeating_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = traces(settings, PASSAGE)
    with monkeypatch.context() as patched:
        patched.setattr("rag.takedown.remove_all", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            remove(settings, PASSAGE, TODAY)
    assert found(left.raw_vectors, settings.data_dir)

    again = remove(settings, PASSAGE, dt.date(2026, 12, 24))

    assert again.removed_on == "2026-11-21"
    shutil.rmtree(settings.corpus_dir / "originals")
    assert found(left.all, settings.corpus_dir, settings.data_dir) == {}


def test_an_unknown_id_leaves_index_and_vectors_in_place(settings: Settings) -> None:
    before = current_index(settings)
    with pytest.raises(RemovalError, match="no passage, person or source 'harbour-2020/p9'"):
        remove(settings, "harbour-2020/p9", TODAY)
    assert current_index(settings) == before
    assert not (settings.corpus_dir / "tombstones.yaml").exists()


def test_a_whole_source_leaves_no_trace_either(settings: Settings) -> None:
    left = traces(settings, "undercover-2018/p2", "undercover-2018/p3").all
    report = remove(settings, "undercover-2018", TODAY)
    shutil.rmtree(settings.corpus_dir / "originals")
    assert report.passages == ("undercover-2018/p2", "undercover-2018/p3")
    assert found([*left, b"Holm", b"viktor-holm"], settings.corpus_dir, settings.data_dir) == {}
    assert found([b"undercover-2018"], settings.corpus_dir, settings.data_dir).keys() == {
        "ids.lock",
        "tombstones.yaml",
    }


def test_what_a_model_wrote_from_a_removed_passage_is_gone_too(settings: Settings) -> None:
    passage = load_corpus(settings.corpus_dir).passages[PASSAGE]
    kept = cache.Written(settings.data_dir)
    drafts = [Draft((f"{PASSAGE}#1",), "Somebody", f"In other words: {t}") for t in passage.statements]
    assert kept.put("a key", drafts)
    texts = [t.encode() for t in passage.statements]
    assert cache.FILE in found(texts, settings.data_dir)

    remove(settings, PASSAGE, TODAY)

    assert found([*texts, b"In other words"], settings.data_dir) == {}
    assert kept.get("a key") is None


# --- a person ---------------------------------------------------------------------------------------------------------

PERSON = "nadia-berg"
SHARED = "Of the 40 recruits, the Harbour Post wrote, 30 percent left Northwatch within two years."
BERG = "Beside them Nadia Berg had\n      left with an aunt's help."


@pytest.fixture
def with_shared(settings: Settings) -> Settings:
    """The same corpus, where a passage about others, a card, a glossary entry and another person name her too."""
    packs = settings.data_dir.parent / "packs"
    packs.mkdir()

    def put(file: str, old: str, new: str) -> None:
        path = settings.corpus_dir / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), "utf-8")

    harbour = "sources/harbour-2020.yaml"
    put(harbour, f"    - {SHARED}\n", f"    - {BERG}\n    - {SHARED}\n")
    put(
        harbour,
        "    - share of people who quit northwatch\n",
        "    - share of people who quit northwatch\n    - How did Nadja Berg leave?\n",
    )
    put(harbour, "    note: Ages are those of 2020.\n", "    note: The age of Nadia Berg is that of 2020.\n")
    put(harbour, "reason: rule 4 of curation", "reason: how Nadia Berg hid")
    put(
        "glossary.yaml",
        "A podcast invented for tests.",
        "A podcast invented for tests. Nadia Berg never heard it.",
    )
    put("glossary.yaml", "  - id: undercover\n", "  # Asked for by Nadia Berg.\n  - id: undercover\n")
    put("people.yaml", "    for: [both men lived in Bergen]", "    for: [both men knew Nadia Berg]")
    (packs / "talk.yaml").write_text("title: A talk\nlines:\n- Why Nadia\n  Berg left\n", "utf-8")
    (packs / "other.yaml").write_text("title: Another\n", "utf-8")
    made = settings.model_copy(update={"packs_dir": packs, "feedback": True})
    ensure_index(made)
    return made


def test_nothing_of_a_removed_person_is_left_on_the_disk(with_shared: Settings) -> None:
    settings = with_shared
    gone = ("harbour-2020/p2", "harbour-2020/p4", "harbour-2020/p5a")
    left = traces(settings, *gone)
    store = Store(settings)
    asked = {"citations": [{"passage": "undercover-2018/p3"}]}
    store.add(Feedback(on=TODAY, kind="helpful", words="", question="Did Nadja  Berg lie?", answer=asked))
    store.add(Feedback(on=TODAY, kind="helpful", words="", question="What is it?", answer=asked))
    runs = settings.data_dir / "evals" / "runs" / "one"
    runs.mkdir(parents=True)
    (runs / "log.eval").write_bytes(b"packed: Nadia Berg")
    (settings.data_dir / "evals" / "outputs.sqlite3").write_bytes(b"Nadia Berg")
    names = [n.encode(e) for n in ("Nadia", "Nadja", PERSON) for e in ("utf-8", "utf-16-le", "utf-16-be")]
    shutil.rmtree(settings.corpus_dir / "originals")

    planned = foreseen(settings, PERSON)
    assert planned is not None
    assert planned.passages == gone
    assert planned.shortened == (("harbour-2020/p3", "harbour-2020/p3a"),)
    assert planned.statements == ("harbour-2020/p3#2",)
    assert (planned.questions, planned.notes) == (1, 1)
    assert planned.undecided == (
        "people.yaml: people[jonas-lie].same_as[1].for[1]: both men knew Nadia Berg",
        "glossary.yaml: line 8, comment: Asked for by Nadia Berg.",
    )
    assert found(names, settings.corpus_dir), "to look at a plan changes nothing"

    report = remove(settings, PERSON, TODAY)

    assert [x for x in report.still_to_do if x.startswith("Decide")] == [
        f"Decide: {x}" for x in planned.undecided
    ]
    for name, old, new in (
        ("people.yaml", "both men knew Nadia Berg", "both men lived in Bergen"),
        ("glossary.yaml", "  # Asked for by Nadia Berg.\n", ""),
    ):
        path = settings.corpus_dir / name
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    remove_all(settings)  # as the next build does, now that a curator has decided
    ensure_index(settings)
    everything = (settings.corpus_dir, settings.data_dir, settings.data_dir.parent / "packs")
    assert found([*names, *left.all], *everything) == {}
    assert near(left.vectors, settings.data_dir) == {}
    assert [i.question for i in store.items()] == ["What is it?"]
    assert [p.name for p in (settings.data_dir.parent / "packs").iterdir()] == ["other.yaml"]
    corpus = load_corpus(settings.corpus_dir)
    assert corpus.passages["harbour-2020/p3a"].statements[1] == SHARED
    assert {"harbour-2020/p3", *gone} <= set(tombstones(settings.corpus_dir))
    assert "harbour-2020/p3" not in corpus.passages, "a citation of it would point at other words"
    problems = lint(settings.corpus_dir, None, TODAY)
    assert [str(p) for p in problems if p.severity == "error"] == []


def test_a_removed_person_does_not_come_back_under_the_same_id(settings: Settings) -> None:
    before = (settings.corpus_dir / "people.yaml").read_text("utf-8")
    first = remove(settings, PERSON, TODAY)
    assert first.passages
    again = remove(settings, PERSON, dt.date(2026, 12, 24))
    assert (again.passages, again.removed_on) == ((), "2026-11-21")
    (settings.corpus_dir / "people.yaml").write_text(before, "utf-8")
    assert any("was removed on 2026-11-21" in p.what for p in lint(settings.corpus_dir, None, TODAY))


def test_a_removal_of_a_person_that_died_halfway_is_finished_by_repeating_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = edits.write

    def dies(path: Path, text: str | None) -> None:
        if path.name == "people.yaml":
            raise OSError("disk full")
        written(path, text)

    with monkeypatch.context() as patched:
        patched.setattr("rag.corpus.removal.write", dies)
        with pytest.raises(OSError, match="disk full"):
            remove(settings, PERSON, TODAY)
    assert PERSON in load_corpus(settings.corpus_dir).persons
    remove(settings, PERSON, TODAY)
    shutil.rmtree(settings.corpus_dir / "originals")
    assert found([b"Nadia", b"Nadja", b"nadia-berg"], settings.corpus_dir, settings.data_dir) == {}


def test_the_command_shows_what_would_go_and_asks_before_it_does_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rag.settings.get_settings", lambda: settings)
    before = {p: p.read_bytes() for p in settings.corpus_dir.rglob("*") if p.is_file()}
    assert main(["corpus", "remove", PERSON]) == 2
    said = capsys.readouterr()
    assert "harbour-2020/p5a" in said.out
    assert "Nothing was changed" in said.err
    assert {p: p.read_bytes() for p in settings.corpus_dir.rglob("*") if p.is_file()} == before
    assert main(["corpus", "remove", PERSON, "--yes"]) == 0
    assert PERSON not in load_corpus(settings.corpus_dir).persons
