"""What somebody is after: calibrated probabilities of sixteen intents for one text.

One linear score over two readings of a text: the vector of an encoder that was tuned to tell intents apart
(rag.embed.tuned), and the hashed words, frames and letters of
`rag.guard.features`. Made by `python -m rag.guard.train`; what it is good for and what not stands in MODEL_CARD.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from rag.guard.examples import Label
from rag.guard.features import SIZE, hashed
from rag.model import Frozen

LABELS: tuple[str, ...] = get_args(Label)
UNSAFE = LABELS[:9]
DISTRESS = LABELS[9:14]
HARMLESS = LABELS[14:]
PLAIN_ORDER, HARDLY_HARMLESS = 0.9, 0.95
DATA = Path(str(resources.files("rag.guard"))) / "data"

Array = npt.NDArray[np.float32]


class Thresholds(Frozen):
    """From which summed probability on a text counts; chosen by cross-validation for a rate of false alarms."""

    unsafe: float
    distress: float


class Intent:
    """The classifier. Read-only after construction; safe to share between threads."""

    def __init__(
        self,
        *,
        dense: Array,
        sparse: Array,
        bias: Array,
        function: frozenset[str],
        manifest: Mapping[str, Any],
    ) -> None:
        self._dense, self._sparse, self._bias = dense, sparse, bias
        self._function = function
        self.manifest = dict(manifest)
        self.thresholds = Thresholds.model_validate(self.manifest["thresholds"])

    @classmethod
    def load(cls, path: Path | None = None) -> Intent:
        """From the file that `save` wrote; the shipped one by default. Raises ValueError for one of another shape."""
        source = path or DATA / "intent.npz"
        with np.load(source, allow_pickle=False) as file:
            manifest = json.loads(bytes(file["manifest"]).decode())
            if tuple(manifest["labels"]) != LABELS or file["sparse"].shape != (SIZE, len(LABELS)):
                raise ValueError(
                    f"{source} is of another version of the guard; run 'python -m rag.guard.train'"
                )
            return cls(
                dense=file["dense"].astype(np.float32),
                sparse=file["sparse"].astype(np.float32) * file["scale"].astype(np.float32),
                bias=file["bias"].astype(np.float32),
                function=frozenset(bytes(file["function"]).decode().split("\n")),
                manifest=manifest,
            )

    def probabilities(self, text: str, vector: npt.ArrayLike) -> dict[str, float]:
        """The probability of every label, summing to one. `vector` is that of `rag.embed.tuned.encoder`."""
        row = hashed(text, self._function)
        read = np.asarray(vector, dtype=np.float32) @ self._dense
        logits = self._bias + read + row.values @ self._sparse[row.at]
        powers = np.exp(logits - logits.max())
        return {label: float(p) for label, p in zip(LABELS, powers / powers.sum(), strict=True)}


def unsafe(probabilities: Mapping[str, float]) -> float:
    """The probability that one of the unsafe intents is meant; labels that are left out count as 0.

    An order to the page itself counts only where it is plain, or nothing harmless is likely: nothing obeys one, and
    whatever people ask of any assistant ("disregard the draft", "reply with an icon") sounds a little like it.
    """
    every = sum(probabilities.get(label, 0.0) for label in UNSAFE)
    order = probabilities.get("injection", 0.0)
    return every if order >= PLAIN_ORDER or every >= HARDLY_HARMLESS else every - order


def distress(probabilities: Mapping[str, float]) -> float:
    """The probability that a person in difficulty is writing, or somebody about one."""
    return sum(probabilities[label] for label in DISTRESS)


def save(
    path: Path,
    *,
    dense: Array,
    sparse: Array,
    bias: Array,
    function: frozenset[str],
    manifest: Mapping[str, Any],
) -> None:
    """Writes what `Intent.load` reads; hashed weights in steps of 1/127 of each label's largest."""
    scale = np.maximum(np.abs(sparse).max(axis=0), 1e-9) / 127
    np.savez_compressed(
        path,
        dense=dense.astype(np.float32),
        sparse=np.round(sparse / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias.astype(np.float32),
        function=np.frombuffer("\n".join(sorted(function)).encode(), dtype=np.uint8),
        manifest=np.frombuffer(json.dumps(manifest, sort_keys=True).encode(), dtype=np.uint8),
    )
