"""The page for session packs: a brief, the pack as it will be printed, changes to it, and files to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from rag.assistant import Assistant
from rag.export.html import html
from rag.export.markdown import escaped
from rag.pack import edit, times
from rag.pack.export import MIME, Format
from rag.pack.files import PackError, file_name
from rag.pack.layout import document
from rag.pack.model import AGE_BANDS, LENGTHS, LEVELS, Brief, Pack
from rag.pack.shelf import Shelf
from rag.settings import get_settings
from rag.web import shared
from rag.web.preparing import OWN, Desk, country_choices, curriculum_choices, theme_choices
from rag.web.words import t

KEY = "prepare_desk"
CSS = (Path(__file__).parent / "assets" / "prepare.css").read_text("utf-8")
FORMATS: tuple[Format, ...] = ("pdf", "docx", "md")
today = dt.date.today()


def desk() -> Desk:
    kept: Desk = st.session_state.setdefault(KEY, Desk())
    return kept


def brief_form(assistant: Assistant) -> None:
    themes = theme_choices(t("prepare.own_question"))
    subjects = curriculum_choices(t("prepare.none"))
    countries = country_choices(assistant.corpus.support, t("prepare.none"), today)
    own_country = (get_settings().country or "").upper()
    with st.form("prepare_brief"):
        left, right = st.columns(2)
        theme = left.selectbox(t("prepare.theme"), list(themes), format_func=lambda k: themes[k])
        question = right.text_input(t("prepare.question"), help=t("prepare.question_help"), max_chars=300)
        age, minutes, size, level = st.columns(4)
        band = age.selectbox(t("prepare.age"), AGE_BANDS, index=1)
        length = minutes.selectbox(t("prepare.minutes"), LENGTHS, index=1)
        people = size.number_input(t("prepare.group_size"), 2, 60, 24)
        language = level.selectbox(
            t("prepare.level"), LEVELS, index=1, format_func=lambda k: t(f"prepare.level_{k}")
        )
        left, right = st.columns(2)
        subject = left.selectbox(t("prepare.curriculum"), list(subjects), format_func=lambda k: subjects[k])
        country = right.selectbox(
            t("prepare.country"),
            list(countries),
            index=list(countries).index(own_country) if own_country in countries else 0,
            format_func=lambda k: countries[k],
        )
        if not st.form_submit_button(t("prepare.make"), type="primary"):
            return
    asked = " ".join(question.split())
    own = theme == OWN and bool(asked)
    brief = Brief(
        theme=None if own else ("leaving" if theme == OWN else theme),
        question=asked if own else None,
        age=band,
        minutes=length,
        group_size=int(people),
        level=language,
        curriculum=subject or None,
        country=country or None,
    )
    if theme == OWN and not own:
        desk().problem = t("prepare.question_help")
        return
    with st.spinner(t("prepare.working")):
        desk().plan(assistant, brief, today)


def opening(assistant: Assistant) -> None:
    """Opening a pack that was saved: by file, and from the operator's folder where there is one."""
    given = st.file_uploader(t("prepare.open_help"), type=["yaml", "yml", "json"], max_upload_size=1)
    if given is not None and st.session_state.get("prepare_opened") != given.file_id:
        st.session_state["prepare_opened"] = given.file_id
        desk().open(given.getvalue().decode("utf-8", "replace"), given.name, assistant, today)
    folder = get_settings().packs_dir
    if folder is None:
        st.caption(t("prepare.nothing_kept"))
        return
    names = Shelf(folder).names()
    if names:
        name = st.selectbox(t("prepare.kept"), names)
        if st.button(t("prepare.open_kept")):
            try:
                desk().put(Shelf(folder).open(name), assistant, today)
            except PackError as e:
                desk().problem = str(e)


def taking_away(pack: Pack, assistant: Assistant) -> None:
    st.header(t("prepare.take_away"), anchor=False)
    name = file_name(pack)
    places = st.columns(4)
    for place, kind in zip(places, FORMATS, strict=False):
        # A file is made when it is asked for, so that a change to the pack is drawn at once.
        place.download_button(
            t(f"prepare.{kind}"),
            partial(desk().export, kind, assistant),
            f"{name}.{kind}",
            MIME[kind],
            key=f"take_{kind}",
            on_click="ignore",
            width="stretch",
            disabled=bool(desk().faults),
        )
    places[3].download_button(
        t("prepare.file"),
        desk().file(),
        f"{name}.yaml",
        "application/yaml",
        on_click="ignore",
        width="stretch",
    )
    folder = get_settings().packs_dir
    if folder is not None and st.button(t("prepare.keep")):
        try:
            st.caption(t("prepare.was_kept", name=Shelf(folder).keep(pack)))
        except (PackError, OSError) as e:
            st.caption(str(e))


