"""What is served beside the page, by the same process and from the same open index: the programming interface."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount

from rag import api
from rag.settings import get_settings
from rag.web import shared

PAGE = Path(__file__).parent / "main.py"


def routes() -> list[BaseRoute]:
    """For `st.App`; the assistant is the one that the pages ask."""
    return [Mount("/api", app=api.application(get_settings(), shared.library))]
