"""How long a reader waits for a page, and in Explore for another stage: `python -m benchmarks.pages [--times 5]`.

Starts the page as `exitvoices serve` does and opens it in Chromium over loopback. A page counts as interactive when
what it is for can be seen and used: the field for a question, the stages, the sources, the form of a session, the runs.
A change of stage or filter counts as done when the line that says what is shown has changed. Prints one line of JSON:
median and worst in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect, sync_playwright

from benchmarks.load import ROOT, free_port, wait_until_ready

BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu"]
CONTENT = {"Explore": ".rr-path", "Sources": ".rr-items", "Evaluate": ".rr-verdict"}
STAGES = ("Getting out", "Contact")
SCOPE_CHANGES = """pressed => new Promise((done) => {
    const scope = () => document.querySelector(".rr-scope-line")?.textContent;
    const before = scope(), start = performance.now();
    const watch = new MutationObserver(() => {
        if (scope() === before) return;
        watch.disconnect();
        done(performance.now() - start);
    });
    watch.observe(document.body, { subtree: true, childList: true, characterData: true });
    pressed.click();
})"""
SETTLED = 1000  # milliseconds that a reader looks before pressing anything


def shown(page: Page, name: str) -> None:
    """Waits until what the page is for can be used."""
    if name == "Ask":
        expect(page.get_by_role("textbox", name="Ask a question")).to_be_enabled(timeout=30_000)
    elif name == "Prepare":
        expect(page.get_by_role("button", name="Make the pack")).to_be_enabled(timeout=30_000)
    else:
        expect(page.locator(CONTENT[name])).to_be_visible(timeout=30_000)


def changed(pressed: Locator) -> float:
    """Presses, and waits in the page until the line that says what is shown is another: no polling adds to the time."""
    page = pressed.page
    took = float(pressed.evaluate(SCOPE_CHANGES))
    page.wait_for_timeout(SETTLED / 4)
    return took


def milliseconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def measured(address: str, page: Page, times: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    paths = {
        "Ask": "",
        "Explore": "explore",
        "Prepare": "prepare",
        "Sources": "sources",
        "Evaluate": "evaluate",
    }
    for _ in range(times):
        for name, path in paths.items():

            def opened(name: str = name, path: str = path) -> None:
                page.goto(f"{address}/{path}")
                shown(page, name)

            found.setdefault(name, []).append(milliseconds(opened))
    page.goto(f"{address}/explore")
    shown(page, "Explore")
    page.wait_for_timeout(SETTLED)
    for n in range(times * len(STAGES)):
        stage = page.get_by_role("button", name=re.compile(f"^{STAGES[n % len(STAGES)]}:"))
        found.setdefault("another stage in Explore", []).append(changed(stage))
    facet = page.locator(".rr-facets details").nth(1)
    facet.locator("summary").click()
    for _ in range(times * 2):
        box = facet.get_by_role("checkbox").first
        found.setdefault("a filter set or taken away in Explore", []).append(changed(box))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "rag", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        wait_until_ready(address, process)
        with sync_playwright() as playwright:
            names = ("chromium", "chromium-browser", "google-chrome")
            path = next((p for name in names if (p := shutil.which(name))), None)
            browser = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
            found = measured(address, browser.new_page(), times)
            browser.close()
    finally:
        process.terminate()
        process.wait(20)
    sys.stdout.write(
        json.dumps(
            {k: {"p50": round(sorted(v)[len(v) // 2]), "worst": round(max(v))} for k, v in found.items()}
        )
        + "\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
