"""An answer as server-sent events (HTML Living Standard, 9.2): status*, notice*, sentence*, then done.

A sentence brings the citations that are new with it. `anew` takes back what came so far; `error` ends a stream that
broke. `done` holds the whole answer, the same JSON as without streaming.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from rag.api.errors import OURS, log_fault
from rag.api.read import Asked
from rag.assistant import Anew, Done, Event, Noted, Said, Status
from rag.embed import EmbeddingUnavailable
from rag.guard.intake import BadQuestion

MEDIA_TYPE = "text/event-stream"


def wanted(request: Request, asked: Asked) -> bool:
    """Whether events were asked for: in the body, by `?stream=1`, or by the Accept header."""
    by_address = request.query_params.get("stream", "").lower() in ("1", "true")
    return asked.stream or by_address or MEDIA_TYPE in request.headers.get("accept", "").lower()


def events(stream: Iterator[Event]) -> Iterator[bytes]:
    """Each event of the assistant in the wire format; a fault becomes a last event that says so."""
    try:
        for event in stream:
            yield _wire(*_named(event))
    except (BadQuestion, EmbeddingUnavailable) as e:
        yield _wire("error", {"error": str(e)})
    except Exception as e:
        log_fault(e)
        yield _wire("error", {"error": OURS})


def _named(event: Event) -> tuple[str, dict[str, Any]]:
    match event:
        case Status():
            return "status", event.model_dump(mode="json")
        case Noted(notice=notice):
            return "notice", notice.model_dump(mode="json")
        case Said(sentence=sentence, citations=citations):
            new = [c.model_dump(mode="json") for c in citations]
            return "sentence", {"sentence": sentence.model_dump(mode="json"), "citations": new}
        case Anew():
            return "anew", {}
        case Done(answer=answer):
            return "done", answer.to_json()


def _wire(name: str, data: dict[str, Any]) -> bytes:
    # JSON escapes line ends, so that data is always one line.
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
