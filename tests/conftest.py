"""Fixtures that need a built index: the shipped corpus, embedded by the real model, indexed once a session.

The whole suite runs on all cores, in a worker each; what a developer picks runs in this one process. Workers share
nothing that a test may change: each has a copy of the index.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from rag.assistant import Assistant
from rag.cli import main
from rag.index import Index, current_index, ensure_index
from rag.settings import ROOT, Settings, get_settings

SMALL = "gazette-2016"
SHARED_FILES = ("people.yaml", "glossary.yaml", "taxonomy.yaml", "support.yaml")

# What a developer has set for their own use must not reach the tests or the processes that they start.
for name in [n for n in os.environ if n.upper().startswith("EXITVOICES_")]:
    del os.environ[name]


MOST_WORKERS = 8  # each holds a model and a copy of the index
# Tests that stay together in one worker: they share a server, a browser, a model or what was asked before.
TOGETHER = (
    "tests/browser/",
    "tests/evals/test_run.py",
    "tests/api/test_served.py",
    "tests/corpus/test_takedown.py",
    "tests/web/",
    "tests/write/",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers for `-n auto`: none where tests were picked, since each worker has to open the library first."""
    picked = config.args_source is pytest.Config.ArgsSource.ARGS or config.option.keyword
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if picked or cores == 1 else min(cores, MOST_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The largest group of TOGETHER first, then test by test. (Marks of `xdist_group` go unheard by pytest 9.2.)"""
    from xdist.scheduler import LoadScopeScheduling

    class InGroups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)

    return InGroups(config, log)


def pytest_configure(config: pytest.Config) -> None:
    if getattr(config.option, "tx", None):  # workers that each use all cores wait for one another
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def logging_is_heard() -> None:
    """A library that sets logging up for its own command line must not silence ours for the tests that come later."""
    logging.disable(logging.NOTSET)
    if logging.root.level > logging.WARNING:
        logging.root.setLevel(logging.WARNING)
    for name in [n for n in logging.root.manager.loggerDict if n.partition(".")[0] in ("rag", "evals")]:
        logger = logging.getLogger(name)
        logger.disabled, logger.propagate = False, True
        logger.setLevel(logging.NOTSET)


def make_settings(corpus_dir: Path, data_dir: Path, **others: object) -> Settings:
    return Settings(_env_file=None, corpus_dir=corpus_dir, data_dir=data_dir, **others)  # type: ignore[arg-type]


def make_small(home: Path) -> Settings:
    """Settings of a corpus of one source under `home`, which tests may change: an index of it takes a second."""
    corpus = home / "corpus"
    (corpus / "sources").mkdir(parents=True)
    shutil.copy(ROOT / "corpus" / "sources" / f"{SMALL}.yaml", corpus / "sources")
    for name in SHARED_FILES:
        shutil.copy(ROOT / "corpus" / name, corpus)
    if (ROOT / "corpus" / "vectors").is_dir():
        shutil.copytree(ROOT / "corpus" / "vectors", corpus / "vectors")
    return make_settings(corpus, home / "data")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session have in common, for what is built once and then only copied."""
    own = tmp_path_factory.getbasetemp()
    found = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    found.mkdir(exist_ok=True)
    return found


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped corpus, with a data directory of this worker."""
    return make_settings(ROOT / "corpus", tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def index(settings: Settings, shared: Path) -> Iterator[Index]:
    built = settings.model_copy(update={"data_dir": shared / "whole"})
    ensure_index(built)  # whoever comes second waits for it
    shutil.copytree(built.data_dir, settings.data_dir, dirs_exist_ok=True)
    opened = Index(ensure_index(settings))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def assistant(settings: Settings, index: Index) -> Assistant:
    """A real assistant on the real index of the shipped corpus."""
    return Assistant(settings, index)


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """A corpus of one source of its own for each test; nothing is built yet."""
    return make_small(tmp_path)


@pytest.fixture
def small_corpus(small: Settings) -> Path:
    return small.corpus_dir


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """The data folder of the small corpus with its index, to be copied and then damaged."""
    settings = make_small(tmp_path_factory.mktemp("small"))
    built = settings.model_copy(update={"data_dir": shared / "small"})
    ensure_index(built)
    return built.data_dir


@pytest.fixture
def indexed(small_index: Path, small: Settings) -> Settings:
    """The small corpus with an index of its own, copied instead of built."""
    shutil.copytree(small_index, small.data_dir)
    assert current_index(small) is not None
    return small


@pytest.fixture
def environment(small: Settings) -> dict[str, str]:
    """The environment of a process of its own that works on the small corpus."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EXITVOICES_CORPUS_DIR": str(small.corpus_dir),
        "EXITVOICES_DATA_DIR": str(small.data_dir),
    }


@pytest.fixture
def edit_corpus(small_corpus: Path) -> Callable[[], None]:
    """Makes a new version of the small corpus, whose first statement is another one; each call makes one more."""
    source = small_corpus / "sources" / f"{SMALL}.yaml"
    editions = count(2)

    def edit() -> None:
        data = yaml.safe_load(source.read_text("utf-8"))
        statement = f"Anne Speckhard keeps {next(editions)} letters of a librarian from Oslo in a blue box."
        data["passages"][0]["statements"][0] = statement
        source.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")

    return edit


@dataclass(frozen=True)
class Ran:
    """What a command line came to: its exit code, and what it printed where."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line on the corpus and data of some settings in this process, which has everything loaded."""

    def run(settings: Settings, *arguments: str, **environment: str) -> Ran:
        monkeypatch.setenv("EXITVOICES_CORPUS_DIR", str(settings.corpus_dir))
        monkeypatch.setenv("EXITVOICES_DATA_DIR", str(settings.data_dir))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        capsys.readouterr()
        code = main(arguments)
        get_settings.cache_clear()
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run
