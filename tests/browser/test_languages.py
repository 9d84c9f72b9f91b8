"""The pages in other languages, in a real browser: the choice in the bar, right to left, and long German words."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .conftest import Visit
from .test_page import FAINT, fits_the_screen
from .test_pages import faults, picture, small_targets

MARK = {"ar": "ترجمة آلية", "de": "Maschinelle Übersetzung"}
PAGES = (".rr-path", "[data-testid=stForm] input", ".rr-items", ".rr-verdict", ".rr-text h1")


def speak(page: Page, code: str) -> None:
    """Chooses a language in the bar, as a reader would."""
    page.locator("#rr-language").select_option(code)
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.locator(".rr-mark")).to_contain_text(MARK[code])


def go_on(page: Page, n: int) -> None:
    page.locator(".rr-nav a").nth(n).click()
    expect(page.locator(PAGES[n - 1]).first).to_be_visible(timeout=60_000)


def sides(page: Page, *selectors: str) -> list[float]:
    """The middles of things from left to right, in pixels."""
    boxes = [page.locator(s).first.bounding_box() for s in selectors]
    return [b["x"] + b["width"] / 2 for b in boxes if b]


def test_an_arabic_reader_finds_everything_from_right_to_left(visit: Visit) -> None:
    page = visit()
    assert sides(page, ".rr-name", ".rr-leave") == sorted(sides(page, ".rr-name", ".rr-leave"))
    speak(page, "ar")
    assert "lang=ar" in page.url
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    leave, name = sides(page, ".rr-leave", ".rr-name")
    assert leave < name
    assert page.locator(".rr-title").evaluate("e => getComputedStyle(e).direction") == "rtl"
    page.locator(".rr-examples button").first.click()
    answer = page.locator(".rr-exchange").first
    expect(answer).to_have_attribute("aria-busy", "false", timeout=15_000)
    said = answer.locator(".rr-said p").first
    expect(said).to_have_attribute("lang", "en")
    expect(said).to_have_attribute("dir", "ltr")
    page.get_by_role("button", name=re.compile("الاستشهاد.*1")).first.click()
    expect(page.locator(".rr-passage mark")).to_be_visible()
    assert page.locator(".rr-passage mark").evaluate("e => e.closest('[lang]').lang") == "en"
    aside, main = sides(page, ".rr-aside", ".rr-main")
    assert aside < main
    picture(page, "arabic")
    found = {"answer": [*faults(page), *page.evaluate(FAINT), *small_targets(page)]}
    go_on(page, 1)
    first, second = sides(page, ".rr-path > li:nth-child(1)", ".rr-path > li:nth-child(2)")
    assert second < first
    found["explore"] = [*faults(page), *page.evaluate(FAINT), *small_targets(page)]
    page.reload()
    expect(page.locator(".rr-path")).to_be_visible(timeout=30_000)
    expect(page.locator(".rr-mark")).to_contain_text(MARK["ar"])
    page.set_viewport_size({"width": 320, "height": 700})
    assert fits_the_screen(page)
    assert {k: v for k, v in found.items() if v} == {}


def test_long_german_words_fit_a_phone_on_every_page(visit: Visit) -> None:
    page = visit(width=320, height=700)
    speak(page, "de")
    wide = [] if fits_the_screen(page) else ["0"]
    for n in range(1, len(PAGES) + 1):
        go_on(page, n)
        expect(page.locator(".rr-mark")).to_contain_text(MARK["de"])
        wide += [] if fits_the_screen(page) else [page.url]
    assert wide == []
    assert page.title().startswith("Lesesaal")
