"""Broad questions that the retriever has not seen: those of corpus/asked.jsonl, over a corpus without their wordings.

A theme is a set of wordings that the same statements of at least three passages answer. Of most themes one wording is
held out; of one theme in eight all are, which leaves no other wording to be near to. Weights of retrieval and of
quoting are fitted on them beside the dev parts of our cases, which are specific. The encoder never learns from them,
and the classifier of tags is fitted anew without them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import fit_tags
from benchmarks.fit_asking import training
from rag.assistant import Assistant
from rag.settings import get_settings

PASSAGES, WORDINGS = 3, 4  # at least so many make a theme
OUT = 1
WHOLE = 8  # one theme in so many is held out with all its wordings


@dataclass(frozen=True)
class Broad:
    """One held-out question: which theme it words, and the statements that answer it, by passage."""

    question: str
    theme: int  # the same for its wordings
    whole: bool  # no other wording of the theme was seen
    answers: dict[str, tuple[int, ...]]


@contextmanager
def held_out() -> Iterator[tuple[Assistant, list[Broad]]]:
    """An assistant that has not seen the questions beside it."""
    settings = get_settings()
    with TemporaryDirectory() as place:
        corpus = Path(place) / "corpus"
        shutil.copytree(settings.corpus_dir, corpus)
        asked = corpus / "asked.jsonl"
        rows = asked_in(corpus)
        broad = chosen(rows)
        out = {b.question for b in broad}
        kept = (json.dumps(r, ensure_ascii=False) for r in rows if r["question"] not in out)
        asked.write_text("".join(f"{line}\n" for line in kept), "utf-8")
        fresh = settings.model_copy(update={"corpus_dir": corpus, "data_dir": Path(place) / "data"})
        assistant = Assistant.open(fresh)
        index = assistant.index
        questions = training(index)
        vectors = fit_tags.as_read([q.text for q in questions])
        assistant.retriever.tags = fit_tags.fit(index, questions, vectors)
        yield assistant, broad


def asked_in(corpus: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (corpus / "asked.jsonl").read_text("utf-8").splitlines()]


def chosen(rows: list[dict[str, object]]) -> list[Broad]:
    """The questions to hold out of these lines of asked.jsonl. Each theme decides for itself, by the digests of its
    wordings, so that a theme that is added moves no other."""
    answers: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for row in rows:
        answers[str(row["question"])][str(row["passage"])] = tuple(row["answers"])  # type: ignore[arg-type]
    themes: dict[tuple[tuple[str, tuple[int, ...]], ...], list[str]] = defaultdict(list)
    for question, at in answers.items():
        if len(at) >= PASSAGES:
            themes[tuple(sorted(at.items()))].append(question)
    broad = []
    for at, wordings in sorted(themes.items()):
        if len(wordings) < WORDINGS:
            continue
        mixed = sorted(wordings, key=_draw)
        whole = _draw(mixed[0]) % WHOLE == 0
        broad += [Broad(q, _draw(mixed[-1]), whole, dict(at)) for q in (mixed if whole else mixed[:OUT])]
    return broad


def _draw(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
