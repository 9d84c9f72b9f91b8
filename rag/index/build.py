"""Building an index beside the current one and making it current by one atomic swap.

A build goes into a directory of its own under a lock, is checked in another process (a crash inside Chroma cannot be
caught), and only then named in CURRENT. Whatever dies on the way leaves the old index answering, and its remains are
cleared by the next build.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.corpus import Corpus, corpus_version, load_corpus
from rag.embed import Progress, Vectors, VectorStore, make_embeddings, model_name, unit_length
from rag.index.apart import Apart, apart
from rag.index.manifest import (
    CORPUS,
    FORMAT,
    LEXICAL,
    MANIFEST,
    UNITS,
    VECTORS,
    WORDS,
    Manifest,
    damage,
    fingerprint,
    index_key,
    read_manifest,
)
from rag.index.reader import KINDS, LOCK, IndexDamaged
from rag.link import person_facts
from rag.model import Passage
from rag.settings import Settings
from rag.text import content_words, stem

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

POINTER = "CURRENT"
BUILDING = ".building"


class IndexBuildError(Exception):
    """The index could not be built; the message says why, and an older index is still in place if there was one."""


class _ChromaFailed(Exception):
    """Chroma's own errors, which cannot be named without the second that importing it costs."""


def unit_texts(passage: Passage, corpus: Corpus) -> list[tuple[str, int, str, str]]:
    """(kind, number, embedding side, text) of every unit of a passage.

    Questions are embedded on the query side: they look like what readers type.
    """
    units = [("statement", n, "passage", t) for n, t in enumerate(passage.statements, 1)]
    units += [("question", n, "query", q.question) for n, q in enumerate(corpus.questions[passage.id], 1)]
    return [*units, ("passage", 0, "passage", passage.text)]


def themes(corpus: Corpus) -> list[tuple[str, str]]:
    """(tag id, what it means in plain words) of every stage, motive and disillusionment."""
    taxonomy = corpus.taxonomy
    return [
        (t.id, f"{t.label}: {t.definition}")
        for t in (*taxonomy.stages, *taxonomy.motives, *taxonomy.disillusionment)
    ]


def vocabulary(corpus: Corpus) -> list[str]:
    """Every content word of the passages, their questions and people, as it is written, sorted."""
    people = (person_facts(p) for p in corpus.people)
    texts = (t for p in corpus.passages.values() for t in (p.text, *p.questions))
    return sorted({w for text in (*texts, *people) for w in content_words(text)})


def embedded_texts(corpus: Corpus) -> list[tuple[str, str]]:
    """(side, text) of everything that an index of this corpus needs a vector for."""
    units = [(side, text) for p in corpus.passages.values() for _, _, side, text in unit_texts(p, corpus)]
    return [
        *units,
        *(("passage", t) for _, t in themes(corpus)),
        *(("query", word) for word in vocabulary(corpus)),
    ]


def vector_store(settings: Settings) -> VectorStore:
    return VectorStore(
        model_name(settings), settings.corpus_dir / "vectors", settings.data_dir / "vectors.sqlite3"
    )


def current_index(settings: Settings) -> Path | None:
    """The directory that readers open: what the pointer names, if it is there and whole."""
    directory = pointed_at(settings.index_root)
    return directory if directory is not None and damage(directory) is None else None


def is_current(settings: Settings) -> bool:
    """Whether readers would get a whole index of the corpus as it is now, without a build."""
    return _ready(settings) is not None


def verify_index(settings: Settings) -> Path:
    """The current index after its full health check. Raises IndexDamaged with what is wrong with it."""
    directory = pointed_at(settings.index_root)
    if directory is None:
        raise IndexDamaged(f"There is no index in {settings.index_root}.")
    wrong = damage(directory)
    if wrong:
        raise IndexDamaged(f"The index {directory.name} is damaged: {wrong}.")
    with apart() as worker:
        _health_check(directory, worker)
    return directory


