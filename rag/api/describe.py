"""The description of the programming interface (OpenAPI 3.1), made from the types that it speaks."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from rag.api.read import Asked, Searched
from rag.model import Answer, Notice

REF = "#/components/schemas/{model}"
EVENTS = (
    "Server-sent events: status, notice, sentence (with the citations that are new with it), anew (what came so far is "
    "taken back), done (the Answer), error. Asked for by Accept: text/event-stream, ?stream=1 or stream in the body."
)
ERRORS = {
    400: "Something is wrong with the request; the message says what.",
    403: "Not shown to readers under 16, for whom this site is set.",
    404: "No such passage.",
    405: "Another method is needed.",
    410: "The passage was removed.",
    413: "The body is too long.",
    415: "The body is not sent as JSON.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    503: "The collection is not open.",
}


@cache
def openapi() -> dict[str, Any]:
    """The whole description as plain data; the same at every call."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Exit Voices",
            "version": "1",
            "description": "Answers questions about joining and leaving violent extremist groups by citing testimony. "
            "Offers of help and refusals are answers too (status 200), with their outcome.",
        },
        "paths": {
            "/api/health": {
                "get": _operation(
                    "health",
                    "Whether questions can be answered.",
                    _json("Health"),
                    also={503: _json("Health")},
                )
            },
            "/api/v1/answer": {
                "post": {
                    **_operation(
                        "answer",
                        "Answers a question, or the last question of a conversation.",
                        {**_json("Answer"), "text/event-stream": {"schema": {"type": "string"}}},
                        (400, 405, 413, 415, 429, 503),
                        EVENTS,
                    ),
                    "parameters": [
                        {
                            "name": "stream",
                            "in": "query",
                            "schema": {"enum": ["1", "true"]},
                            "description": EVENTS,
                        }
                    ],
                    "requestBody": {"required": True, "content": _json("Asked")},
                }
            },
            "/api/v1/search": {
                "post": {
                    **_operation(
                        "search",
                        "Ranks the passages for a question.",
                        _json("Found"),
                        (400, 405, 413, 415, 429, 503),
                    ),
                    "requestBody": {"required": True, "content": _json("Searched")},
                }
            },
            "/api/v1/passages/{id}": {
                "get": {
                    **_operation(
                        "passage",
                        "A passage with its source.",
                        _json("Passage"),
                        (403, 404, 405, 410, 429, 503),
                    ),
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                            "description": "<source>/<locator>, or the id of a statement with its # as %23.",
                        }
                    ],
                }
            },
        },
        "components": {"schemas": _schemas()},
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(model=name)}}}


def _operation(
    name: str,
    summary: str,
    content: dict[str, Any],
    refusals: tuple[int, ...] = (),
    more: str = "",
    also: dict[int, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    responses = {"200": {"description": summary, "content": content}}
    for status in refusals:
        responses[str(status)] = {"description": ERRORS[status], "content": _json("Error")}
    for status, body in (also or {}).items():
        responses[str(status)] = {"description": ERRORS[status], "content": body}
    return {"operationId": name, "summary": summary, "description": more or summary, "responses": responses}


def _schemas() -> dict[str, Any]:
    _, made = models_json_schema(
        [
            (Answer, "serialization"),
            (Notice, "serialization"),
            (Asked, "validation"),
            (Searched, "validation"),
        ],
        ref_template=REF,
    )
    schemas: dict[str, Any] = made["$defs"]
    answer = schemas["Answer"]
    for kept_back in ("nearby", "trace"):  # `Answer.to_json` leaves them out
        del answer["properties"][kept_back]
    answer["required"] = sorted(set(answer["properties"]) - {"writing"})
    schemas["Asked"]["oneOf"] = [{"required": ["question"]}, {"required": ["messages"]}]
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    return {
        **schemas,
        "Error": _object(error=text),
        "Health": {
            **_object(state={"enum": ["ready", "opening", "failed"]}, status=text, corpus_version=text),
            "required": ["state", "status"],
        },
        "Found": _object(results=_list(_ranked())),
        "Passage": _object(
            passage=text,
            locator=text,
            paragraphs=_list({"type": "integer"}),
            statements=_list(_object(id=text, text=text)),
            people=_list({"type": "object"}),
            type=text,
            stage=texts,
            motives=texts,
            disillusionment=texts,
            stance={"type": ["string", "null"]},
            flags=texts,
            source={"type": "object"},
            notices=_list({"$ref": REF.format(model="Notice")}),
            corpus_version=text,
        ),
    }


def _ranked() -> dict[str, Any]:
    text = {"type": "string"}
    whole = {"type": "array", "items": {"type": "integer"}}
    return _object(passage=text, source=text, paragraphs=whole, score={"type": "number"}, text=text)


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}
