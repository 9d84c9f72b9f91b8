"""The life of an index: built once, swapped in whole, kept while somebody reads it, the same for the same corpus."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.embed import VectorStore, model_name
from rag.index import Index, current_index, embedded_texts, ensure_index, is_current, remove_all
from rag.settings import Settings

QUESTION = "Why did Anne Speckhard make videos with defectors?"


def versions(settings: Settings) -> set[str]:
    return {d.name for d in settings.index_root.iterdir() if d.is_dir()}


def test_an_unchanged_corpus_is_indexed_once(small: Settings) -> None:
    assert not is_current(small)
    built = ensure_index(small)
    assert is_current(small)
    assert ensure_index(small) == built == current_index(small)


def test_a_changed_corpus_gets_a_new_index_and_the_old_one_goes(
    indexed: Settings, edit_corpus: Callable[[], None]
) -> None:
    first = ensure_index(indexed)
    edit_corpus()
    assert not is_current(indexed)
    second = ensure_index(indexed)
    assert first != second
    assert versions(indexed) == {second.name}


def test_a_reader_keeps_answering_from_its_version_until_it_closes_it(
    indexed: Settings, edit_corpus: Callable[[], None]
) -> None:
    old = Assistant.open(indexed)
    before = old.answer(QUESTION)
    edit_corpus()
    newer = ensure_index(indexed)
    assert old.outdated
    assert old.index.directory.is_dir()
    assert old.answer(QUESTION).sentences == before.sentences
    assert old.answer(QUESTION).corpus_version == before.corpus_version
    with_new = Assistant.open(indexed)
    assert not with_new.outdated
    assert with_new.answer(QUESTION).corpus_version != before.corpus_version
    with_new.index.close()
    old.index.close()
    edit_corpus()
    newest = ensure_index(indexed)
    assert versions(indexed) == {newest.name}
    assert newest not in (newer, old.index.directory)


def test_removal_of_all_versions_does_not_spare_one_that_is_being_read(indexed: Settings) -> None:
    reader = Index(ensure_index(indexed))
    remove_all(indexed)
    assert versions(indexed) == set()
    assert current_index(indexed) is None
    reader.close()


def answer_of_its_own_process(environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "rag", "ask", QUESTION, "--json", "--trace"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    answer: dict[str, Any] = json.loads(done.stdout)
    del answer["timing_ms"]
    return answer


def test_the_same_question_gets_the_same_answer_in_every_process_and_after_a_rebuild(
    indexed: Settings, environment: dict[str, str]
) -> None:
    first = json.dumps(answer_of_its_own_process(environment))
    assert json.dumps(answer_of_its_own_process({**environment, "PYTHONHASHSEED": "1"})) == first
    ensure_index(indexed, rebuild=True)
    assert json.dumps(answer_of_its_own_process({**environment, "PYTHONHASHSEED": "2"})) == first


def test_two_processes_that_build_at_once_both_succeed_and_leave_one_index(
    small: Settings, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "rag", "index", "sync"]
    both = [
        subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    assert [p.returncode for p in both] == [0, 0], said
    assert len({out.split()[-1] for out, _ in said}) == 1
    assert len(versions(small)) == 1
    assert is_current(small)


def test_the_committed_vectors_cover_the_shipped_corpus(
    settings: Settings, index: Index, tmp_path: Path
) -> None:
    """So that a first start embeds nothing; mend it with `exitvoices corpus vectors`."""

    def never() -> Any:
        raise AssertionError("a text of the corpus has no committed vector")

    store = VectorStore(model_name(settings), settings.corpus_dir / "vectors", tmp_path / "cache.sqlite3")
    texts = embedded_texts(index.corpus)
    assert len(store.vectors(texts, never)) == len(texts)
