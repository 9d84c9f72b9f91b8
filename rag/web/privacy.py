"""The page that says what is kept about a visitor, by the settings of this installation: by default nothing."""

from __future__ import annotations

from rag.settings import get_settings
from rag.web import component
from rag.web.plain import privacy

component.draw("text", privacy(feedback=get_settings().feedback), {}, texts=())
