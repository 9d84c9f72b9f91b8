"""Entry of the page: `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

WEB = Path(__file__).parent / "rag" / "web"
TAB = "Reading room"  # says nothing about the subject to somebody who sees the tab

st.set_page_config(page_title=TAB, page_icon=str(WEB / "icon.svg"), layout="wide")
st.navigation([st.Page(WEB / "ask.py", title=TAB)], position="hidden").run()
