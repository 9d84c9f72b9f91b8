"""What a visitor can do on the page, in a real browser."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit, ask, question_field

BROAD = "Why did people go to Syria?"
ERION = "Why did Erion from Kosovo go to Syria?"
RETRACTED = "Can the story of Abu Huzaifa be trusted?"
NOT_HELD = "Why did people join the Shining Path?"
HOSTILE = (
    "Why did <script>alert(1)</script> <img src=x onerror=alert(2)> **Erion** $x^2$ :red[go] to `Syria`?"
)


def fits_the_screen(page: Page) -> bool:
    parts = "[document.documentElement, document.body, document.querySelector('#stMain')]"
    fits: bool = page.evaluate(f"{parts}.every(e => e.scrollWidth <= innerWidth)")
    return fits


# --- asking and reading -----------------------------------------------------------------------------------------------


def test_a_reader_asks_opens_a_citation_and_sees_the_sentence_it_rests_on(visit: Visit) -> None:
    page = visit()
    answer = ask(page, BROAD)
    sentence = answer.locator(".rr-sentence").nth(1)
    words = re.sub(r"\d+$", "", sentence.inner_text()).strip()
    button = sentence.get_by_role("button")
    assert re.match(r"Citation 2: .*paragraph \d+ of ", button.get_attribute("aria-label"))
    button.click()
    panel = page.get_by_role("complementary", name="Evidence")
    expect(panel.locator("mark")).to_have_text(words)
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(answer.locator(".rr-sentence").first).to_be_visible()
    box, beside = panel.bounding_box(), answer.bounding_box()
    assert box
    assert beside
    assert box["x"] >= beside["x"] + beside["width"]
    for part in ("Just before", "Just after", "Who", "The source", "How it was obtained", "Standing"):
        expect(panel.get_by_text(part, exact=False).first).to_be_attached()
    original = panel.get_by_role("link", name="Open the original")
    assert original.get_attribute("target") == "_blank"
    assert "noopener" in original.get_attribute("rel")
    panel.get_by_role("button", name="Copy citation").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == panel.locator(".rr-citation").inner_text()
    answer.get_by_role("button", name="Citation 1:").click()
    expect(panel.get_by_role("heading", name="Citation 1")).to_be_visible()
    expect(page.locator(".rr-exchange")).to_have_count(1)


def test_a_follow_up_says_how_it_was_understood(visit: Visit) -> None:
    page = visit()
    ask(page, ERION)
    second = ask(page, "And what did he want to do there?")
    expect(second.get_by_text("Understood as:")).to_contain_text("Erion")
    expect(page.get_by_role("heading", name=ERION)).to_be_attached()


def test_suggested_questions_are_asked_by_pressing_them_and_all_can_be_cleared(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="How were the interviews done?").click()
    expect(page.get_by_role("heading", name="How were the interviews done?")).to_be_visible()
    expect(page.locator(".rr-exchange")).to_have_attribute("aria-busy", "false")
    following = page.get_by_role("region", name="Ask next").get_by_role("button").first
    words = following.inner_text()
    following.click()
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    page.get_by_role("button", name="Start a new conversation").click()
    expect(page.get_by_role("heading", name="Questions to start with")).to_be_visible()
    expect(page.locator(".rr-exchange")).to_have_count(0)


def test_a_retracted_account_is_called_so_beside_the_answer_and_in_the_evidence(visit: Visit) -> None:
    page = visit()
    answer = ask(page, RETRACTED)
    expect(answer.locator(".rr-notice-standing")).to_contain_text("Retracted")
    panel = page.get_by_role("complementary", name="Evidence")
    expect(panel.get_by_text("Retracted account", exact=True)).to_be_visible()
    answer.get_by_role("button", name="Citation 1:").click()
    expect(panel.locator("mark")).to_be_visible()
    expect(panel.get_by_text("Retracted account", exact=True)).to_be_visible()


def test_what_is_not_in_the_corpus_looks_different_and_cites_nothing(visit: Visit) -> None:
    page = visit()
    answer = ask(page, NOT_HELD)
    nearby = answer.get_by_role("region", name="Nearby in the corpus")
    expect(nearby).to_contain_text("Not an answer")
    expect(answer.locator(".rr-cite")).to_have_count(0)
    nearby.get_by_role("button").first.click()
    expect(page.get_by_role("complementary", name="Evidence")).to_contain_text("not cited")


def test_a_reload_says_that_nothing_was_kept(visit: Visit) -> None:
    page = visit()
    ask(page, ERION)
    page.reload()
    expect(page.get_by_text("The page was reloaded. Conversations are not kept")).to_be_visible()
    expect(page.locator(".rr-exchange")).to_have_count(0)


def test_stop_keeps_what_was_shown_and_the_next_question_works(visit: Visit, slow_address: str) -> None:
    page = visit(slow_address)
    question_field(page).fill(BROAD)
    question_field(page).press("Enter")
    item = page.locator(".rr-exchange").first
    expect(item.locator(".rr-sentence").first).to_be_visible()
    assert item.get_attribute("aria-busy") == "true"
    page.get_by_role("button", name="Stop").click()
    expect(item.get_by_text("Stopped here.")).to_be_visible()
    shown = item.locator(".rr-sentence").count()
    assert shown >= 1
    page.wait_for_timeout(1500)
    expect(item.locator(".rr-sentence")).to_have_count(shown)
    item.get_by_role("button", name="Citation 1:").click()
    expect(page.get_by_role("complementary", name="Evidence").locator("mark")).to_be_visible()
    assert ask(page, NOT_HELD).get_by_role("region", name="Nearby in the corpus").is_visible()


# --- bad input --------------------------------------------------------------------------------------------------------


def test_hostile_text_is_shown_as_typed_and_unreadable_text_gets_a_hint(visit: Visit) -> None:
    page = visit()
    ask(page, HOSTILE)
    heading = page.get_by_role("heading", name="You:").first
    expect(heading).to_have_text(f"You: {HOSTILE}")
    assert heading.locator("script, img, strong, code, .katex, [style]").count() == 0
    expect(ask(page, "?!?")).to_contain_text("Please type a question in words")
    expect(ask(page, "why " * 25_000)).to_contain_text("at most 2,000")
    assert fits_the_screen(page)
    expect(page.locator(".rr-exchange").first).to_contain_text("alert(1)")


# --- screens and keys -------------------------------------------------------------------------------------------------


def test_a_phone_of_320_pixels_needs_no_sideways_scrolling(visit: Visit) -> None:
    page = visit(width=320, height=640)
    assert fits_the_screen(page)
    answer = ask(page, RETRACTED)
    assert fits_the_screen(page)
    for button in answer.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
    answer.get_by_role("button", name="Citation 1:").click()
    panel = page.get_by_role("complementary", name="Evidence")
    expect(panel.get_by_role("heading", name="Citation 1")).to_be_in_viewport()
    assert panel.bounding_box()["y"] >= answer.bounding_box()["y"] + answer.bounding_box()["height"]
    assert fits_the_screen(page)
    page.get_by_role("button", name="Help").click()
    page.get_by_label("Country", exact=True).select_option("GB")
    assert fits_the_screen(page)


def test_the_keyboard_alone_reaches_a_citation_and_comes_back(visit: Visit) -> None:
    page = visit()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type(ERION)
    page.keyboard.press("Enter")
    expect(page.locator(".rr-exchange")).to_have_attribute("aria-busy", "false")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if (page.evaluate("document.activeElement.ariaLabel") or "").startswith("Citation 1:"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(outline.removesuffix("px")) >= 2
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="Citation 1")
    expect(heading).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Close the evidence")).to_be_focused()
    page.keyboard.press("Enter")
    expect(heading).to_have_count(0)
    assert page.evaluate("document.activeElement.ariaLabel").startswith("Citation 1:")


def test_a_screen_reader_finds_a_labelled_list_and_hears_the_answer_once(visit: Visit) -> None:
    page = visit()
    answer = ask(page, ERION)
    assert page.locator("main").count() == 1
    assert page.get_by_role("list", name="Conversation").get_by_role("listitem").count() >= 1
    expect(answer.get_by_text("You:")).to_be_attached()
    expect(answer.get_by_text("Assistant:")).to_be_attached()
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.locator("p")).to_have_count(1)
    said = [re.sub(r"\d+$", "", s).strip() for s in answer.locator(".rr-sentence").all_inner_texts()]
    expect(log).to_contain_text(" ".join(said))
    headings = "[...document.querySelectorAll('.rr :is(h1, h2, h3)')].filter(h => h.checkVisibility())"
    levels = page.evaluate(f"{headings}.map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_reader_who_has_it_dark_gets_dark_colours_and_enough_contrast(visit: Visit) -> None:
    """From the first look on. Light colours, and changing to dark ones, are looked at in every state of every page."""
    page = visit(scheme="dark")
    faint = page.evaluate(FAINT)
    answer = ask(page, RETRACTED)
    answer.get_by_role("button", name="Citation 1:").click()
    expect(page.locator("mark")).to_be_visible()
    answer.locator("summary").first.click()
    page.get_by_role("button", name="Help services").click()
    page.get_by_label("Country", exact=True).select_option("GB")
    assert faint + page.evaluate(FAINT) == []
    background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", background)[:3])) < 380


FAINT = """() => {
  const numbers = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = (c) => {
    const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = numbers(c).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (let x = e; x; x = x.parentElement) {
      const c = getComputedStyle(x).backgroundColor;
      const [, , , alpha = 1] = numbers(c);
      if (alpha > 0.99) return c;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.querySelector(".stApp"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(".rr")) continue;
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility()) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.add(`${e.className || e.tagName}: ${ratio.toFixed(2)}`);
  }
  return [...faint];
}"""


# --- leaving and help -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_the_way_out_leads_to_a_neutral_site_and_leaves_nothing_behind(
    visit: Visit, neutral_site: str, way: str
) -> None:
    page = visit()
    ask(page, ERION)
    if way == "button":
        page.get_by_role("button", name="Leave this page").click()
    else:
        question_field(page).press_sequentially("and the")
        page.keyboard.press("Escape")
    expect(page).to_have_url(neutral_site)
    page.go_back(wait_until="commit")
    page.wait_for_timeout(500)
    assert "Erion" not in page.content()


def test_the_tab_the_address_and_the_browsers_stores_say_nothing_of_the_visit(visit: Visit) -> None:
    page = visit()
    expect(page).to_have_title("Reading room")
    ask(page, ERION)
    expect(page).to_have_title("Reading room")
    assert re.fullmatch(r"http://localhost:\d+/", page.url)
    assert {c["name"] for c in page.context.cookies()} <= {
        "_streamlit_xsrf"
    }  # guards against forged requests
    assert "Erion" not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")


def test_help_is_always_at_the_same_place_and_asks_for_the_country(visit: Visit) -> None:
    page = visit()
    button = page.get_by_role("button", name="Help services")
    before = button.bounding_box()
    ask(page, RETRACTED)
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(300)
    assert button.bounding_box() == before
    button.click()
    panel = page.get_by_role("region", name="Help services")
    expect(panel.get_by_label("Country", exact=True)).to_have_value("")
    expect(panel.get_by_role("link", name=re.compile("Services by country"))).to_be_visible()
    page.get_by_label("Country", exact=True).select_option("GB")
    calls = panel.locator("a[href^='tel:']")
    assert [calls.nth(0).get_attribute("href"), calls.nth(1).get_attribute("href")] == ["tel:999", "tel:112"]
    for part in ("Hours", "Who answers", "Checked on"):
        expect(panel.get_by_text(part).first).to_be_visible()
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
