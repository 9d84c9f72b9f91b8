"""Write mode with a real, weak model: what it writes, what passes, what falls, and what the checks cost.

    python -m benchmarks.write_mode --questions 100
    python -m benchmarks.write_mode --overhead

The first serves SmolLM2-135M-Instruct on loopback (see tests/local_model.py) and asks questions of the dev part of the
cases, each in write mode and in quote mode. It is slow, so each question is a line of the --out file and a second run
goes on where the first one ended. Every sentence that reached the reader is checked by `evals.support.bears`, a rule
that shares no code with the verifier, beside it whether it is one of the statements word for word. Nugget recall (all
nuggets) is compared by pairs with a bootstrap interval.

The second replays a fixed reply at a fixed pace and times the same call bare and through the whole assistant, turn
about, so that the difference is what write mode adds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from evals.cases import AnswerCase, load, picked
from evals.matching import recall
from evals.support import bears
from rag.answer.write.parse import Parser
from rag.answer.write.prompt import Style
from rag.assistant import Assistant, Done, Said
from rag.chat import Chat, Message
from rag.settings import Settings
from tests.local_model import NAME, local_model
from tests.write.endpoint import Asked, Handler, endpoint, given, reply

FILES = ("retrieval", "accuracy")
MAX_TOKENS, EVIDENCE, TIMEOUT = 80, 220, 300.0
STYLE = Style(length="short")
RESAMPLES = 5000
PACE = 0.02  # seconds a piece of eight characters: about a hundred tokens a second
OVERHEAD_ROUNDS = 15

Row = dict[str, Any]


def cases(count: int) -> list[AnswerCase]:
    """Answerable questions of the dev part, spread over the files."""
    found = [c for f in FILES for c in picked(load(f), "dev") if isinstance(c, AnswerCase) and c.nuggets]
    step = max(1.0, len(found) / count)
    return [found[int(n * step)] for n in range(min(count, len(found)))]


def measured(assistant: Assistant, case: AnswerCase) -> Row:
    """One question in both modes, and what the independent check says of each sentence that was shown."""
    quoted = assistant.answer(case.asked)
    started = time.perf_counter()
    written = assistant.answer(case.asked, mode="write", style=STYLE)
    statements = {k: s.text for k, s in assistant.corpus.statements.items()}
    shown = [
        {
            "text": s.text,
            "cited": list(s.citations),
            "bears": bears([statements[c] for c in s.citations], s.text),
            "verbatim": s.text in {statements[c] for c in s.citations},
        }
        for s in written.sentences
        if written.mode == "write"
    ]
    return {
        "case": case.id,
        "mode": written.mode,
        "writing": written.writing.model_dump() if written.writing else None,
        "kinds": [v["kind"] for v in written.trace.get("verdicts", []) if not v["passed"]],
        "shown": shown,
        "recall_quote": recall(case.nuggets, [s.text for s in quoted.sentences], vital=False),
        "recall_write": recall(case.nuggets, [s.text for s in written.sentences], vital=False),
        "seconds": round(time.perf_counter() - started, 1),
    }


def summary(rows: list[Row]) -> Row:
    asked = [r for r in rows if r["writing"]]
    shown = [s for r in rows for s in r["shown"]]
    pairs = np.array(
        [[r["recall_write"], r["recall_quote"]] for r in rows if r["recall_quote"] is not None], dtype=float
    )
    gain = pairs[:, 0] - pairs[:, 1]
    chance = np.random.default_rng(0)
    means = gain[chance.integers(0, len(gain), (RESAMPLES, len(gain)))].mean(axis=1)
    kinds = [k for r in rows for k in r["kinds"]]
    return {
        "model": NAME,
        "questions": len(rows),
        "model asked": len(asked),
        "not asked (nothing to answer from)": len(rows) - len(asked),
        "written answers": sum(r["mode"] == "write" for r in rows),
        "fallbacks": {
            k: sum(r["writing"]["fell_back"] == k for r in asked)
            for k in sorted({r["writing"]["fell_back"] or "" for r in asked} - {""})
        },
        "sentences written": sum(r["writing"]["written"] for r in asked),
        "repaired": sum(r["writing"]["repaired"] for r in asked),
        "dropped": sum(r["writing"]["dropped"] for r in asked),
        "why they fell": {k: kinds.count(k) for k in sorted(set(kinds))},
        "shown": len(shown),
        "shown, word for word a statement": sum(s["verbatim"] for s in shown),
        "shown, failing the independent check": sum(not s["bears"] for s in shown),
        "nugget recall": {"write": round(pairs[:, 0].mean(), 4), "quote": round(pairs[:, 1].mean(), 4)},
        "difference": [round(float(x), 4) for x in (gain.mean(), *np.quantile(means, [0.025, 0.975]))],
        "tokens": sum(r["writing"]["tokens_in"] + r["writing"]["tokens_out"] for r in asked),
        "seconds a question": round(float(np.mean([r["seconds"] for r in rows])), 1),
    }


def run(count: int, out: Path, seconds: float) -> Row:
    """Asks what the file does not hold yet, for at most so many seconds, and sums all of it up."""
    until = time.monotonic() + seconds
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.is_file() else []
    known = {r["case"] for r in rows}
    with local_model() as url, out.open("a", encoding="utf-8") as file:
        assistant = Assistant.open(
            Settings(
                write_model=NAME,
                write_url=url,
                write_timeout=TIMEOUT,
                write_max_tokens=MAX_TOKENS,
                write_context=EVIDENCE,
            )
        )
        for case in cases(count):
            if case.id in known or time.monotonic() > until:
                continue
            rows.append(measured(assistant, case))
            file.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
            file.flush()
    return summary(rows)


def overhead() -> Row:
    """Milliseconds that write mode adds to the bare call: to the first sentence, and to each after it."""

    def script(handler: Handler, asked: Asked) -> None:
        handler.open_stream()
        rows = given(asked) or [("k3f", "x", "A statement of some length that stands in for another one.")]
        handler.text(reply(*[([r], who, text) for r, who, text in rows[:4]]), PACE)
        handler.end_stream()

    first, later, before, checks = [], [], [], []
    with endpoint(script) as server:
        settings = Settings(write_model="scripted", write_url=server.url, write_timeout=60.0)
        assistant = Assistant.open(settings)
        questions = [c.asked for c in cases(OVERHEAD_ROUNDS + 1)]
        list(assistant.stream(questions[0], mode="write"))
        bare = Chat(settings)
        for question in questions[1:]:
            server.asked.clear()
            started = time.perf_counter()
            times = []
            for event in assistant.stream(question, mode="write"):
                if isinstance(event, Said):
                    times.append(time.perf_counter() - started)
                if isinstance(event, Done):
                    answer = event.answer
            if answer.mode != "write" or len(times) < 3:
                continue
            messages = [Message(role=m["role"], content=m["content"]) for m in server.asked[0]["messages"]]
            alone = list(_bare(bare, messages))
            quote_started = time.perf_counter()
            assistant.answer(question)
            quoted = time.perf_counter() - quote_started
            first.append(times[0] - alone[0])
            before.append(times[0] - alone[0] - quoted)
            gaps = np.diff(times)[: len(alone) - 1] - np.diff(alone)[: len(times) - 1]
            later += list(gaps)
            checks += list(_checked(assistant, answer))
    told = {"to the first sentence": first, "of that, beyond quote mode's work": before, "a later sentence": later,
            "the check alone, a sentence": checks}  # fmt: skip
    return {
        name: {
            "median ms": round(1000 * float(np.median(v)), 1),
            "p90 ms": round(1000 * float(np.quantile(v, 0.9)), 1),
        }
        for name, v in told.items()
    } | {"rounds": len(first)}


def _bare(chat: Chat, messages: list[Message]) -> Iterable[float]:
    """When each sentence of the same reply is complete, from the moment of the call."""
    parser = Parser()
    started = time.perf_counter()
    for piece in chat.ask(lambda _: messages, schema=None, most=400, until=time.monotonic() + 60):
        for _ in parser.feed(piece):
            yield time.perf_counter() - started


def _checked(assistant: Assistant, answer: Any) -> Iterable[float]:
    assert assistant.scribe is not None
    verifier = assistant.scribe.writer.verifier
    ids = {c.statement for c in answer.citations}
    for sentence in answer.sentences:
        reworded = f"As it is told here, {sentence.text[:1].lower()}{sentence.text[1:]}"
        started = time.perf_counter()
        verifier.check(reworded, sentence.citations, ids)
        yield time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("write_mode.jsonl"))
    parser.add_argument(
        "--seconds", type=float, default=1e9, help="stop asking after so long; run again to go on"
    )
    parser.add_argument("--overhead", action="store_true")
    chosen = parser.parse_args()
    found = overhead() if chosen.overhead else run(chosen.questions, chosen.out, chosen.seconds)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
