"""Entry: `streamlit run app.py` (or `exitvoices serve`) runs the page and the programming interface in one process."""

import streamlit as st

from rag.web import server

app = st.App(server.PAGE, routes=server.routes())
