"""The routes: health, answer, search, passage, and their description. Mounted at /api beside the page.

Questions come only in the body of a POST: an address is written into histories and logs, a body is not. Support and
refusals go out as answers do, with status 200; only what could not be answered at all is an error.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from rag.api import errors, passages
from rag.api.describe import openapi
from rag.api.errors import HEADERS, Refused
from rag.api.limits import RateLimit, caller
from rag.api.read import Asked, Conversation, Searched, body, facets
from rag.api.stream import MEDIA_TYPE, events, wanted
from rag.assistant import Assistant
from rag.bulk import BadLine, conversation, results
from rag.embed import EmbeddingUnavailable
from rag.guard.intake import BadQuestion
from rag.model import Filters
from rag.settings import Settings

# Answers that are worked on together. They compete for the same cores: more at once makes all of them slower, and a
# queue serves them in their order.
AT_ONCE = 2
OPENING = 60.0  # seconds that a request waits for the collection to be opened
T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]


class Opener(Protocol):
    """Who holds the one assistant of the process; the page's Library is one."""

    @property
    def assistant(self) -> Assistant | None: ...

    @property
    def problem(self) -> str: ...

    @property
    def status(self) -> str: ...

    def wait(self, seconds: float) -> bool: ...
    def renew(self) -> None: ...


class Api:
    """The endpoints over one assistant. `opener` is called for each request, so that nothing opens before the first."""

    def __init__(self, settings: Settings, opener: Callable[[], Opener]) -> None:
        self.settings = settings
        self._opener = opener
        self._limit = RateLimit(settings.api_per_minute)
        self._slots: CapacityLimiter | None = None

    async def health(self, _: Request) -> Response:
        """Whether questions can be answered: ready (200), opening or failed (503)."""
        opener = await to_thread.run_sync(self._opener)
        assistant = opener.assistant
        state = "ready" if assistant else "failed" if opener.problem else "opening"
        told = {"state": state, "status": opener.problem or opener.status}
        if assistant:
            told["corpus_version"] = assistant.index.manifest.corpus_version
        return JSONResponse(told, 200 if assistant else 503, HEADERS)

    async def answer(self, request: Request) -> Response:
        asked = await body(request, Asked, self.settings.api_body_bytes)
        assistant = await self._assistant()
        history, question, where = await self._work(functools.partial(_understood, assistant, asked))
        if wanted(request, asked):
            stream = assistant.stream(question, history, where, asked.mode)
            return StreamingResponse(self._streamed(stream), media_type=MEDIA_TYPE, headers=HEADERS)
        answer = await self._work(lambda: assistant.answer(question, history, where, asked.mode))
        return JSONResponse(answer.to_json(), headers=HEADERS)

    async def search(self, request: Request) -> Response:
        asked = await body(request, Searched, self.settings.api_body_bytes)
        assistant = await self._assistant()

        def found() -> list[dict[str, Any]]:
            where = facets(asked.where, assistant) or Filters()
            return results(assistant, asked.question, asked.k, where)

        return JSONResponse({"results": await self._work(found)}, headers=HEADERS)

    async def passage(self, request: Request) -> Response:
        assistant = await self._assistant()
        told = await self._work(lambda: passages.told(assistant, request.path_params["id"]))
        return JSONResponse(told, headers=HEADERS)

    async def description(self, _: Request) -> Response:
        return JSONResponse(openapi(), headers=HEADERS)

    def counted(self, endpoint: Endpoint) -> Endpoint:
        """The same endpoint within the rate limit."""

        async def within(request: Request) -> Response:
            wait = self._limit.wait(caller(request.client.host if request.client else None))
            if wait:
                message = (
                    f"More than {self.settings.api_per_minute} requests in a minute; wait {wait:.0f} seconds."
                )
                raise Refused(HTTPStatus.TOO_MANY_REQUESTS, message, wait)
            return await endpoint(request)

        return _safe(within)

    async def _assistant(self) -> Assistant:
        """The open assistant, waited for a little. Raises Refused where there is none."""
        opener = await to_thread.run_sync(self._opener)
        opener.renew()
        await to_thread.run_sync(opener.wait, OPENING)
        if opener.assistant is None:
            why = opener.problem or f"{opener.status}. Try again in a moment."
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, why, 0 if opener.problem else 5)
        return opener.assistant

    async def _work(self, do: Callable[[], T]) -> T:
        """What `do` returns, worked on in a thread when it is its turn."""
        if self._slots is None:
            self._slots = CapacityLimiter(AT_ONCE)
        try:
            return await to_thread.run_sync(do, limiter=self._slots)
        except (BadLine, BadQuestion) as e:
            raise Refused(HTTPStatus.BAD_REQUEST, str(e)) from e
        except EmbeddingUnavailable as e:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, str(e)) from e

    async def _streamed(self, stream: Iterator[Any]) -> AsyncIterator[bytes]:
        """The events of an answer as they come; each is worked out when it is its turn."""
        encoded = events(stream)
        while chunk := await self._work(lambda: next(encoded, b"")):
            yield chunk


def _safe(endpoint: Endpoint) -> Endpoint:
    """The same endpoint, whose faults are answered here: left to the server, its log would tell what was asked."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (Refused, HTTPException):
            raise
        except Exception as e:
            return errors.faulty(e)

    return answered


def _understood(assistant: Assistant, asked: Asked) -> tuple[*Conversation, Filters | None]:
    where = facets(asked.where, assistant)
    return *conversation(assistant, asked.record(), asked.mode), where


def application(settings: Settings, opener: Callable[[], Opener]) -> Starlette:
    """An ASGI application to be mounted at /api."""
    api = Api(settings, opener)
    return Starlette(
        routes=[
            Route("/health", _safe(api.health)),
            Route("/openapi.json", api.description),
            Route("/v1/answer", api.counted(api.answer), methods=["POST"]),
            Route("/v1/search", api.counted(api.search), methods=["POST"]),
            Route("/v1/passages/{id:path}", api.counted(api.passage)),
        ],
        exception_handlers={
            Refused: errors.on_refused,
            HTTPException: errors.on_http,
        },
    )
