"""Many questions from a file of JSON lines: one line in, one line out, in order; a bad line says why and no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from rag.answer.write.prompt import USUAL, Style
from rag.assistant import Assistant
from rag.guard.intake import BadQuestion, clean_question
from rag.guard.screen import Guard
from rag.model import Filters, Mode, Turn

Record = dict[str, Any]


class BadLine(ValueError):
    """A line that is not a question; the message says what is wrong with it."""


def answers(
    assistant: Assistant, lines: Iterable[bytes], mode: Mode = "quote", style: Style = USUAL
) -> Iterator[Record]:
    """For each line `{"id", "question"}` or `{"id", "messages"}` the answer as JSON with its id, or an error."""

    def answered(record: Record) -> Record:
        history, question = conversation(assistant, record, mode, style)
        return assistant.answer(question, history, None, mode, style).to_json()

    return _each(lines, answered)


def searches(assistant: Assistant, lines: Iterable[bytes], k: int, filters: Filters) -> Iterator[Record]:
    """For each line `{"id", "question"}` the k best passages as `results` with its id, or an error."""

    def searched(record: Record) -> Record:
        return {"results": results(assistant, _text(record, "question"), k, filters)}

    return _each(lines, searched)


def screens(guard: Guard, lines: Iterable[bytes], most: int) -> Iterator[Record]:
    """For each line `{"id", "text"}` or `{"id", "messages"}` what the guard decides, or an error.

    `most` is the longest text that is taken, in characters.
    """

    def screened(record: Record) -> Record:
        turns = _turns(record["messages"], most) if "messages" in record else ()
        asked = [n for n, turn in enumerate(turns) if turn.role == "user"]
        if "messages" in record and not asked:
            raise BadLine('"messages" has no message of the role "user"')
        history = turns[: asked[-1]] if asked else ()
        text = turns[asked[-1]].content if asked else clean_question(_text(record, "text"), most)
        found = guard.screen(text, history)
        return found.model_dump(mode="json", include={"decision", "category", "scores", "layer"})

    return _each(lines, screened)


def results(
    assistant: Assistant, question: str, k: int, filters: Filters, *, trace: bool = False
) -> list[Record]:
    """Ranked passages as JSON; `trace` adds the parts of each score."""
    return [
        {
            "passage": hit.passage.id,
            "source": hit.passage.source,
            "paragraphs": list(hit.passage.locator.paragraphs),
            "score": hit.score,
            "text": hit.passage.text,
            **({"parts": hit.parts} if trace else {}),
        }
        for hit in assistant.search(question, k, filters)
    ]


def to_line(record: Record) -> bytes:
    """One line of JSON in UTF-8; half a surrogate pair, which UTF-8 cannot hold, stays a JSON escape."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _each(lines: Iterable[bytes], work: Callable[[Record], Record]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        known: Record = {}
        try:
            record, broken = _parsed(line)
            if "id" not in record:
                raise BadLine('the field "id" is missing')
            known = {"id": record["id"]}
            if broken:
                raise BadLine(broken)
            yield {**known, **work(record)}
        except (BadLine, BadQuestion) as e:
            yield {**known, "error": f"line {number}: {e}"}
        except Exception as e:  # a fault of ours in one line must not cost the lines after it
            yield {**known, "error": f"line {number}: could not be answered ({type(e).__name__}: {e})"}


def _parsed(line: bytes) -> tuple[Record, str]:
    """The JSON object of a line, and what is wrong with its bytes if its id could be read in spite of them."""
    broken = ""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        broken = f"not UTF-8 at byte {e.start + 1}; save the file as UTF-8"
        text = line.decode("utf-8-sig", "replace")
    try:
        record = json.loads(text, parse_constant=_no_number)
    except RecursionError as e:
        raise BadLine("not JSON that can be read: nested too deeply") from e
    except ValueError as e:
        raise BadLine(broken or (f"not JSON ({e})" if text.strip() else "the line is empty")) from e
    if not isinstance(record, dict):
        raise BadLine('not a JSON object; write {"id": …, "question": …}')
    return record, broken


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")


def conversation(
    assistant: Assistant, record: Record, mode: Mode = "quote", style: Style = USUAL
) -> tuple[list[Turn], str]:
    """The turns before the question of a record, and the question; user turns that nobody answered are answered on the
    way. Raises BadLine or BadQuestion."""
    if "messages" not in record:
        return [], _text(record, "question")
    turns = _turns(record["messages"], assistant.settings.max_question_chars)
    asked = [n for n, turn in enumerate(turns) if turn.role == "user"]
    if not asked:
        raise BadLine('"messages" has no message of the role "user"')
    history: list[Turn] = []
    for turn, following in pairwise(turns[: asked[-1] + 1]):
        history.append(turn)
        if turn.role == following.role == "user":
            told = assistant.answer(turn.content, history[:-1], None, mode, style).text
            history.append(Turn(role="assistant", content=told))
    return history, turns[asked[-1]].content


def _turns(messages: object, most: int) -> list[Turn]:
    if not isinstance(messages, list) or not messages:
        raise BadLine('"messages" is not a list of {"role", "content"}')
    turns = []
    for n, message in enumerate(messages, 1):
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            raise BadLine(f'message {n} needs "role": "user" or "assistant", and "content"')
        try:
            content = _text(message, "content")
            if message["role"] == "user":
                content = clean_question(content, most)
        except (BadLine, BadQuestion) as e:
            raise BadLine(f"message {n}: {e}") from e
        turns.append(Turn(role=message["role"], content=content.encode("utf-8", "replace").decode("utf-8")))
    return turns


def _text(record: Record, field: str) -> str:
    value = record.get(field)
    if not isinstance(value, str):
        raise BadLine(f'the field "{field}" is {"not a text" if field in record else "missing"}')
    return value
