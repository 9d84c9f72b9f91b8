"""The real server: page and interface in one process, and the examples of docs/api.md as they are written."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.index import Index
from rag.settings import ROOT, Settings
from tests.ports import free_port

EXAMPLES = re.findall(r"^curl (.+)$", (ROOT / "docs" / "api.md").read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def address(settings: Settings, index: Index, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server as `exitvoices serve` starts it, from a folder that is not the project's."""
    port = free_port()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EXITVOICES_CORPUS_DIR": str(settings.corpus_dir),
        "EXITVOICES_DATA_DIR": str(settings.data_dir),
    }
    log = elsewhere / "log"
    with log.open("w") as out:
        command = [sys.executable, "-m", "rag", "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=elsewhere, env=environment, stdout=out, stderr=out)
    try:
        _wait(f"http://localhost:{port}", log)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        assert process.wait(20) is not None


def _wait(address: str, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The interface was not served:\n{log.read_text()}")


def fetch(words: list[str], address: str) -> tuple[int, str, str]:
    """(status, type, text) of what the arguments of curl ask for; the test needs no curl of its own."""
    url, sent = "", None
    for n, word in enumerate(words):
        if word.startswith("http"):
            url = word.replace("http://localhost:8501", address)
        if word == "--json":
            sent = words[n + 1].encode()
    request = urllib.request.Request(url, sent, {"Content-Type": "application/json"} if sent else {})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.status, reply.headers["content-type"], reply.read().decode()


def test_there_are_examples_of_every_path() -> None:
    assert len(EXAMPLES) >= 7


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_work_as_written(example: str, address: str) -> None:
    status, kind, text = fetch(shlex.split(example), address)
    assert status == 200
    if "stream=1" in example:
        assert kind.startswith("text/event-stream")
        assert text.strip().split("\n\n")[-1].startswith("event: done")
    else:
        assert kind == "application/json"
        told = json.loads(text)
        assert "error" not in told
        if "/answer" in example:
            assert told["citations"]
        if "/search" in example:
            assert len(told["results"]) == 3


def test_the_page_is_served_by_the_same_process(address: str) -> None:
    for path in ("/", "/explore", "/_stcore/health"):
        with urllib.request.urlopen(address + path, timeout=10) as reply:
            assert reply.status == 200


def test_what_is_not_there_is_said_as_json(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/api/v1/nothing", timeout=10)
    assert refused.value.code == 404
    assert "openapi" in json.load(refused.value)["error"]