def changing(pack: Pack, assistant: Assistant) -> None:
    corpus = assistant.corpus
    at = desk().revision
    st.header(t("prepare.change"), anchor=False)
    length = st.selectbox(
        t("prepare.length"), LENGTHS, index=LENGTHS.index(pack.brief.minutes), key=f"length_{at}"
    )
    if length != pack.brief.minutes:
        apply(partial(edit.with_length, minutes=length, corpus=corpus, today=today), assistant)
    for slot in pack.schedule:
        least = times.least(slot.part)
        minutes = st.number_input(
            t("prepare.minutes_of", part=times.name(slot.part)),
            min_value=min(least, slot.minutes),
            max_value=90,
            value=slot.minutes,
            key=f"minutes_{slot.part}_{at}",
        )
        if minutes != slot.minutes:
            apply(partial(edit.with_minutes, part=slot.part, minutes=int(minutes)), assistant)
    for number, stimulus in enumerate(pack.stimuli, 1):
        st.markdown(f"**{t('prepare.passage', n=number, title=_words(stimulus.title))}**")
        move = partial(edit.moved, number=number, corpus=corpus, today=today)
        earlier, later, out = st.columns(3)
        if earlier.button(
            t("prepare.earlier_short"),
            help=t("prepare.earlier", n=number),
            key=f"up_{number}_{at}",
            disabled=number == 1,
        ):
            apply(partial(move, to=number - 1), assistant)
        last = number == len(pack.stimuli)
        if later.button(
            t("prepare.later_short"),
            help=t("prepare.later", n=number),
            key=f"down_{number}_{at}",
            disabled=last,
        ):
            apply(partial(move, to=number + 1), assistant)
        if out.button(
            t("prepare.remove_short"), help=t("prepare.remove", n=number), key=f"out_{number}_{at}"
        ):
            apply(partial(edit.removed, number=number, corpus=corpus, today=today), assistant)
        others = desk().others(number, assistant)
        if not others:
            st.caption(t("prepare.no_other"))
            continue
        chosen = st.selectbox(
            f"{t('prepare.swap')} ({number})",
            list(others),
            index=None,
            format_func=others.__getitem__,
            key=f"swap_{number}_{at}",
            placeholder="…",
        )
        if chosen:
            swap = partial(edit.swapped, corpus=corpus, output=assistant.output, today=today)
            apply(partial(swap, number=number, passage=chosen), assistant)
    reviewer = st.text_input(t("prepare.reviewed_by"), pack.reviewed_by, max_chars=80, key=f"reviewer_{at}")
    if reviewer != pack.reviewed_by:
        apply(partial(edit.reviewed, by=reviewer), assistant)


def apply(change: Callable[[Pack], Pack], assistant: Assistant) -> None:
    desk().change(change, assistant, today)
    st.rerun()


def _words(text: str) -> str:
    """Words that Streamlit's Markdown shows as they are."""
    return escaped(text).replace(":", "\\:")


st.html(f"<style>{CSS}</style>")
assistant = shared.library().assistant if shared.corpus() else None
with st.container(key="prepare"):
    st.html('<div id="rr-content" tabindex="-1"></div>')  # where the bar's link to the content leads
    st.title(t("prepare.title"), anchor=False)
    st.markdown(t("prepare.lede"))
    if assistant is None:
        _, waiting, problem = shared.state()
        st.info(problem or waiting)
    else:
        shared.library().renew()
        brief_form(assistant)
        with st.expander(t("prepare.open")):
            opening(assistant)
        held = desk()
        if held.problem:
            st.warning(_words(held.problem))
        if held.pack is not None:
            if held.faults:
                st.error(t("prepare.faults") + "".join(f"\n- {_words(str(f))}" for f in held.faults[:12]))
            else:
                st.success(t("prepare.in_order", minutes=held.pack.brief.minutes))
            st.caption(t("prepare.unreviewed"))
            taking_away(held.pack, assistant)
            shown, tools = st.columns([5, 2], gap="large")
            with tools:
                changing(held.pack, assistant)
            with shown:
                st.header(t("prepare.preview"), anchor=False)
                st.html(f'<div lang="en" dir="ltr">{html(document(held.pack))}</div>')  # a pack is in English
shared.again_if_opening()
