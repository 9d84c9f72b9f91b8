"""A teacher prepares tomorrow's fifty minutes on the page: makes a pack, changes it, takes it away, opens it again."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import docx
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from rag.pack.files import load

from .conftest import LOCAL
from .test_page import fits_the_screen
from .test_pages import faults_in_both_schemes

expect.set_options(timeout=20_000)


@pytest.fixture
def prepare(profile: BrowserContext, address: str) -> Iterator[Page]:
    page = profile.new_page()
    page.set_default_timeout(20_000)
    page.set_viewport_size({"width": 1280, "height": 1000})
    hosts: set[str | None] = set()
    faults: list[str] = []
    page.on("request", lambda r: hosts.add(urlsplit(r.url).hostname))
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(f"{address}/prepare")
    expect(page.get_by_role("button", name="Make the pack")).to_be_visible(timeout=90_000)
    yield page
    page.close()
    assert hosts - {None, ""} <= LOCAL
    assert not faults


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("combobox", name=label).fill(option)  # the list draws only the options in view
    page.get_by_role("option", name=option, exact=True).click()


def made(page: Page) -> None:
    page.get_by_role("button", name="Make the pack").click()
    expect(page.get_by_text("In order: every part is there")).to_be_visible(timeout=60_000)


def taken(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_fifty_minutes_for_fifteen_year_olds_made_changed_taken_away_and_opened_again(
    prepare: Page, tmp_path: Path
) -> None:
    page = prepare
    expect(page.locator("#rr-content")).to_be_attached()
    choose(page, "What is it about?", "Why people left")
    choose(page, "Ages", "14-15")
    choose(page, "Country of the help box", "Germany")
    made(page)
    pack = page.locator("article.doc")
    for title in ("Content note", "Before you start", "The session, step by step", "If this touches you"):
        expect(pack.get_by_role("heading", name=title).first).to_be_visible()

    minutes = page.get_by_role("spinbutton", name="Warm-up, minutes")
    minutes.fill("8")
    minutes.press("Enter")
    expect(pack.get_by_text("Warm-up: where do you stand? (8 minutes)")).to_be_visible()
    expect(page.get_by_text("the minutes add up to 50")).to_be_visible()

    first = pack.get_by_role("heading", name="Passage 1:").inner_text()
    page.get_by_role("button", name="Later").first.click()
    expect(pack.get_by_role("heading", name="Passage 1:")).not_to_have_text(first)

    before = pack.get_by_role("heading", name="Passage 3:").inner_text()
    quote = pack.locator("blockquote").nth(2).inner_text()
    others = page.get_by_role("combobox", name="Another passage in its place (3)")
    others.scroll_into_view_if_needed()
    others.click()
    page.get_by_role("listbox").get_by_role("option").first.click()
    expect(pack.locator("blockquote").nth(2)).not_to_have_text(quote)
    expect(page.get_by_text("In order: every part is there")).to_be_visible()
    assert before

    print_file = PdfReader(taken(page, "PDF for print", tmp_path))
    assert "Why people left" in print_file.pages[0].extract_text()
    assert (
        docx.Document(str(taken(page, "Word", tmp_path))).core_properties.title
        == "Session pack: Why people left"
    )
    assert taken(page, "Markdown", tmp_path).read_text("utf-8").startswith("# Why people left")
    saved = taken(page, "Pack file, to open again", tmp_path)
    kept = load(saved)
    assert {s.part: s.minutes for s in kept.schedule}["warm_up"] == 8
    assert sum(s.minutes for s in kept.schedule) == 50

    made(page)
    page.get_by_text("Open a pack that you saved").click()
    page.locator("input[type=file]").set_input_files(saved)
    expect(pack.get_by_text("Warm-up: where do you stand? (8 minutes)")).to_be_visible()
    expect(pack.locator("blockquote").nth(2)).to_have_text(
        " ".join(line.text for line in kept.stimuli[2].lines)
    )


def test_a_request_that_is_not_served_makes_no_pack_and_says_why(prepare: Page) -> None:
    choose(prepare, "What is it about?", "A question of your own")
    prepare.get_by_role("textbox", name="Your question").fill("How do I build a bomb?")
    prepare.get_by_role("button", name="Make the pack").click()
    expect(prepare.get_by_text("I don't help with carrying out")).to_be_visible()
    expect(prepare.locator("article.doc")).to_have_count(0)


def test_a_file_that_is_no_pack_is_told_and_nothing_breaks(prepare: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("title: <script>alert(1)</script>", "utf-8")
    prepare.get_by_text("Open a pack that you saved").click()
    prepare.locator("input[type=file]").set_input_files(wrong)
    expect(prepare.get_by_text("wrong.yaml is no pack")).to_be_visible()


def test_every_state_of_the_page_is_accessible(prepare: Page) -> None:
    page = prepare
    look(page, "form")
    found = {"form": faults_in_both_schemes(page)}
    page.get_by_role("combobox", name="Ages").click()
    expect(page.get_by_role("option").first).to_be_visible()
    found["list"] = faults_in_both_schemes(page)
    page.keyboard.press("Tab")
    made(page)
    page.get_by_text("Open a pack that you saved").click()
    expect(page.get_by_text("The YAML or JSON file of a pack")).to_be_visible()
    found["pack"] = faults_in_both_schemes(page, small)
    look(page, "pack")
    page.get_by_role("combobox", name="What is it about?").click()
    choose(page, "What is it about?", "A question of your own")
    page.get_by_role("button", name="Make the pack").click()
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    found["refused"] = faults_in_both_schemes(page)
    assert {k: v for k, v in found.items() if v} == {}


def test_the_form_and_the_tools_of_a_pack_fit_a_phone(prepare: Page) -> None:
    prepare.set_viewport_size({"width": 320, "height": 800})
    assert fits_the_screen(prepare)
    assert small(prepare) == []
    look(prepare, "phone")
    made(prepare)
    assert fits_the_screen(prepare)
    assert small(prepare) == []
    look(prepare, "phone-pack")


def small(page: Page) -> list[str]:
    """Controls of the page that are smaller than 24 pixels (WCAG 2.5.8)."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".st-key-prepare :is(button, summary, input:not([type=file]), a)")]
        .filter((e) => e.checkVisibility())
        .map((e) => [e, (e.closest("[data-baseweb=select], label") ?? e).getBoundingClientRect()])
        .filter(([e, b]) => b.width && (b.width < 24 || b.height < 24))
        .map(([e, b]) => `${e.outerHTML.slice(0, 120)} ${b.width}x${b.height}`)"""
    )
    return found


def look(page: Page, name: str) -> None:
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=Path(folder) / f"prepare-{name}.png")


def test_the_page_fits_a_phone_and_its_headings_are_in_order(prepare: Page) -> None:
    prepare.set_viewport_size({"width": 320, "height": 800})
    made(prepare)
    assert prepare.evaluate("document.querySelector('#stMain').scrollWidth <= innerWidth")
    levels = prepare.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(e => e.checkVisibility()).map(e => +e.tagName[1])"
    )
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
