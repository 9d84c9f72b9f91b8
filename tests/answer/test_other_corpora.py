"""What is answered where the corpus is not quite the one that was fitted on: a source gone, another added."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator

import pytest

from rag.assistant import Assistant
from rag.data import from_yaml
from rag.model import Outcome
from rag.settings import ROOT
from tests.conftest import make_settings

ANSWERED = {Outcome.ANSWERED, Outcome.PARTIAL}


@pytest.fixture(scope="module")
def sizes(assistant: Assistant) -> list[str]:
    """The sources, by falling number of passages."""
    return [s for s, _ in Counter(p.source for p in assistant.index.corpus.passages.values()).most_common()]


@pytest.fixture(scope="module")
def changed(sizes: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The shipped corpus without its largest source; the second largest stands for a document of somebody's own: it
    has another name, and nobody wrote a question for it."""
    home = tmp_path_factory.mktemp("changed")
    corpus = home / "corpus"
    shutil.copytree(ROOT / "corpus", corpus)
    gone, own = sizes[:2]
    (corpus / "sources" / f"{gone}.yaml").unlink()
    path = corpus / "sources" / f"{own}.yaml"
    source = from_yaml(path.read_text("utf-8"))
    source["source"]["id"] = "harbour-2024"
    for passage in source["passages"]:
        passage["questions"] = []
    path.unlink()
    text = json.dumps(source, ensure_ascii=False, default=str).replace(f'"{own}/', '"harbour-2024/')
    (corpus / "sources" / "harbour-2024.yaml").write_text(text, "utf-8")  # JSON is YAML
    asked = (corpus / "asked.jsonl").read_text("utf-8").splitlines()
    kept = [line for line in asked if json.loads(line)["passage"].split("/")[0] not in (gone, own)]
    (corpus / "asked.jsonl").write_text("\n".join(kept) + "\n", "utf-8")
    opened = Assistant.open(make_settings(corpus, home / "data"))
    yield opened
    opened.index.close()


def answered(assistant: Assistant, questions: list[str]) -> float:
    return sum(assistant.answer(q).outcome in ANSWERED for q in questions) / len(questions)


def curated(assistant: Assistant, *sources: str, every: int) -> list[str]:
    held = [p for p in assistant.index.corpus.passages.values() if p.source in sources]
    return [q for p in held for q in p.questions][::every]


def test_what_other_sources_tell_is_still_answered_after_one_left(
    assistant: Assistant, changed: Assistant, sizes: list[str]
) -> None:
    assert answered(changed, curated(assistant, *sizes[2:], every=200)) > 0.85


def test_what_only_the_source_told_that_left_is_seldom_answered(
    assistant: Assistant, changed: Assistant, sizes: list[str]
) -> None:
    assert answered(changed, curated(assistant, sizes[0], every=20)) < 0.4


def test_a_document_that_nobody_wrote_questions_for_is_answered_from(
    assistant: Assistant, changed: Assistant, sizes: list[str]
) -> None:
    assert answered(changed, curated(assistant, sizes[1], every=20)) > 0.6
