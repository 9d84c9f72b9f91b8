"""How the programming interface holds up when a class asks at once: `python -m benchmarks.load [--people 30]`.

Starts the server as `exitvoices serve` does, without a rate limit, and asks questions of the evaluation suite in quote
mode over loopback: first one person alone, one question after the other, then all together, each their own question.
Prints one line of JSON: median and 95th percentile in milliseconds of both, and how many times longer the 95th
percentile is together than the median alone. Reaches no other machine and costs nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "evals" / "cases" / "retrieval.jsonl"
ALONE = 30


def questions(n: int) -> list[str]:
    with CASES.open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    asked = [q for case in found if isinstance(q := case.get("question") or case.get("input"), str)]
    return (asked * (n // len(asked) + 1))[:n]


def ask(address: str, question: str) -> float:
    """Milliseconds until the whole answer is there."""
    body = json.dumps({"question": question}).encode()
    request = urllib.request.Request(f"{address}/api/v1/answer", body, {"Content-Type": "application/json"})
    start = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as reply:
        assert json.load(reply)["outcome"]
    return (time.perf_counter() - start) * 1000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("The server did not become ready.")


def spread(times: list[float]) -> dict[str, float]:
    return {"p50": round(statistics.median(times)), "p95": round(sorted(times)[int(0.95 * (len(times) - 1))])}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=30)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    port = free_port()
    environment = {**os.environ, "EXITVOICES_API_PER_MINUTE": "0", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "rag", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://localhost:{port}"
        wait_until_ready(address, process)
        asked = questions(ALONE + given.people * given.rounds)
        for question in asked[:5]:
            ask(address, question)
        alone = [ask(address, q) for q in asked[:ALONE]]
        together: list[float] = []
        with ThreadPoolExecutor(given.people) as people:
            for start in range(ALONE, len(asked), given.people):
                together += people.map(lambda q: ask(address, q), asked[start : start + given.people])
    finally:
        process.terminate()
        process.wait(20)
    one, many = spread(alone), spread(together)
    told = {"people": given.people, "cores": os.cpu_count(), "alone_ms": one, "together_ms": many}
    print(json.dumps({**told, "p95_together_to_p50_alone": round(many["p95"] / one["p50"], 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
