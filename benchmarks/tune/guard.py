"""Tunes the encoder that the guard reads messages with, on the labelled examples and what readers ask.

    python -m benchmarks.tune.guard [--from FILE] [--passes 4] [--write]

A linear head tells the sixteen intents from the encoder's vector; both are learnt together, by Adam, from all families
but the tenth that `rag.guard.train` blends, calibrates and measures on. Prints the loss on that tenth as it goes; takes
about twelve minutes a pass on two cores. --from goes on from an encoder that was tuned before; --write replaces
rag/guard/data/encoder.npz, and `python -m rag.guard.train` comes after it. The last digits may differ from one
machine to another, so the file is committed.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.tune.network import Cutter, ModelFile, Network, batches, optimizer
from rag.corpus import load_corpus
from rag.embed.tuned import stored
from rag.guard.examples import Row, asked, kept_apart, read_examples, rows, worn
from rag.guard.intent import DATA, ENCODER, LABELS
from rag.guard.neutral import as_read
from rag.guard.train import TWINS
from rag.settings import get_settings

STEP, HEAD_STEP, WARM = 1.5e-3, 1e-2, 100
TOKENS = 900  # a batch
DROPPED, SMOOTHED = 0.1, 0.02
SCALE = 8.0  # of the vector before the head: unit vectors of this model lie close together
ASKED_SHARE = 0.3  # of what readers ask, drawn anew for each pass: it is many and alike
CHARACTERS = 600


class Learner(nn.Module):
    """The network with its head."""

    def __init__(self, network: Network, middle: torch.Tensor) -> None:
        super().__init__()
        self.network, self.middle = network, middle
        self.head = nn.Linear(len(middle), len(LABELS))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, texts: list[list[int]], dropped: float = 0.0) -> torch.Tensor:
        read = (self.network(texts, dropped) - self.middle) * SCALE
        return self.head(functional.dropout(read, dropped, self.training))

    def folded(self) -> tuple[np.ndarray, np.ndarray]:
        """The head as it works on the vector itself: (dense, bias)."""
        dense = self.head.weight.detach().numpy().T * SCALE
        return dense, self.head.bias.detach().numpy() - self.middle.numpy() @ dense


def learnt_rows() -> list[Row]:
    """Examples, what readers ask, and copies typed in haste, groups named as the guard reads them."""
    found = [
        *rows(read_examples(DATA / "examples")),
        *asked(load_corpus(get_settings().corpus_dir), TWINS),
    ]
    found += worn(row for row in found if row.register != "asked" and row.whole)
    return [row._replace(text=as_read(row.text)[:CHARACTERS]) for row in found]


def start_from(network: Network, path: Path) -> None:
    with np.load(path) as file, torch.no_grad():
        for name, values in stored(file).items():
            network.numbers[name].copy_(torch.from_numpy(values))


def loss_of(learner: Learner, texts: list[list[int]], labels: torch.Tensor) -> float:
    learner.eval()
    lost = 0.0
    with torch.no_grad():
        for at in batches(texts, 4 * TOKENS, None):
            scores = learner([texts[i] for i in at])
            lost += float(functional.cross_entropy(scores, labels[at], reduction="sum"))
    learner.train()
    return lost / len(texts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from", dest="start", type=Path)
    parser.add_argument("--passes", type=int, default=4)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    torch.manual_seed(0)
    draw = random.Random(0)
    file = ModelFile()
    cut, network = Cutter(file), Network(file)
    every = learnt_rows()
    apart = [row for row in every if kept_apart(row.family) and row.whole]
    learnt = [row for row in every if not kept_apart(row.family)]
    text_of = {row.text: cut(row.text) for row in every}
    held = [text_of[row.text] for row in apart]
    held_labels = torch.tensor([LABELS.index(row.label) for row in apart])
    mass = np.zeros(len(LABELS))
    for row in learnt:
        mass[LABELS.index(row.label)] += full(row)
    rarity = torch.tensor((mass.sum() / len(LABELS) / mass) ** 0.5, dtype=torch.float32)
    with torch.no_grad():
        sample = [text_of[row.text] for row in draw.sample(learnt, 600)]
        middle = torch.cat([network([sample[i] for i in at]) for at in batches(sample, TOKENS, None)]).mean(0)
    if given.start:
        start_from(network, given.start)
    learner = Learner(network, middle)
    if given.start:
        with np.load(given.start) as before, torch.no_grad():
            dense = torch.from_numpy(before["dense"].astype(np.float32))
            learner.head.weight.copy_(dense.T / SCALE)
            learner.head.bias.copy_(torch.from_numpy(before["bias"]) + middle @ dense)
    own = [row for row in learnt if row.register != "asked"]
    readers = [row for row in learnt if row.register == "asked"]

    def one_pass() -> list[list[Row]]:
        chosen = own + draw.sample(readers, int(ASKED_SHARE * len(readers)))
        texts = [text_of[row.text] for row in chosen]
        return [[chosen[i] for i in at] for at in batches(texts, TOKENS, draw)]

    plan = [batch for _ in range(given.passes) for batch in one_pass()]
    adam, rate = optimizer(
        [(network.numbers.values(), STEP), (learner.head.parameters(), HEAD_STEP)], len(plan), WARM
    )
    started = time.monotonic()
    for n, batch in enumerate(plan, start=1):
        labels = torch.tensor([LABELS.index(row.label) for row in batch])
        heavy = torch.tensor([full(row) for row in batch]) * rarity[labels]
        scores = learner([text_of[row.text] for row in batch], DROPPED)
        lost = functional.cross_entropy(scores, labels, reduction="none", label_smoothing=SMOOTHED)
        adam.zero_grad()
        ((lost * heavy).sum() / torch.clamp(heavy.sum(), min=8.0)).backward()
        nn.utils.clip_grad_norm_([*network.numbers.values(), *learner.head.parameters()], 1.0)
        adam.step()
        rate.step()
        if n % 100 == 0 or n == len(plan):
            minutes = (time.monotonic() - started) / 60
            print(
                f"{n}/{len(plan)} {minutes:.1f} min: {loss_of(learner, held, held_labels):.4f} on the tenth apart",
                flush=True,
            )
            if given.write:
                dense, bias = learner.folded()
                np.savez_compressed(ENCODER, **network.changes(), dense=dense.astype(np.float16), bias=bias)


def full(row: Row) -> float:
    """The weight of a row: what readers ask counts less, a part of a conversation half; near twins count in full."""
    return row.weight if row.register == "asked" else 1.0 if row.whole else 0.5


if __name__ == "__main__":
    main()
