"""A corpus that a test may change, and a call that ingests into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.settings import Settings
from tests.conftest import make_small


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Settings of a small corpus, under a folder of this test."""
    return make_small(tmp_path / "home")
