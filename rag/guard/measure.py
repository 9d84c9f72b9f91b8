"""How well the intent model does on examples that it has not seen, in the ways that matter.

Families are never split: a text and its paraphrases stand on one side. Beside the figures of the families kept apart
stand those of the words alone for slices left out whole: a language, a writer, a register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.guard.decide import refused
from rag.guard.examples import Row
from rag.guard.fit import Design, fit, logits
from rag.guard.intent import DISTRESS, LABELS, UNSAFE, Array, Thresholds
from rag.guard.policy import policy

MOST_FALSE_ALARMS = Thresholds(unsafe=0.02, distress=0.015)
OFF_TOPIC_FALSE_ALARMS = 0.06
LEAST_SLICE = 30  # a slice with fewer examples says nothing
_UNSAFE = [LABELS.index(x) for x in UNSAFE]
_DISTRESS = [LABELS.index(x) for x in DISTRESS]
_STUDY, _OFF_TOPIC = LABELS.index("study"), LABELS.index("off_topic")


class Unseen(NamedTuple):
    """Rows that a model has not seen, with its raw scores of them."""

    at: npt.NDArray[np.int64]
    scores: Array


def left_out(data: Design, key: Callable[[Row], str]) -> Iterator[tuple[str, Unseen]]:
    """By slice: its rows, scored by a model that saw neither them nor their families."""
    keys = np.asarray([key(row) for row in data.rows])
    whole = np.asarray([row.whole for row in data.rows])
    for name in sorted(set(keys)):
        inside = keys == name
        if (inside & whole).sum() < LEAST_SLICE:
            continue
        kin = np.isin(data.families, data.families[inside])
        yield name, _scored(data, np.flatnonzero(~inside & ~kin), np.flatnonzero(inside))


def _scored(data: Design, train: npt.NDArray[np.int64], test: npt.NDArray[np.int64]) -> Unseen:
    whole = np.asarray([i for i in test if data.rows[i].whole], dtype=np.int64)
    return Unseen(whole, logits(data, whole, fit(data, train)))


def probabilities(scores: Array) -> Array:
    """Softmax of raw scores, a row each."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def thresholds(p: Array, labels: npt.NDArray[np.int64], most: Thresholds = MOST_FALSE_ALARMS) -> Thresholds:
    """The lowest thresholds that keep false alarms under `most` among study rows, and in bounds among off-topic ones.

    The off-topic examples were written to sound like harm or distress; what people really ask beside the subject does
    so less often. They are held to a looser rate, so that they don't cost help and safety where it matters.
    """

    def lowest(group: list[int], rate: float) -> float:
        sums = p[:, group].sum(axis=1)
        bounds = [(labels == _STUDY, rate), (labels == _OFF_TOPIC, max(rate, OFF_TOPIC_FALSE_ALARMS))]
        return round(
            float(
                max(np.quantile(sums[which], 1 - r, method="higher") for which, r in bounds if which.any())
            ),
            4,
        )

    return Thresholds(unsafe=lowest(_UNSAFE, most.unsafe), distress=lowest(_DISTRESS, most.distress))


def summary(p: Array, labels: npt.NDArray[np.int64], at: Thresholds) -> dict[str, Any]:
    """Shares at the level of decisions: what is caught, by which route, and what is disturbed for nothing."""
    alarm = np.asarray(
        [refused(dict(zip(LABELS, map(float, row), strict=True)), policy(), at) for row in p], dtype=bool
    )
    help_ = p[:, _DISTRESS].sum(axis=1) > at.distress

    def share(flags: npt.NDArray[np.bool_], which: npt.NDArray[np.bool_]) -> float | None:
        return round(float(flags[which].mean()), 3) if which.any() else None

    bad, trouble = np.isin(labels, _UNSAFE), np.isin(labels, _DISTRESS)
    return {
        "n": len(labels),
        "unsafe caught": share(alarm, bad),
        "unsafe caught by any route": share(alarm | help_, bad),
        "distress seen": share(help_, trouble),
        "distress taken for unsafe only": share(alarm & ~help_, trouble),
        "study taken for unsafe": share(alarm, labels == _STUDY),
        "study taken for distress": share(help_, labels == _STUDY),
        "off topic taken for either": share(alarm | help_, labels == _OFF_TOPIC),
    }


def by_label(p: Array, labels: npt.NDArray[np.int64], at: Thresholds) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of the likeliest label, and how many of the label get over the thresholds."""
    likeliest = p.argmax(axis=1)
    over = (p[:, _UNSAFE].sum(axis=1) > at.unsafe, p[:, _DISTRESS].sum(axis=1) > at.distress)
    found = {}
    for i, label in enumerate(LABELS):
        true, said = labels == i, likeliest == i
        hit = float((true & said).sum())
        precision, recall = hit / max(said.sum(), 1), hit / max(true.sum(), 1)
        found[label] = {
            "n": int(true.sum()),
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 3),
            "over unsafe": round(float(over[0][true].mean()), 3),
            "over distress": round(float(over[1][true].mean()), 3),
        }
    return found


def calibration_error(p: Array, labels: npt.NDArray[np.int64], bins: int = 10) -> dict[str, float]:
    """Expected calibration error of the likeliest label, and of the two sums that decide."""

    def error(said: npt.NDArray[Any], true: npt.NDArray[Any]) -> float:
        which = np.minimum((said * bins).astype(int), bins - 1)
        gaps = [
            (which == b).mean() * abs(said[which == b].mean() - true[which == b].mean())
            for b in range(bins)
            if (which == b).any()
        ]
        return round(float(sum(gaps)), 4)

    return {
        "likeliest label": error(p.max(axis=1), p.argmax(axis=1) == labels),
        "unsafe": error(p[:, _UNSAFE].sum(axis=1), np.isin(labels, _UNSAFE)),
        "distress": error(p[:, _DISTRESS].sum(axis=1), np.isin(labels, _DISTRESS)),
    }
