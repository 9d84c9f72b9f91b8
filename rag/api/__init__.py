"""The programming interface: answers, search and passages as JSON over HTTP. Starlette only; it knows no page."""

from rag.api.app import Opener, application

__all__ = ["Opener", "application"]
