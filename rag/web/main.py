"""The script that Streamlit runs for every visit: configuration, the bar on top, and the way between pages."""

from pathlib import Path

import streamlit as st

from rag.web import frame

WEB = Path(__file__).parent

frame.speak()
# A page that is not in the navigation cannot be opened by its address either.
shown = frame.seen(st.user.to_dict())
pages = {p.id: st.Page(WEB / p.file, title=p.tab_title, url_path=p.path, default=not p.path) for p in shown}
chosen = st.navigation(list(pages.values()), position="hidden")
st.set_page_config(page_title=chosen.title, page_icon=str(WEB / "icon.svg"), layout="wide")
wanted = frame.draw(chosen.url_path, shown)
if wanted:
    st.switch_page(pages[wanted], query_params=frame.address())
chosen.run()
frame.again_if_early()
