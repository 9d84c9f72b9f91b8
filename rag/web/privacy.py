"""The page that says what is kept about a visitor, by the settings of this installation: by default nothing."""

from __future__ import annotations

import streamlit as st

from rag.settings import get_settings
from rag.web import component
from rag.web.plain import privacy

component.draw("text", privacy(get_settings(), sign_in="is_logged_in" in st.user.to_dict()), {}, texts=())
