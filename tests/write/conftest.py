"""An assistant on the shipped corpus whose model is whatever a test puts on loopback; the verifier is the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.answer.verify import Verifier
from rag.answer.write.voice import make_scribe
from rag.assistant import Assistant
from rag.index import Index
from rag.settings import Settings

WriterMade = Callable[..., Assistant]


@pytest.fixture(scope="session")
def verifier(assistant: Assistant) -> Verifier:
    return Verifier(assistant.corpus, assistant.retriever.embed, assistant.retriever.of_statements)


@pytest.fixture
def writing(
    assistant: Assistant, verifier: Verifier, settings: Settings, index: Index, tmp_path: Path
) -> WriterMade:
    """Makes an assistant that writes with the model at a URL; what it keeps lies in a folder of the test."""

    def make(url: str, **others: object) -> Assistant:
        changed = {"write_model": "scripted", "write_url": url, "write_timeout": 30.0, **others}
        own = settings.model_copy(update=changed)
        made = Assistant(own, index)
        made.__dict__["scribe"] = make_scribe(
            own.model_copy(update={"data_dir": tmp_path}),
            made.corpus,
            made.retriever.linker,
            made.output,
            verifier,
            lambda: True,
        )
        return made

    return make
