"""Fits how a later turn finds its passages (rag.follow), and reports what it buys.

    python -m benchmarks.fit_follow [--write]

The conversations of evals/cases/conversation_train.jsonl are held with the assistant as it is, turn by turn; for every
later turn that can be answered the weights raise the probability (softmax over all candidates) of the passages that
answer. A quadratic penalty holds them to the starting point, at which a turn is scored as a question by itself. The dev
part of conversation.jsonl is only reported. --write replaces rag/data/follow.json.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from scipy.optimize import minimize

from benchmarks.cases import Case, measure, read
from rag.follow import FEATURES, FILE, GATES, Before, weights
from rag.settings import ROOT, get_settings

if TYPE_CHECKING:
    from rag.assistant import Assistant

T = TypeVar("T")
PENALTY = 3.0  # 1 and 10 do as well on dev
CANDIDATES = 50


class Later(NamedTuple):
    """A later turn: its candidates' features times gates, which of them answer, their paragraphs, and those wanted."""

    table: np.ndarray
    answers: np.ndarray
    places: list[tuple[str, int]]
    wanted: set[tuple[str, int]]
    link: str


class Leaning(NamedTuple):
    """A later turn of a case as its writer made it, as a question by itself, and what it may lean on."""

    case: Case
    turn: Case
    alone: str
    came: Before


def held(assistant: Assistant, cases: list[Case]) -> Iterator[Leaning]:
    """Holds these conversations with an assistant, and stops at every later turn before it is answered."""
    from rag.dialogue import standalone
    from rag.follow import before
    from rag.guard.intake import BadQuestion
    from rag.model import Turn

    retriever = assistant.retriever
    for case in cases:
        history: list[Turn] = []
        for turn in case.get("turns") or case["dialogue"]:
            typed = turn["user"]
            came = before(history, retriever)
            if came is not None:
                alone = standalone(typed, history, retriever.linker, assistant.index.corpus)
                yield Leaning(case, turn, alone, came)
            try:
                answer = assistant.answer(typed, history)
            except BadQuestion:
                continue
            history += [Turn(role="user", content=typed), Turn(role="assistant", content=answer.text)]


def later(cases: list[Case]) -> list[Later]:
    """The later turns of these conversations that are answered, by an assistant of this process."""
    from rag.assistant import Assistant
    from rag.follow import features

    assistant = Assistant.open(get_settings())
    retriever, index = assistant.retriever, assistant.index
    at = {p.id: (p.source, p.locator.paragraph) for p in index.corpus.passages.values()}
    found = []
    for _, turn, alone, came in held(assistant, cases):
        wanted = {at[p] for p in turn.get("passages", ()) if p in at}
        wanted |= {(r["source"], r["paragraph"]) for r in turn.get("relevant", ()) if r["grade"] == 2}
        if not wanted:
            continue
        of, _, table, gates = features(retriever, turn["user"], alone, came, CANDIDATES, None)
        places = [at[h.passage.id] for h in of.hits]
        exact = set(turn.get("passages", ()))
        answers = np.array(
            [h.passage.id in exact if exact else p in wanted for h, p in zip(of.hits, places, strict=True)]
        )
        crossed = (table[:, None, :] * gates[None, :, None]).reshape(len(table), -1)
        found.append(Later(crossed.astype(np.float32), answers, places, wanted, turn.get("link", "")))
    return found


def fit(turns: list[Later]) -> np.ndarray:
    """Weights by gate and feature."""
    start = np.zeros((len(GATES), len(FEATURES)))
    start[0, 0] = 1.0
    learnt = [t for t in turns if t.answers.any()]
    spread = np.sqrt(np.mean([t.table.var(axis=0) for t in learnt], axis=0)) + 1e-6
    tables = [t.table / spread for t in learnt]
    first = start.ravel() * spread

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros_like(w)
        for table, turn in zip(tables, learnt, strict=True):
            scores = table @ w
            mass = np.exp(scores - scores.max())
            mass /= mass.sum()
            hoped = mass * turn.answers
            right = max(float(hoped.sum()), 1e-30)
            total -= np.log(right)
            slope += (mass - hoped / right) @ table
        away = w - first
        return (total + PENALTY * away @ away / 2) / len(learnt), (slope + PENALTY * away) / len(learnt)

    return np.asarray(minimize(loss, first, jac=True, method="L-BFGS-B").x / spread).reshape(start.shape)


def report(name: str, turns: list[Later], w: np.ndarray) -> None:
    rows: dict[str, list[tuple[float, float]]] = {}
    for turn in turns:
        order = np.argsort(-(turn.table @ w.ravel()), kind="stable")
        ranked = list(dict.fromkeys(turn.places[i] for i in order))
        wanted = [{"source": s, "paragraph": p, "grade": 2} for s, p in turn.wanted]
        figures = measure({"relevant": wanted}, ranked)
        for key in ("all", turn.link):
            rows.setdefault(key, []).append(figures)
    print(f"{name:24}", *(f"{k}: {np.mean(v, axis=0).round(3)} n={len(v)}" for k, v in rows.items()))


def shared(of: Callable[[list[Case]], list[T]], cases: list[Case]) -> list[T]:
    """What `of` finds in these cases, which the processors share."""
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor() as pool:
        return [t for some in pool.map(of, (cases[n::workers] for n in range(workers))) for t in some]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    dev = [c for c in read("conversation") if c["split"] == "dev"]
    train, other = shared(later, read("conversation_train")), shared(later, dev)
    fitted = fit(train)
    alone = np.zeros_like(fitted)
    alone[0, 0] = 1.0
    for name, w in (("as a question by itself", alone), ("in use", weights()), ("fitted", fitted)):
        report(f"train, {name}", train, w)
        report(f"dev, {name}", other, w)
    if write:
        stored = {"gates": GATES, "features": FEATURES, "weights": fitted.round(3).tolist()}
        Path(ROOT / "rag" / "data" / FILE).write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