def ensure_index(
    settings: Settings, progress: Progress = lambda done, total: None, *, rebuild: bool = False
) -> Path:
    """The directory of an index of the corpus as it is now, built if need be.

    Raises CorpusError for an unusable corpus, EmbeddingUnavailable, or IndexBuildError with the cause.
    """
    ready = None if rebuild else _ready(settings)
    if ready is not None:
        return ready
    root = settings.index_root
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _exclusive(root / ".build.lock") as lock:
            ready = None if rebuild else _ready(settings)  # another process may have built it in the meantime
            if ready is not None:
                return ready
            return _build(load_corpus(settings.corpus_dir), settings, progress, lock)
    except (OSError, sqlite3.Error, _ChromaFailed, IndexDamaged) as e:
        older = (
            "the index that was there before still answers"
            if current_index(settings)
            else "there is none yet"
        )
        raise IndexBuildError(
            f"The index could not be built: {e}. Check free space and permissions of {root} ({older})."
        ) from e


def remove_all(settings: Settings) -> None:
    """Deletes every index version at once, in use or not; for takedown."""
    settings.index_root.mkdir(parents=True, exist_ok=True)
    with _exclusive(settings.index_root / ".build.lock"):
        (settings.index_root / POINTER).unlink(missing_ok=True)
        for directory in settings.index_root.iterdir():
            if directory.is_dir():
                shutil.rmtree(directory)


def forget_vectors(settings: Settings) -> None:
    """Forgets every vector, committed or cached and of any model, whose text the corpus no longer holds."""
    keep = embedded_texts(load_corpus(settings.corpus_dir))
    committed = settings.corpus_dir / "vectors"
    for model in {model_name(settings), *(p.stem for p in committed.glob("*.keys"))}:
        VectorStore(model, committed, settings.data_dir / "vectors.sqlite3").keep_only(keep)


def _build(corpus: Corpus, settings: Settings, progress: Progress, lock: int) -> Path:
    root = settings.index_root
    key = index_key(corpus.version, model_name(settings))
    for leftover in root.glob(f"*{BUILDING}"):
        shutil.rmtree(leftover, ignore_errors=True)
    work = root / f"{key}{BUILDING}"
    try:
        work.mkdir()
        with apart(lock) as worker:
            _write(corpus, settings, lambda: make_embeddings(settings), work, progress, key, worker)
            _health_check(work, worker)
        final = root / _free_name(root, key)
        work.rename(final)
        _point_to(root, final.name)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    _clear_unused(root, keep=final.name)
    return final


def _write(
    corpus: Corpus,
    settings: Settings,
    provider: Callable[[], Embeddings],
    work: Path,
    progress: Progress,
    key: str,
    worker: Apart,
) -> None:
    passages = list(corpus.passages.values())
    units = [(i, *unit) for i, p in enumerate(passages) for unit in unit_texts(p, corpus)]
    everything = vector_store(settings).vectors(embedded_texts(corpus), provider, progress)
    tags = themes(corpus)
    vectors, rest = everything[: len(units)], everything[len(units) :].astype(np.float32)
    theme_vectors, word_vectors = rest[: len(tags)], rest[len(tags) :]
    middle = word_vectors.mean(axis=0)
    np.savez(
        work / WORDS,
        words=np.array(vocabulary(corpus)),
        vectors=unit_length(word_vectors - middle).astype(np.float16),
        mean=middle,
    )
    kinds = np.array([KINDS.index(kind) for _, kind, *_ in units], dtype=np.int8)
    centred, means = centre(vectors.astype(np.float32), kinds)
    np.save(work / VECTORS, centred)
    np.savez(
        work / UNITS,
        kind=kinds,
        passage=np.array([u[0] for u in units], dtype=np.int32),
        number=np.array([u[2] for u in units], dtype=np.int32),
        means=means,
        themes=np.array([name for name, _ in tags]),
        theme_vectors=unit_length(theme_vectors - theme_vectors.mean(axis=0))
        if tags
        else np.zeros((0, 1), np.float32),
    )
    (work / CORPUS).write_text(corpus.model_dump_json(by_alias=True), "utf-8")
    _write_lexical(corpus, passages, work / LEXICAL)
    _write_chroma(work, worker)
    manifest = Manifest(
        format=FORMAT,
        key=key,
        corpus_version=corpus.version,
        model=model_name(settings),
        dimensions=int(vectors.shape[1]),
        passages=len(passages),
        units=len(units),
        files=fingerprint(work),
    )
    (work / MANIFEST).write_text(json.dumps(manifest.model_dump(), indent=1, sort_keys=True), "utf-8")


