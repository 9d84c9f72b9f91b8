"""The verifier's parts that need no corpus, as a judge for `benchmarks.external.groundedness`:

    python -m benchmarks.external.groundedness --datasets DIR --out FILE --judge benchmarks.verify_judge:bears

Numbers, names, quotations, opposites, negation, modality, roles, widening and the scorer; attribution, standing and
speakers belong to a corpus of testimony and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from benchmarks.fit_verify import embedder
from rag.answer.verify import Verifier
from rag.corpus import Corpus


@cache
def _verifier() -> Verifier:
    empty = Corpus.model_construct(version="", files=(), people=(), terms=())
    return Verifier(empty, _embed())


@cache
def _embed():  # type: ignore[no-untyped-def]
    return embedder()


def scores(sentence: str, texts: Sequence[str]) -> float:
    """The probability that the texts say the sentence; 0 where a rule speaks against it."""
    return _verifier().support(sentence, texts)


def bears(statements: Sequence[str], sentence: str) -> bool:
    """Whether the verifier would let the sentence pass."""
    return scores(sentence, statements) >= _verifier().threshold
