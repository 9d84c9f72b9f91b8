"""How a question's vector is turned towards the texts that answer it: one learned matrix for the bundled model.

A sentence model puts a question near texts that look like it. The matrix, fitted on curated and training questions by
`python -m benchmarks.fit_asking --write`, moves it towards statements, questions and passages that answer such
questions, and so brings other languages nearer to the English corpus too (figures in docs/retrieval.md). The stored
vectors stay as the model gave them.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = Path(str(resources.files("rag"))) / "data" / "asking.npz"
Matrix = npt.NDArray[np.float32]


def turn(model: str, path: Path = FILE) -> Matrix | None:
    """What a centred question vector (a row) is multiplied with; None where that was fitted for another model."""
    with np.load(path, allow_pickle=False) as stored:
        return stored["matrix"].astype(np.float32) if str(stored["model"]) == model else None


def save(matrix: Matrix, model: str, path: Path = FILE) -> None:
    """Keeps the matrix in half precision, as `turn` reads it."""
    np.savez(path, model=np.array(model), matrix=matrix.astype(np.float16))
