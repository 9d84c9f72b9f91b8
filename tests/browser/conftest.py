"""A real Chromium on the real page: one server a session, and no request to any other machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from rag.index import Index
from rag.settings import ROOT, Settings
from tests.ports import free_port

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # see `at_home`
]
LOCAL = {"127.0.0.1", "localhost"}
HINT = "no Chromium here: install it (Debian and Ubuntu: apt install chromium; macOS: brew install chromium)"

Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(HINT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class _Neutral(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Weather</title><p>Sunny.")

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def neutral_site() -> Iterator[str]:
    """Where the quick exit leads in these tests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Neutral)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@contextmanager
def served(
    command: list[str], port: int, settings: Settings, neutral_site: str, log: Path, **more: str
) -> Iterator[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EXITVOICES_DATA_DIR": str(settings.data_dir),
        "EXITVOICES_NEUTRAL_SITE": neutral_site,
        **more,
    }
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://localhost:{port}"
        _wait_until_served(process, address, log)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_served(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The page was not served:\n{log.read_text()}")


@pytest.fixture(scope="session")
def address(
    settings: Settings, index: Index, neutral_site: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The page as `make run` serves it."""
    port = free_port()
    log = tmp_path_factory.mktemp("serve") / "log"
    with served(["rag", "serve", "--port", str(port)], port, settings, neutral_site, log) as url:
        yield url


@pytest.fixture(scope="session")
def slow_address(
    settings: Settings, index: Index, neutral_site: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same page with an assistant that takes a second over each sentence."""
    port = free_port()
    log = tmp_path_factory.mktemp("slow") / "log"
    command = ["streamlit", "run", str(HERE / "slow_page.py"), "--server.port", str(port)]
    with served(command, port, settings, neutral_site, log) as url:
        yield url


@pytest.fixture(scope="package")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """One browser profile for all visits, so that Streamlit's files are read once; each visit is a tab of its own."""
    context = at_home(chromium.new_context(permissions=["clipboard-read", "clipboard-write"]))
    yield context
    context.close()


def at_home(context: BrowserContext) -> BrowserContext:
    """The profile with an empty tab of this machine's site that stays open: its process outlives the visits, so that
    each need not read Streamlit's scripts anew, which is half of what a visit costs."""
    tab = context.new_page()
    tab.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
    tab.goto("http://localhost/")
    return context


@pytest.fixture
def visit(profile: BrowserContext, address: str) -> Iterator[Visit]:
    """Opens the page in a new tab; afterwards checks that it ran without fault and asked no other machine."""
    tabs: list[Page] = []
    hosts: set[str | None] = set()
    faults: list[str] = []

    def open_page(url: str = address, *, width: int = 1280, height: int = 860, scheme: Any = "light") -> Page:
        page = profile.new_page()
        tabs.append(page)
        page.set_default_timeout(15_000)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.on("request", lambda r: hosts.add(urlsplit(r.url).hostname))
        page.on("websocket", lambda w: hosts.add(urlsplit(w.url).hostname))
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("dialog", lambda d: (faults.append(f"dialog: {d.message}"), d.dismiss()))
        page.goto(url)
        expect(page.get_by_role("heading", name="Questions to start with")).to_be_visible(timeout=30_000)
        return page

    yield open_page
    for page in tabs:
        page.close()
    assert hosts - {None, ""} <= LOCAL
    assert not faults


def question_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Ask a question")


def ask(page: Page, question: str) -> Locator:
    """Types a question; returns its list item once the answer is complete."""
    asked = page.locator(".rr-exchange").count()
    question_field(page).fill(question)
    question_field(page).press("Enter")
    item = page.locator(".rr-exchange").nth(asked)
    expect(item).to_have_attribute("aria-busy", "false", timeout=15_000)
    return item
