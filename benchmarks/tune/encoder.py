"""Tunes the encoder of what readers type: near what answers in the corpus, and telling of what its writer is after.

    python -m benchmarks.tune.encoder [--from FILE] [--keep 1.0] [--passes 3] [--write]

Both are learnt together, by Adam, batches of messages (benchmarks.tune.intent) among batches of questions
(benchmarks.tune.answers); what is kept apart of each is never learnt from, and its loss is printed as it goes. About
twenty minutes a pass on two cores. --from goes on from an encoder that was tuned before, with --keep of its changes;
--write replaces rag/data/encoder.npz. After it come `python -m rag.guard.train` and the fits that docs/retrieval.md
lists. The last digits may differ from one machine to another, so the file is committed.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.tune.answers import Answers
from benchmarks.tune.intent import Head, Messages
from benchmarks.tune.network import Cutter, ModelFile, Network, optimizer
from rag.embed.tuned import ENCODER, stored

STEP, HEAD_STEP, WARM = 1.5e-3, 1e-2, 100
TOKENS = 900  # a batch
DROPPED = 0.1
QUESTIONS = 0.1  # the weight of a batch of questions, whose loss is a sum over three kinds of units
REPORTED = 200  # steps


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
    plan: list[tuple[bool, list]] = []  # batches of messages (true) and of questions
    for _ in range(given.passes):
        mixed = [(True, batch) for batch in messages.one_pass(draw, TOKENS)]
        mixed += [(False, batch) for batch in answers.one_pass(draw, TOKENS)]
        draw.shuffle(mixed)
        plan += mixed
    adam, rate = optimizer(
        [(network.numbers.values(), STEP), (head.parameters(), HEAD_STEP)], len(plan), WARM
    )
    started = time.monotonic()
    for n, (of_messages, batch) in enumerate(plan, start=1):
        adam.zero_grad()
        if of_messages:
            messages.loss(network, head, batch, DROPPED).backward()
        else:
            (QUESTIONS * answers.loss(network, batch, DROPPED)).backward()
        nn.utils.clip_grad_norm_([*network.numbers.values(), *head.parameters()], 1.0)
        adam.step()
        rate.step()
        if n % REPORTED == 0 or n == len(plan):
            learner.eval()
            lost = messages.loss_apart(network, head, TOKENS), answers.loss_apart(network, TOKENS)
            learner.train()
            minutes = (time.monotonic() - started) / 60
            print(
                f"{n}/{len(plan)} {minutes:.1f} min: apart, messages {lost[0]:.4f}, questions {lost[1]:.4f}",
                flush=True,
            )
            if given.write:
                np.savez_compressed(ENCODER, **network.changes(), **head.folded())


if __name__ == "__main__":
    main()
