"""Latency of quoted answers and memory of the process, measured here and now.

    python -m benchmarks.speed [--questions 120]

Prints p50 and p95 in milliseconds of a warm answer, query embedding included, and of its parts; run it on an idle
machine, since embedding uses every core.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

from rag.assistant import Assistant
from rag.settings import ROOT, get_settings


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--questions", type=int, default=120)
    most = parser.parse_args().questions
    lines = (ROOT / "evals/cases/retrieval.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][:most]
    assistant = Assistant.open(get_settings())
    for question in questions[:10]:
        assistant.answer(question)
    laps: dict[str, list[float]] = {}
    for question in questions[10:]:
        for name, value in assistant.answer(question).timing_ms.items():
            laps.setdefault(name, []).append(value)
    for name, values in laps.items():
        p50, p95 = np.percentile(values, [50, 95])
        print(f"{name:12} p50={p50:.1f} ms p95={p95:.1f} ms n={len(values)}")
    print(f"process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at its largest")
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "rag", "ask", questions[0]], check=True, capture_output=True, cwd=ROOT
    )
    print(f"exitvoices ask from cold {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
