"""Tunes the encoder of what readers type: near what answers in the corpus, and telling of what its writer is after.

    python -m benchmarks.tune.encoder [--from FILE] [--keep 1.0] [--passes 3] [--write]

Both are learnt together, by Adam, batches of messages (benchmarks.tune.intent) among batches of questions
(benchmarks.tune.answers); what is kept apart of each is never learnt from, and its loss is printed as it goes: it
swings until the steps grow short. Ten to forty minutes a pass on two cores. --from goes on from an encoder that was
tuned before, with --keep of its changes; --write replaces rag/data/encoder.npz. After it come `python -m
rag.guard.train` and the fits that docs/retrieval.md lists. The last digits may differ from one machine to another, so
the file is committed.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.tune.answers import Answers
from benchmarks.tune.intent import Head, Messages
from benchmarks.tune.network import Cutter, ModelFile, Network, optimizer
from rag.embed.tuned import ENCODER, GAIN, stored

STEP, GAIN_STEP, HEAD_STEP, WARM = 1e-3, 4e-3, 4e-3, 100
TOKENS = 1800  # a batch
DROPPED = 0.1
QUESTIONS = 0.1  # the weight of a batch of questions, whose loss is a sum over three kinds of units
REPORTED = 150  # steps


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from", dest="start", type=Path)
    parser.add_argument("--keep", type=float, default=1.0)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    torch.manual_seed(0)
    draw = random.Random(0)
    file = ModelFile()
    cut, network = Cutter(file), Network(file)
    messages, answers = Messages(cut), Answers(cut)
    head = Head(network.embedded(messages.sample(draw, 600), TOKENS).mean(0))
    if given.start:
        with np.load(given.start) as before:
            network.start_from(stored(before), given.keep)
            head.start_from(before)

    learner = nn.ModuleList([network, head])
    plan: list[tuple[float, Callable[[], Tensor]]] = []  # batches: their weight, and their loss
    for _ in range(given.passes):
        mixed = [
            (1.0, partial(messages.loss, network, head, b, DROPPED)) for b in messages.one_pass(draw, TOKENS)
        ]
        mixed += [
            (QUESTIONS, partial(answers.loss, network, b, DROPPED)) for b in answers.one_pass(draw, TOKENS)
        ]
        draw.shuffle(mixed)
        plan += mixed
    gains = [number for name, number in network.numbers.items() if name.endswith(GAIN)]
    others = [number for name, number in network.numbers.items() if not name.endswith(GAIN)]
    heads = list(head.parameters())
    adam, rate = optimizer([(gains, GAIN_STEP), (others, STEP), (heads, HEAD_STEP)], len(plan), WARM)
    started = time.monotonic()
    for n, (weight, loss) in enumerate(plan, start=1):
        adam.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):  # half the time of full precision
            lost = weight * loss()
        lost.backward()
        nn.utils.clip_grad_norm_(gains, 1.0)
        nn.utils.clip_grad_norm_([*others, *heads], 1.0)
        adam.step()
        rate.step()
        if n % REPORTED == 0 or n == len(plan):
            learner.eval()
            print(
                f"{n}/{len(plan)} {(time.monotonic() - started) / 60:.1f} min: apart, "
                f"messages {messages.loss_apart(network, head, TOKENS):.4f}, "
                f"questions {answers.loss_apart(network, TOKENS):.4f}",
                flush=True,
            )
            learner.train()
            if given.write:
                np.savez_compressed(ENCODER, **network.changes(), **head.folded())


if __name__ == "__main__":
    main()
