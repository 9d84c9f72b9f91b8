"""What a question is about, in the corpus's own tags: stages, motives and disillusionments, told from its vector.

A broad question ("why didn't they just leave?") shares few words with the passages that answer it, but it asks for a
stage of the way, and passages are tagged by stage. So one linear classifier tells how likely each tag is, fitted by
`python -m benchmarks.fit_tags --write` on the tags of what answers the questions that the corpus carries. It reads what
the encoder gives for the question, so it knows nothing where another model reads questions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.embed import Vectors
from rag.model import Passage

FILE = Path(str(resources.files("rag"))) / "data" / "tags.npz"
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Tags:
    """One column of `matrix` (384 rows) and one number of `bias` for each of `names`."""

    names: tuple[str, ...]
    matrix: Floats
    bias: Floats

    def likely(self, vector: Vectors) -> dict[str, float]:
        """The probability of each tag for a question's unit vector, as the encoder gave it."""
        odds = vector @ self.matrix + self.bias
        return dict(zip(self.names, (1 / (1 + np.exp(-odds))).tolist(), strict=True))


def tags(model: str, path: Path = FILE) -> Tags | None:
    """The classifier that ships; None where it was fitted for another model."""
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["model"]) != model:
            return None
        names = tuple(str(n) for n in stored["names"])
        return Tags(names, stored["matrix"].astype(np.float32), stored["bias"].astype(np.float32))


def save(found: Tags, model: str, path: Path = FILE) -> None:
    """Keeps the matrix in half precision, as `tags` reads it."""
    np.savez(
        path,
        model=np.array(model),
        names=np.array(found.names),
        matrix=found.matrix.astype(np.float16),
        bias=found.bias.astype(np.float16),
    )


def of_passage(passage: Passage) -> Iterable[tuple[str, ...]]:
    """The tags of a passage, kind by kind."""
    return passage.stage, passage.motives, passage.disillusionment
