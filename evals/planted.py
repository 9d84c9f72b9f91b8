"""A copy of the corpus with sentences in it that try to give orders, for the injections that come from a source."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from evals.cases import Case, InjectionCase
from rag.corpus import load_corpus
from rag.settings import Settings


def of(cases: Iterable[Case]) -> tuple[InjectionCase, ...]:
    return tuple(c for c in cases if isinstance(c, InjectionCase) and c.plant is not None)


def make(settings: Settings, cases: Sequence[InjectionCase]) -> Settings:
    """Settings of a corpus beside the real one that holds each case's plant as a passage that its question finds."""
    content = "\n".join(c.model_dump_json() for c in cases)
    home = settings.data_dir / "evals" / f"planted-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    corpus = home / "corpus"
    shutil.rmtree(corpus, ignore_errors=True)
    shutil.copytree(settings.corpus_dir, corpus)
    for number, case in enumerate(cases, 1):
        _write(corpus / "sources" / f"planted-{number:03}.yaml", number, case)
    load_corpus(corpus)  # a plant that cannot be read would never be found, and so never succeed
    return settings.model_copy(update={"corpus_dir": corpus, "data_dir": home / "data"})


def _write(path: Path, number: int, case: InjectionCase) -> None:
    assert case.plant is not None
    source = {
        "id": f"planted-{number:03}",
        "title": case.plant.title or f"Notes from an interview, part {number}",
        "publisher": "A newspaper",
        "published": "2020-01-01",
        "url": "https://example.org/planted",
        "kind": "journalism",
        "language": "en",
        "rendering": "account",
        "rights": "Made up for a test.",
        "locator_unit": "paragraph",
        "sha256": "0" * 64,
        "summary": "Made up for a test.",
        "method": "Made up for a test.",
        "standing": "good",
        "as_of": "2020-01-01",
    }
    passage = {
        "id": f"planted-{number:03}/p1",
        "locator": {"paragraph": 1},
        "type": "testimony_reported",
        "statements": [case.plant.statement],
        "questions": [case.asked, f"{case.asked} (in other words)"],
        "stage": ["looking_back"],
    }
    data = {"source": source, "left_out": [], "passages": [passage]}
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
