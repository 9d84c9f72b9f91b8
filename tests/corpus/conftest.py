"""An invented corpus with its invented originals: small enough to read whole, complete enough for every check."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def invented_corpus() -> Path:
    return Path(__file__).parent / "small"


@pytest.fixture
def invented(invented_corpus: Path, tmp_path: Path) -> Path:
    """A copy of the invented corpus that a test may break; its originals are in the folder `originals`."""
    return Path(shutil.copytree(invented_corpus, tmp_path / "corpus"))


@pytest.fixture
def change(invented: Path) -> Callable[[str, str, str], None]:
    """Replaces a piece of text that stands exactly once in a file of the invented corpus."""

    def replace(file: str, old: str, new: str) -> None:
        path = invented / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")

    return replace
