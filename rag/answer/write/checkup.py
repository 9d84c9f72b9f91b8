"""Whether the language model of the settings can be used, in plain words: asked one small thing, twice."""

from __future__ import annotations

import json
import time

from rag.chat import Chat, ChatFailed, Message
from rag.model import Frozen
from rag.settings import Settings

MOST = 60
ASKED = "Name the four seasons of the year"
SCHEMA = {
    "type": "object",
    "properties": {"seasons": {"type": "array", "items": {"type": "string"}}},
    "required": ["seasons"],
    "additionalProperties": False,
}
STREAMING_PIECES = 3


class Checkup(Frozen):
    """What was found. `first_ms` until the first piece, `per_second` tokens after it; None where nothing came."""

    model: str
    works: bool
    problem: str | None = None
    streams: bool = False
    schema_honoured: bool = False
    first_ms: float | None = None
    per_second: float | None = None


class _Heard(Frozen):
    text: str
    pieces: int
    first_ms: float
    per_second: float


def check(settings: Settings) -> Checkup:
    """Asks the endpoint in plain text and with a JSON schema; never raises for what the endpoint does."""
    name = settings.write_model or "none"
    try:
        chat = Chat(settings)
        chat.warm_up()
        plain = _heard(chat, settings, schema=False)
    except ChatFailed as e:
        return Checkup(model=name, works=False, problem=str(e))
    honoured = False
    try:
        honoured = _keeps_to_schema(_heard(chat, settings, schema=True).text) and chat.takes_schema
    except ChatFailed:
        honoured = False  # then plain lines are asked for, which is what the check says
    return Checkup(
        model=name,
        works=True,
        streams=plain.pieces >= STREAMING_PIECES,
        schema_honoured=honoured,
        first_ms=round(plain.first_ms, 1),
        per_second=round(plain.per_second, 1),
    )


def _heard(chat: Chat, settings: Settings, *, schema: bool) -> _Heard:
    form = ' as JSON: {"seasons": ["…"]}.' if schema else " in one sentence."
    started = time.monotonic()
    first = 0.0
    said: list[str] = []
    reply = chat.ask(
        lambda _: [Message(role="user", content=f"{ASKED}{form}")],
        schema=SCHEMA if schema else None,
        most=MOST,
        until=started + settings.write_timeout,
    )
    for piece in reply:
        if piece:
            first = first or time.monotonic() - started
            said.append(piece)
    took = max(time.monotonic() - started - first, 1e-6)
    return _Heard(
        text="".join(said),
        pieces=len(said),
        first_ms=first * 1000,
        per_second=reply.usage.tokens_out / took,
    )


def _keeps_to_schema(text: str) -> bool:
    """Whether a reply is the JSON that was asked for, or the start of it where it was cut off."""
    try:
        value = json.loads(text)
    except ValueError:
        return "".join(text.split()).startswith('{"seasons":[')
    return isinstance(value, dict) and isinstance(value.get("seasons"), list)