def centre(vectors: Vectors, kinds: npt.NDArray[np.int8]) -> tuple[Vectors, Vectors]:
    """Vectors less the mean of their kind, at unit length again, and the means (one row a kind).

    E5 puts all texts into a narrow cone (cosines of 0.7 to 0.9); without the common direction near and far are told
    apart better (the all-but-the-mean step of Mu and Viswanath, 2018; measured in docs/retrieval.md). A kind that has
    none (no curated questions in a corpus of verbatim sources) gets the mean of all: queries are brought near by it.
    """
    means = np.stack(
        [vectors[kinds == n if (kinds == n).any() else slice(None)].mean(axis=0) for n in range(len(KINDS))]
    )
    return unit_length(vectors - means[kinds]), means


def _write_lexical(corpus: Corpus, passages: list[Passage], path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE VIRTUAL TABLE passage USING fts5(statements, questions, people, context, tokenize='unicode61')"
        )
        db.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(passage, row)")
        meaning = dict(themes(corpus))
        siblings: dict[tuple[str, str], list[str]] = {}
        for p in passages:
            siblings.setdefault((p.source, str(p.locator)), []).append(f"{p.text} {' '.join(p.questions)}")
        for i, p in enumerate(passages):
            people = " ".join(person_facts(corpus.persons[x]) for x in p.people if x in corpus.persons)
            card = corpus.sources[p.source]
            about = [meaning[t] for t in (*p.stage, *p.motives, *p.disillusionment) if t in meaning]
            context = " ".join([card.title, card.summary, *about, *siblings[p.source, str(p.locator)]])
            columns = (p.text, " ".join(p.questions), people, context)
            stems = [" ".join(stem(w) for w in content_words(text)) for text in columns]
            db.execute(
                "INSERT INTO passage (rowid, statements, questions, people, context) VALUES (?, ?, ?, ?, ?)",
                (i, *stems),
            )


def _write_chroma(work: Path, worker: Apart) -> None:
    why = worker("write", work)
    if why:
        raise _ChromaFailed(f"Chroma could not write its part ({why})")


def _health_check(directory: Path, worker: Apart) -> None:
    why = worker("check", directory)
    if why:
        raise IndexDamaged(f"The index {directory.name} failed its health check: {why}")


def _free_name(root: Path, key: str) -> str:
    """A rebuild of the same key gets a new directory: Chroma caches what it opened by path."""
    n = 0
    while (root / (name := f"{key}-{n}")).exists():
        n += 1
    return name


def _point_to(root: Path, name: str) -> None:
    staged = root / f"{POINTER}.new"
    with staged.open("w", encoding="ascii") as f:
        f.write(name + "\n")
        f.flush()
        os.fsync(f.fileno())
    staged.replace(root / POINTER)


def _clear_unused(root: Path, keep: str) -> None:
    """Deletes older versions that no reader holds."""
    for directory in root.iterdir():
        if not directory.is_dir() or directory.name == keep:
            continue
        with suppress(OSError):
            lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory)
            finally:
                os.close(lock)


def pointed_at(root: Path) -> Path | None:
    """The version that the pointer names, whole or not: one small read, for asking often."""
    try:
        name = (root / POINTER).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return root / name if name else None


def _ready(settings: Settings) -> Path | None:
    """The current index if it is whole and of the corpus as it is now; the key is compared before files are hashed."""
    directory = pointed_at(settings.index_root)
    manifest = None if directory is None else read_manifest(directory)
    key = index_key(corpus_version(settings.corpus_dir), model_name(settings))
    return current_index(settings) if manifest is not None and manifest.key == key else None


@contextmanager
def _exclusive(path: Path) -> Iterator[int]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)
