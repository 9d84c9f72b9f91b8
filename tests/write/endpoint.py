"""A scripted endpoint on loopback that speaks Chat Completions: a real HTTP server that does what it is told."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GIVEN = re.compile(r"^\[(\w+)\] \(speaker: ([^;]+);[^)]*\) (.+)$", re.MULTILINE)

Asked = dict[str, Any]
Script = Callable[["Handler", Asked], None]


class Handler(BaseHTTPRequestHandler):
    """One request; a script answers it by calling the methods below."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        asked = json.loads(self.rfile.read(size))
        with self.server.lock:
            self.server.asked.append(asked)
            number = len(self.server.asked)
            script = self.server.scripts[min(number, len(self.server.scripts)) - 1]
        self.close_connection = True
        try:
            script(self, asked)
        except (BrokenPipeError, ConnectionResetError):
            self.server.hung_up.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests say what matters."""

    def open_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def send(self, raw: str) -> None:
        self.wfile.write(raw.encode())
        self.wfile.flush()

    def chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {
            "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice], **more
        }  # fmt: skip
        self.send(f"data: {json.dumps(body)}\n\n")

    def text(self, text: str, pause: float = 0.0, size: int = 8) -> None:
        for at in range(0, len(text), size):
            self.chunk({"content": text[at : at + size]})
            if pause:
                time.sleep(pause)

    def end_stream(self, reason: str = "stop", usage: tuple[int, int] | None = (100, 20)) -> None:
        self.chunk({}, reason)
        if usage:
            told = {
                "prompt_tokens": usage[0],
                "completion_tokens": usage[1],
                "total_tokens": usage[0] + usage[1],
            }
            self.chunk({}, None, choices=[], usage=told)
        self.send("data: [DONE]\n\n")

    def fail(self, status: int, message: str = "no", headers: dict[str, str] | None = None) -> None:
        raw = json.dumps({"error": {"message": message, "type": "error", "code": None}}).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, scripts: Sequence[Script]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts = list(scripts)
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def endpoint(*scripts: Script) -> Iterator[Server]:
    """A server that answers its first request by the first script and so on; the last one goes on for the rest."""
    server = Server(scripts)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def given(asked: Asked) -> list[tuple[str, str, str]]:
    """The statements that the model was given: (id, speaker, text)."""
    return [(m[1], m[2], m[3]) for m in GIVEN.finditer(asked["messages"][-1]["content"])]


def reply(*sentences: tuple[Sequence[str], str, str]) -> str:
    """A whole reply in JSON of (ids, speaker, sentence)."""
    listed = [{"ids": list(ids), "speaker": speaker, "text": text} for ids, speaker, text in sentences]
    return json.dumps({"sentences": listed}, ensure_ascii=False)


def says(
    make: Callable[[list[tuple[str, str, str]]], str], finish: str = "stop", pause: float = 0.0
) -> Script:
    """A script that streams what `make` makes of the given statements."""

    def script(handler: Handler, asked: Asked) -> None:
        handler.open_stream()
        handler.text(make(given(asked)), pause)
        handler.end_stream(finish)

    return script
