"""Reading a request: its body within bounds, and what it asks, or a refusal that says what to change."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import Field, ValidationError, model_validator
from starlette.requests import Request

from rag.api.errors import Refused
from rag.assistant import Assistant
from rag.model import Filters, Frozen, Mode, Turn

MOST_TURNS = 20  # messages of a conversation; each user turn that nobody answered costs an answer of its own


class Message(Frozen):
    role: str = Field(json_schema_extra={"enum": ["user", "assistant"]})
    content: str


class Asked(Frozen):
    """Either `question`, or `messages` of which the last by the user is answered."""

    question: str | None = None
    messages: tuple[Message, ...] | None = Field(None, min_length=1, max_length=MOST_TURNS)
    where: Filters = Field(Filters(), description="Facets that passages must have.")
    mode: Mode = Field("quote", description="`write` where a language model is set; else it is quoted too.")
    stream: bool = Field(False, description="Server-sent events instead of one JSON object.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Asked:
        if (self.question is None) == (self.messages is None):
            raise ValueError("give either question or messages")
        return self

    def record(self) -> dict[str, Any]:
        """The question as `exitvoices answer` reads it from a line."""
        return self.model_dump(mode="json", include={"question", "messages"}, exclude_none=True)


class Searched(Frozen):
    question: str
    k: int = Field(10, ge=1, le=100, description="How many passages.")
    where: Filters = Field(Filters(), description="Facets that passages must have.")


Body = TypeVar("Body", bound=Frozen)
Conversation = tuple[list[Turn], str]


async def body(request: Request, kind: type[Body], most: int) -> Body:
    """The body of a request as a `kind`; at most `most` bytes, 0 for any number.

    Raises Refused for another type, a longer body, or a mistake in it.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        # What a form of any website could send is not taken, so that none can ask in a visitor's name.
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Send the request as JSON, with Content-Type: application/json.",
        )
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if most and len(read) > most:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Send at most {most:,} bytes.")
    try:
        return kind.model_validate_json(bytes(read))
    except ValidationError as e:
        raise Refused(HTTPStatus.BAD_REQUEST, mistake(e)) from e


def mistake(error: ValidationError) -> str:
    """The first thing that is wrong with a body, in one sentence."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(x) for x in first["loc"])
    if first["type"] == "extra_forbidden":
        return f'There is no field "{place}"; /api/openapi.json says which there are.'
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f'The field "{place}" is wrong: {message}.' if place else f"The body cannot be read: {message}."


def facets(where: Filters, assistant: Assistant) -> Filters | None:
    """The chosen facets; None where none are. Raises Refused where no passage has them."""
    if where and not assistant.retriever.allowed(where):
        chosen = " and ".join(f"{k}={','.join(v)}" for k, v in where.model_dump().items() if v)
        raise Refused(HTTPStatus.BAD_REQUEST, f"No passage has {chosen}; leave some of it out.")
    return where or None
