"""What a caller is told when something is refused or fails: a status, and one sentence that says what to do."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

log = logging.getLogger(__name__)
# Answers are for the one who asked: no cache on the way may keep them, and no browser may guess another type.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
OURS = "Something went wrong on our side, and the request was not answered. Please try again."


class Refused(Exception):
    """A request that is not answered; `message` is for the person who reads it. `wait` is in seconds."""

    def __init__(self, status: HTTPStatus, message: str, wait: float = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = {"Retry-After": str(max(1, round(wait)))} if wait else {}


def told(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": message}, status, {**HEADERS, **(headers or {})})


def on_refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return told(error.status, error.message, error.headers)


def on_http(request: Request, error: Exception) -> JSONResponse:
    """Paths and methods that there are not; Starlette raises these."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        message = f"There is nothing at {request.url.path}; /api/openapi.json says what there is."
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message = (
            f"{request.method} is not for {request.url.path}; send {headers.get('Allow', 'another method')}."
        )
    else:
        message = error.detail
    return told(error.status_code, message, headers)


def faulty(error: Exception) -> JSONResponse:
    log_fault(error)
    return told(HTTPStatus.INTERNAL_SERVER_ERROR, OURS)


def log_fault(error: BaseException) -> None:
    """Logs where something broke, not with what: the message of an exception may hold what was asked."""
    log.error("%s in\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
