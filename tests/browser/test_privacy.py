"""What is left of a visit: nothing on disk, and nothing sent to another machine."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import shutil
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.index import Index
from rag.settings import ROOT, Settings
from tests.ports import free_port

from .conftest import ask, served
from .test_pages import go

QUESTION = "Why did Erion from Kosovo leave for the zebrawood place?"
# Python's own audit events, noted by the server process from its first line on: every connection that it opens or
# datagram that it sends, and every file that it opens for writing.
HOOK = """
import os, sys
_out = os.open(os.environ["AUDIT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def _hook(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        os.write(_out, ("net %r\\n" % (args[1],)).encode())
    elif event == "socket.getaddrinfo":
        os.write(_out, ("name %r\\n" % (args[0],)).encode())
    elif event == "open" and isinstance(args[0], (str, bytes)) and isinstance(args[2], int):
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            os.write(_out, ("file %r\\n" % (args[0],)).encode())
    elif event in ("os.mkdir", "os.rename", "tempfile.mkstemp", "tempfile.mkdtemp"):
        os.write(_out, ("file %r\\n" % (args[0],)).encode())
sys.addaudithook(_hook)
"""


def contents(*folders: Path) -> dict[str, str]:
    """Every file and folder below these, with a hash of what a file holds."""
    return {
        str(p): hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "folder"
        for folder in folders
        for p in folder.rglob("*")
        if "__pycache__" not in p.parts
    }


def local(line: str) -> bool:
    """Whether a line of the audit is about this machine alone."""
    kind, _, what = line.partition(" ")
    if kind == "name":
        return what in ("'localhost'", "'127.0.0.1'", "'::1'", "None")
    host = what.strip("()").split(",")[0].strip("'\"b")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.startswith(("/", "\\x00"))  # a socket in the file system


def test_a_visit_leaves_nothing_on_disk_and_sends_nothing_elsewhere(
    chromium: Browser, settings: Settings, index: Index, neutral_site: str, tmp_path: Path
) -> None:
    data, home, scratch, hook = (tmp_path / n for n in ("data", "home", "scratch", "hook"))
    shutil.copytree(settings.data_dir, data)
    for folder in (home, scratch, hook):
        folder.mkdir()
    (hook / "sitecustomize.py").write_text(HOOK, "utf-8")
    audit, log, port = tmp_path / "audit", tmp_path / "log", free_port()
    own = settings.model_copy(update={"data_dir": data})
    environment = {
        "PYTHONPATH": f"{hook}:{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AUDIT": str(audit),
        "HOME": str(home),
        "TMPDIR": str(scratch),
    }
    watched = (data, home, scratch, ROOT / ".streamlit")
    with served(["rag", "serve", "--port", str(port)], port, own, neutral_site, log, **environment) as url:
        page = chromium.new_page()
        page.goto(url)
        expect(page.get_by_role("heading", name="Questions to start with")).to_be_visible(timeout=30_000)
        before, told = contents(*watched), len(audit.read_text().splitlines())
        asked = ask(page, QUESTION)
        if asked.get_by_role("button", name="Citation 1:").count():
            asked.get_by_role("button", name="Citation 1:").click()
        for name in ("Explore", "Sources", "Privacy"):
            go(page, name)
            expect(page.locator("#rr-content h1").first).to_be_visible(timeout=30_000)
        expect(page.get_by_role("heading", name="What is kept about you")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("Nothing.", exact=True)).to_be_visible()
        body = json.dumps({"question": QUESTION}).encode()
        request = urllib.request.Request(f"{url}/api/v1/answer", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            assert json.load(reply)["outcome"]
        cookies = page.context.cookies()
        page.close()
        assert contents(*watched) == before
        noted = audit.read_text().splitlines()
    assert {c["name"] for c in cookies} <= {"_streamlit_xsrf"}
    assert [line for line in noted if not line.startswith("file") and not local(line)] == []
    # The index was opened before the visit; what is opened for writing during it would be a trace.
    assert [x for x in noted[told:] if x.startswith("file") and "/dev/" not in x] == []
    left = [p for p in (*data.rglob("*"), *home.rglob("*"), *scratch.rglob("*"), log) if p.is_file()]
    assert not [p for p in left if b"zebrawood" in p.read_bytes()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [("net ('127.0.0.1', 80)", True), ("net ('192.0.2.1', 80)", False), ("name 'example.org'", False)],
)
def test_the_watch_knows_this_machine_from_others(line: str, expected: bool) -> None:
    assert local(line) is expected
