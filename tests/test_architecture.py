"""The rules of the house, checked by machine: who may import whom, who may print, who may read the environment."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from rag.settings import ROOT

MODULES = sorted((ROOT / "rag").rglob("*.py"))
# One hands its environment on to the process beside a build; one sets a default for threads that it starts.
MAY_TOUCH_THE_ENVIRONMENT = {"rag/settings.py", "rag/index/apart.py", "rag/embed/providers.py"}
MAY_WRITE_TO_STDOUT = ("rag/cli/", "rag/docs.py", "rag/guard/train.py")
MAY_IMPORT_STREAMLIT = ("rag/web/",)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def uses(path: Path) -> Iterator[str]:
    """Every name that a module imports, calls or reads by attribute, dotted."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield f"{node.func.id}()"


def test_arrows_point_down_only(capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_page_imports_streamlit(path: Path) -> None:
    if not named(path).startswith(MAY_IMPORT_STREAMLIT):
        assert not [use for use in uses(path) if use.split(".")[0] == "streamlit"]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_command_line_writes_to_stdout(path: Path) -> None:
    if not named(path).startswith(MAY_WRITE_TO_STDOUT):
        assert not {"print()", "sys.stdout"} & set(uses(path))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if named(path) not in MAY_TOUCH_THE_ENVIRONMENT:
        assert not {"os.environ", "os.getenv", "os.environ.get"} & set(uses(path))


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["ruff check", "ruff format", "mypy --strict"],
)
def test_the_code_is_clean(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def tracked_texts() -> Iterator[Path]:
    """The files of the project that are read by people and tools, without what was built or fetched."""
    for pattern in (
        "*",
        ".ci/*",
        "rag/**/*",
        "docs/**/*",
        "tests/**/*",
        "requirements/*",
        "benchmarks/*",
        "evals/*",
    ):
        yield from (p for p in ROOT.glob(pattern) if p.is_file() and p.suffix not in {".pyc", ".png", ".npy"})


def test_the_lock_files_name_no_registry_and_no_torch() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        assert "://" not in text
        assert "--" not in text.replace("-c requirements/base.txt", "")
        assert not [line for line in text.splitlines() if line.startswith(("torch", "nvidia", "triton"))]


def test_everything_that_the_package_needs_is_in_the_lock() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for extra, lock in ((project["dependencies"], "base"), (project["optional-dependencies"]["dev"], "dev")):
        text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
        locked = {line.partition("==")[0].lower() for line in text.splitlines() if "==" in line}
        wanted = {d.partition(";")[0].split(">")[0].split("=")[0].strip().lower() for d in extra}
        assert wanted <= locked


def test_nothing_names_a_path_of_the_machine_that_it_was_written_on() -> None:
    machine = [f"/{folder}/" for folder in ("work", "root", "home", "tmp")]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked_texts()
        for word in machine
        if word in path.read_text("utf-8", "replace")
    ]
    assert found == []
