"""The page with an assistant that takes a second over each sentence, as one that writes does; run by Streamlit."""

import runpy
import time
from collections.abc import Iterator
from typing import Any

import rag.opening
from rag.assistant import Assistant, Event, Said
from rag.settings import ROOT


class Slow(Assistant):
    def stream(self, *args: Any, **kwargs: Any) -> Iterator[Event]:
        for event in super().stream(*args, **kwargs):
            if isinstance(event, Said):
                time.sleep(1)
            yield event


rag.opening.Assistant = Slow  # type: ignore[misc]
runpy.run_path(str(ROOT / "rag" / "web" / "main.py"))
