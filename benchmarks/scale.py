"""100,000 generated passages in a real index: `python -m benchmarks.scale [--passages N] [--out FILE]`.

The index is built and searched by the code of the product. Only the vectors are made up, because embedding 300,000 texts
takes hours: unit vectors in clusters, as near to one another within a cluster as sentences on one topic are. A question's
vector is a passage's own, moved as far as a paraphrase is. Reported: time and memory of the build, size on disk, p50 and
p95 of retrieval and of whole answers in quote mode, and the recall of the best ten against comparing every vector.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import yaml
from langchain_core.embeddings import Embeddings

import rag.assistant
import rag.index.build as build
from rag.assistant import Assistant
from rag.corpus import load_corpus
from rag.index import Index, ensure_index
from rag.index.reader import KINDS
from rag.model import digest_of
from rag.settings import ROOT, Settings

CLUSTERS = 400
DIMENSIONS = 384
NEARNESS = 0.75  # cosine of a sentence with the middle of its topic
QUESTIONS = 200
_SUBJECTS = "The recruiter|A former fighter|Her brother|The commander|A woman from the camp|His cousin|The guard|A teacher".split(
    "|"
)
_VERBS = "left|joined|described|questioned|escaped|remembered|refused|reached|regretted|witnessed|promised|betrayed".split(
    "|"
)
_OBJECTS = "the group|the training camp|the border town|the family house|the promises|the leaders|the prison|the market|the oath|the punishment".split("|")  # fmt: skip
_WHEN = "in the spring|after two years|before the siege|that winter|during the retreat|at night|with his family|without a word".split(
    "|"
)


class MadeUp(Embeddings):
    """Vectors in clusters, the same for the same text; costs microseconds instead of milliseconds."""

    def __init__(self, seed: int = 7) -> None:
        random = np.random.default_rng(seed)
        middles = random.standard_normal((CLUSTERS, DIMENSIONS)).astype(np.float32)
        self._middles = middles / np.linalg.norm(middles, axis=1, keepdims=True)
        cone = random.standard_normal(DIMENSIONS).astype(np.float32)
        self._cone = cone / np.linalg.norm(cone)

    def vector(self, text: str) -> np.ndarray:
        digest = hashlib.sha256(text.encode()).digest()
        random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        # Passages of one topic carry its number at their end ("… t17"); words and questions fall anywhere.
        tail = text.rsplit(" t", 1)[-1].rstrip(".?")
        middle = self._middles[int(tail) % CLUSTERS if tail.isdigit() else int(digest[8]) % CLUSTERS]
        noise = random.standard_normal(DIMENSIONS).astype(np.float32)
        noise /= np.linalg.norm(noise)
        made = NEARNESS * middle + (1 - NEARNESS**2) ** 0.5 * noise + 1.5 * self._cone
        return made / np.linalg.norm(made)

    def embed_query(self, text: str) -> list[float]:
        return [float(x) for x in self.vector(text)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(t) for t in texts]


def make_corpus(folder: Path, passages: int) -> None:
    """Verbatim sources of 1,000 passages each, beside the taxonomy and people of the shipped corpus."""
    (folder / "sources").mkdir(parents=True)
    for name in ("people.yaml", "glossary.yaml", "support.yaml", "taxonomy.yaml"):
        shutil.copy(ROOT / "corpus" / name, folder)
    for file in (
        "people.yaml",
        "glossary.yaml",
    ):  # they name sources and passages that this corpus does not have
        data = yaml.safe_load((folder / file).read_text("utf-8"))
        for entry in next(iter(data.values())):
            entry["sources"] = []
        (folder / file).write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    random = np.random.default_rng(11)
    words = [w for w in build.vocabulary(load_corpus(ROOT / "corpus")) if w.isalpha()]
    random.shuffle(words)
    shares = 1 / np.arange(5, len(words) + 5)  # Zipf's law
    shares /= shares.sum()
    n = 0
    while n < passages:
        source = f"made-{n // 1000:04}"
        entries = []
        for i in range(min(1000, passages - n)):
            topic = int(random.integers(CLUSTERS))
            said = tuple(_sentence(random, words, shares, topic) for _ in range(2))
            entries.append(
                {
                    "id": f"{source}/p{i + 1}",
                    "locator": {"paragraph": i + 1},
                    "type": "context",
                    "statements": list(said),
                    "reviewed": {"by": "benchmark", "on": "2026-11-22", "digest": digest_of(said)},
                }
            )
            n += 1
        card = {
            "id": source, "title": f"Made source {source}", "publisher": "Benchmark", "published": "2026",
            "url": "https://example.org/made", "kind": "interview", "language": "en", "rendering": "verbatim", "rights": "made up",
            "locator_unit": "paragraph", "sha256": "0" * 64, "summary": "Made up.", "method": "Made up.", "standing": "good",
            "as_of": "2026-11-22",
        }  # fmt: skip
        (folder / "sources" / f"{source}.yaml").write_text(
            json.dumps({"source": card, "passages": entries}), "utf-8"
        )


def _sentence(random: np.random.Generator, words: list[str], shares: np.ndarray, topic: int) -> str:
    """A sentence of some twenty words; the six in its middle are as rare and as common as words of the real corpus."""
    pick = [part[int(random.integers(len(part)))] for part in (_SUBJECTS, _VERBS, _OBJECTS, _WHEN)]
    told = " ".join(words[int(i)] for i in random.choice(len(words), 6, p=shares))
    return f"{' '.join(pick)} with {told} t{topic}."


def measure(passages: int, answers: int) -> dict[str, object]:
    made = MadeUp()
    build.make_embeddings = lambda settings: made  # type: ignore[assignment]
    rag.assistant.make_embeddings = lambda settings: made  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(_env_file=None, corpus_dir=Path(home) / "corpus", data_dir=Path(home) / "data")  # type: ignore[call-arg]
        make_corpus(settings.corpus_dir, passages)
        start = time.perf_counter()
        corpus = load_corpus(settings.corpus_dir)
        loaded = time.perf_counter() - start
        start = time.perf_counter()
        directory = ensure_index(settings)
        built = time.perf_counter() - start
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = sum(p.stat().st_size for p in directory.rglob("*") if p.is_file()) / 1e6
        start = time.perf_counter()
        assistant = Assistant(settings, Index(directory))
        opened = time.perf_counter() - start
        found = {
            "passages": passages, "units": assistant.index.manifest.units, "load_corpus_s": round(loaded, 1),
            "build_s": round(built, 1), "build_peak_mb": round(max(own, children)), "index_mb": round(size),
            "open_s": round(opened, 1), **_searches(assistant, made, list(corpus.passages.values())),
            **_answers(assistant, list(corpus.passages.values()), answers),
        }  # fmt: skip
        assistant.index.close()
        return found


def _searches(assistant: Assistant, made: MadeUp, passages: list) -> dict[str, object]:
    index = assistant.index
    random = np.random.default_rng(5)
    chosen = random.choice(len(passages), QUESTIONS, replace=False)
    rows = np.flatnonzero(index.unit_kind == KINDS.index("statement"))
    everything = index.vectors(rows)
    times, recall = [], []
    for n in chosen:
        said = passages[int(n)].statements[0]
        noise = random.standard_normal(DIMENSIONS).astype(np.float32)
        raw = 0.92 * made.vector(said) + 0.39 * noise / np.linalg.norm(noise)
        query = index.query_vector((raw / np.linalg.norm(raw)).astype(np.float32))
        start = time.perf_counter()
        near = index.dense("statement", query, 10)
        times.append((time.perf_counter() - start) * 1000)
        exact = rows[np.argsort(-(everything @ query), kind="stable")[:10]]
        recall.append(len(set(near) & {int(r) for r in exact}) / 10)
    return {
        "dense_p50_ms": round(float(np.percentile(times[5:], 50)), 1),
        "dense_p95_ms": round(float(np.percentile(times[5:], 95)), 1),
        "dense_recall_at_10": round(float(np.mean(recall)), 4),
    }


def _answers(assistant: Assistant, passages: list, count: int) -> dict[str, object]:
    random = np.random.default_rng(3)
    times: list[float] = []
    first: float = 0.0
    for n in range(count + 5):
        passage = passages[int(random.integers(len(passages)))]
        question = f"Why was it that {passage.statements[0].rsplit(' t', 1)[0].lower()}?"
        start = time.perf_counter()
        assistant.answer(question)
        took = (time.perf_counter() - start) * 1000
        first = first or took
        if n >= 5:
            times.append(took)
    return {
        "first_answer_ms": round(first), "answers": count,
        "answer_p50_ms": round(float(np.percentile(times, 50))), "answer_p95_ms": round(float(np.percentile(times, 95))),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--answers", type=int, default=60)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    found = measure(given.passages, given.answers)
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
