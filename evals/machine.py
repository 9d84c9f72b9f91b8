"""What a run was made on: revision, corpus, settings, packages, machine. No path, no name, no key."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping
from typing import Any

from evals.cases import CASES
from evals.system import package_versions, plain_settings
from rag.corpus import corpus_version
from rag.settings import ROOT, Settings


def describe(plan: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The manifest of a run made now by this plan."""
    return {
        "plan": dict(plan),
        "revision": revision(),
        "corpus_version": corpus_version(settings.corpus_dir),
        "cases": {p.stem: _hash(p.read_bytes()) for p in sorted(CASES.glob("*.jsonl"))},
        "prompts": {
            p.name: _hash(p.read_bytes()) for p in sorted((ROOT / "rag").rglob("prompts/*")) if p.is_file()
        },
        "settings": plain_settings(settings),
        "packages": package_versions(),
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
    }


def revision() -> str:
    """The commit, with `+` where the tree has changes; empty outside a checkout."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("rev-parse", "--short=12", "HEAD")
    return f"{commit}+" if commit and git("status", "--porcelain", "--untracked-files=no") else commit


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
