"""What the encoder learns for the guard: to tell the sixteen intents apart, by a linear head over its vector."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.tune.network import Cutter, Network, Tokens, batches
from rag.corpus import load_corpus
from rag.guard.examples import Row, asked, kept_apart, read_examples, rows, worn
from rag.guard.intent import DATA, LABELS
from rag.guard.neutral import as_read
from rag.guard.train import TWINS
from rag.settings import get_settings
from rag.text import calm

SMOOTHED = 0.02
SCALE = 8.0  # of the vector before the head: unit vectors of this model lie close together
ASKED_SHARE = 0.15  # of what readers ask, drawn anew for each pass: it is many and alike
CHARACTERS = 600
FULL = 8.0  # a batch of less weight counts less


class Head(nn.Module):
    """Raw scores of the intents from unit vectors."""

    def __init__(self, middle: Tensor) -> None:
        super().__init__()
        self.middle = middle
        self.linear = nn.Linear(len(middle), len(LABELS))
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, vectors: Tensor, dropped: float = 0.0) -> Tensor:
        return self.linear(functional.dropout((vectors - self.middle) * SCALE, dropped, self.training))

    def folded(self) -> dict[str, np.ndarray]:
        """The head as it works on the vector itself, by the names of rag.embed.tuned's file."""
        dense = self.linear.weight.detach().numpy().T * SCALE
        bias = self.linear.bias.detach().numpy() - self.middle.numpy() @ dense
        return {"dense": dense.astype(np.float16), "bias": bias}

    def start_from(self, file: Mapping[str, np.ndarray]) -> None:
        dense = torch.from_numpy(file["dense"].astype(np.float32))
        with torch.no_grad():
            self.linear.weight.copy_(dense.T / SCALE)
            self.linear.bias.copy_(torch.from_numpy(file["bias"]) + self.middle @ dense)


class Messages:
    """The labelled examples and what readers ask, less the tenth of their families that `rag.guard.train` needs."""

    def __init__(self, cut: Cutter) -> None:
        found = [
            *rows(read_examples(DATA / "examples")),
            *asked(load_corpus(get_settings().corpus_dir), TWINS),
        ]
        found += worn(row for row in found if row.register != "asked" and row.whole)
        found = [row._replace(text=calm(as_read(row.text))[:CHARACTERS]) for row in found]
        self._cut = {row.text: cut(row.text) for row in found}
        self.apart = [row for row in found if kept_apart(row.family) and row.whole]
        learnt = [row for row in found if not kept_apart(row.family)]
        self._own = [row for row in learnt if row.register != "asked"]
        self._readers = [row for row in learnt if row.register == "asked"]
        mass = np.zeros(len(LABELS))
        for row in learnt:
            mass[LABELS.index(row.label)] += weight(row)
        self._rarity = torch.tensor((mass.sum() / len(LABELS) / mass) ** 0.5, dtype=torch.float32)

    def sample(self, draw: random.Random, size: int) -> list[Tokens]:
        return [self._cut[row.text] for row in draw.sample(self._own, size)]

    def one_pass(self, draw: random.Random, tokens: int) -> list[list[Row]]:
        chosen = self._own + draw.sample(self._readers, int(ASKED_SHARE * len(self._readers)))
        texts = [self._cut[row.text] for row in chosen]
        return [[chosen[i] for i in at] for at in batches(texts, tokens, draw)]

    def loss(self, network: Network, head: Head, batch: Sequence[Row], dropped: float) -> Tensor:
        labels = torch.tensor([LABELS.index(row.label) for row in batch])
        heavy = torch.tensor([weight(row) for row in batch]) * self._rarity[labels]
        scores = head(network([self._cut[row.text] for row in batch], dropped), dropped)
        lost = functional.cross_entropy(scores, labels, reduction="none", label_smoothing=SMOOTHED)
        return (lost * heavy).sum() / torch.clamp(heavy.sum(), min=FULL)

    def loss_apart(self, network: Network, head: Head, tokens: int) -> float:
        """The mean loss on the families apart, unweighted."""
        labels = torch.tensor([LABELS.index(row.label) for row in self.apart])
        scores = head(network.embedded([self._cut[row.text] for row in self.apart], tokens))
        return float(functional.cross_entropy(scores, labels))


def weight(row: Row) -> float:
    """What readers ask counts less, a part of a conversation half; near twins count in full."""
    return row.weight if row.register == "asked" else 1.0 if row.whole else 0.5
