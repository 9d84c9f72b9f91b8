"""A second opinion tightens what the guard does in doubt, and nothing else; when it cannot be had, nothing changes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rag.guard import judge as judge_module
from rag.guard.decide import CARE, decide
from rag.guard.intent import LABELS, Thresholds, unsafe
from rag.guard.judge import Opinion, make_judge, opinion, tightened
from rag.guard.policy import policy
from rag.settings import Settings

pytest.importorskip("openai")

BOUNDS = Thresholds(unsafe=0.5, distress=0.5)


class Endpoint(ThreadingHTTPServer):
    """A moderation endpoint of our own: what it answers, and what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply: Any = {}
        self.status = 200
        self.delay = 0.0
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def scores(self, **found: float) -> None:
        names = {k.replace("__", "/").replace("_", "-"): v for k, v in found.items()}
        result = {"flagged": True, "categories": dict.fromkeys(names, True), "category_scores": names}
        self.reply = {"id": "m-1", "model": "m", "results": [result]}


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.asked.append(json.loads(self.rfile.read(size)))
        time.sleep(self.server.delay)
        body = (
            self.server.reply
            if isinstance(self.server.reply, bytes)
            else json.dumps(self.server.reply).encode()
        )
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        with suppress(BrokenPipeError):  # who asked has gone
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def settings(endpoint: Endpoint) -> Settings:
    return Settings(_env_file=None, moderation_model="m", moderation_url=endpoint.url, moderation_key="k")  # type: ignore[call-arg]


def even(label: str, p: float) -> dict[str, float]:
    return dict.fromkeys(LABELS, 0.0) | {"study": 1 - p} | {label: p}


def test_no_endpoint_is_asked_unless_one_is_set() -> None:
    assert make_judge(Settings(_env_file=None)) is None  # type: ignore[call-arg]


def test_the_scores_count_and_the_flag_does_not(endpoint: Endpoint) -> None:
    judge = make_judge(settings(endpoint))
    assert judge
    endpoint.scores(violence=0.4, illicit__violent=0.9, self_harm__intent=0.2)
    assert judge("a text") == Opinion(harm=0.9, self_harm=0.2)
    assert endpoint.asked == [{"model": "m", "input": "a text"}]
    endpoint.scores(violence=0.0)
    assert judge("a text") == Opinion(harm=0.0, self_harm=0.0)  # flagged all the same


@pytest.mark.parametrize("reply", [b"<html>a proxy</html>", {}, {"results": []}, {"results": [{"x": 1}]}])
def test_an_endpoint_that_answers_something_else_is_no_opinion(endpoint: Endpoint, reply: Any) -> None:
    judge = make_judge(settings(endpoint))
    endpoint.reply = reply
    assert judge
    assert judge("a text") is None


def test_an_endpoint_that_fails_or_is_slow_or_gone_is_no_opinion(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge_module, "SECONDS", 0.2)
    judge = make_judge(settings(endpoint))
    assert judge
    endpoint.scores(violence=1.0)
    endpoint.status = 500
    assert judge("a text") is None
    endpoint.status, endpoint.delay = 200, 1.0
    start = time.monotonic()
    assert judge("a text") is None
    assert time.monotonic() - start < 0.9
    assert len(endpoint.asked) == 2  # never asked again by itself


@pytest.mark.parametrize("label", ["study", "off_topic"])
def test_an_opinion_alone_never_closes_the_page(label: str) -> None:
    sure = tightened(even(label, 1.0), Opinion(harm=1.0, self_harm=0.0))
    assert unsafe(sure) <= BOUNDS.unsafe + 1e-9
    assert sum(sure.values()) == pytest.approx(1)


def test_in_doubt_an_opinion_closes_it_and_never_opens_it() -> None:
    doubt = even("operational", CARE * BOUNDS.unsafe + 0.1)
    assert decide(doubt, policy(), BOUNDS, "x").decision == "care"
    assert (
        decide(tightened(doubt, Opinion(harm=0.9, self_harm=0)), policy(), BOUNDS, "x").decision == "decline"
    )
    assert decide(tightened(doubt, Opinion(harm=0, self_harm=0)), policy(), BOUNDS, "x").decision == "care"


def test_a_score_of_own_harm_speaks_for_help() -> None:
    doubt = even("self_harm", 0.35)
    assert (
        decide(tightened(doubt, Opinion(harm=0.2, self_harm=0.9)), policy(), BOUNDS, "x").decision
        == "support"
    )


def test_scores_out_of_range_or_absent_are_read_with_care() -> None:
    assert opinion({"violence": 7, "self-harm": None, "self_harm_intent": -1}) == Opinion(harm=1, self_harm=0)
