"""The programming interface in this process, on the real assistant of the shipped corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from rag import api
from rag.assistant import Assistant
from rag.settings import Settings


class Held:
    """An opener whose assistant is open already, or never will be."""

    def __init__(self, assistant: Assistant | None, problem: str = "", status: str = "") -> None:
        self.assistant = assistant
        self.problem = problem
        self.status = status

    def wait(self, seconds: float) -> bool:
        return True

    def renew(self) -> None:
        pass


Serve = Callable[..., TestClient]


def client(settings: Settings, held: Held) -> TestClient:
    application = Starlette(routes=[Mount("/api", app=api.application(settings, lambda: held))])
    return TestClient(application)


@pytest.fixture
def serve(settings: Settings, assistant: Assistant) -> Iterator[Serve]:
    """A client of the interface with these settings changed."""
    opened: list[TestClient] = []

    def make(held: Held | None = None, **changed: object) -> TestClient:
        made = client(settings.model_copy(update=changed), held or Held(assistant))
        opened.append(made.__enter__())
        return made

    yield make
    for each in opened:
        each.__exit__(None, None, None)
