"""The other pages in a real browser: what each reader can do there, by mouse, keyboard and on a phone; axe-core."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rag.settings import ROOT, Settings

from .conftest import Visit, ask
from .test_page import ERION, FAINT, RETRACTED, fits_the_screen

GRAVE = ("serious", "critical")
OF_COLOURS = ("color-contrast", "link-in-text-block")  # the rules of axe-core that look at colours
BRIGHTNESS = """() => getComputedStyle(document.querySelector(".stApp")).backgroundColor.match(/\\d+/g).slice(0, 3)
  .map(Number).reduce((a, b) => a + b)"""
# Set to make the pictures of the documentation anew: they are not compared, since fonts differ between machines.
PICTURES = ROOT / "docs" / "images" if os.environ.get("MAKE_PICTURES") else None


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("link", name=name, exact=True).first).to_have_attribute("aria-current", "page")


# The background changes before the last text does: waits until two looks at all colours are the same.
AT_REST = """async () => {
  const colours = () => [...document.querySelectorAll("body *")]
    .map((e) => { const s = getComputedStyle(e); return s.color + s.backgroundColor + s.opacity; }).join();
  for (let last = "", n = 0; n < 50; n++) {
    const now = colours();
    if (now === last) return;
    last = now;
    await new Promise((done) => setTimeout(done, 60));
  }
}"""


def faults(page: Page, *rules: str) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands, without the frame that Streamlit draws; by
    these rules, or by all that it holds pages to."""
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{v['id']}: {n['target']} {n['failureSummary'][:200]}"
        for v in found
        if v["impact"] in GRAVE
        for n in v["nodes"]
    ]


def faults_in_both_schemes(page: Page, *checks: Callable[[Page], list[str]]) -> list[str]:
    """What axe-core and these checks find in light colours, and in dark ones what axe-core and they find of colours."""
    found = [fault for check in (faults, *checks) for fault in check(page)]
    in_scheme(page, "dark")
    found += [f"dark: {fault}" for fault in (*faults(page, *OF_COLOURS), *faint(page))]
    in_scheme(page, "light")
    return found


def in_scheme(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Has the page in these colours, as a change of the system's setting does."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"({BRIGHTNESS})() {'>' if scheme == 'light' else '<'} 380")
    page.evaluate(AT_REST)


def faint(page: Page) -> list[str]:
    """Texts that stand out too little from what is behind them."""
    found: list[str] = page.evaluate(FAINT)
    return found


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.mouse.move(640, 890)
        page.wait_for_timeout(300)
        page.screenshot(path=PICTURES / f"{name}.png")


def small_targets(page: Page) -> list[str]:
    """Controls that are smaller than 24 pixels and not part of a line of text (WCAG 2.5.8)."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".rr :is(button, select, summary, input, nav a)")]
        .filter((e) => e.checkVisibility())
        .map((e) => [e, (e.closest("label") ?? e).getBoundingClientRect()])
        .filter(([e, b]) => b.width && (b.width < 24 || b.height < 24))
        .map(([e, b]) => `${e.className} ${e.textContent.slice(0, 30)} ${b.width}x${b.height}`)"""
    )
    return found


# --- axe-core, contrast and targets on every page and state -----------------------------------------------------------


def test_every_page_and_state_is_accessible(visit: Visit) -> None:
    page = visit()
    found = {"ask": faults_in_both_schemes(page)}
    answer = ask(page, RETRACTED)
    answer.get_by_role("button", name="Citation 1:").click()
    expect(page.locator("mark")).to_be_visible()
    page.get_by_role("button", name="Ask me about this passage").click()
    answer.get_by_text("How this answer came about").click()
    page.get_by_text("Limit what answers draw on").click()
    page.get_by_role("button", name="Help services").click()
    found["answer"] = faults_in_both_schemes(page, faint, small_targets)
    page.get_by_role("region", name="Help services").get_by_role("button", name="Close").click()
    go(page, "Explore")
    page.get_by_role("button", name="Violence seen or done:").click()
    page.get_by_text("The same as a table").click()
    page.get_by_text("Gender").first.click()
    page.get_by_role("button", name="Read it in context").first.click()
    expect(page.locator(".rr-passage")).to_be_visible()
    found["pathway"] = faults_in_both_schemes(page, faint, small_targets)
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_label("Side 1").select_option("person=cassandra")
    page.get_by_label("Side 2").select_option("person=erion")
    expect(page.locator(".rr-compare")).to_be_visible()
    found["compare"] = faults_in_both_schemes(page, faint)
    for name, shown in (
        ("Timeline", ".rr-timeline"),
        ("Countries", ".rr-bars"),
        ("Whose voices", ".rr-bars-grid"),
    ):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(shown)).to_be_visible()
        found[name] = faults_in_both_schemes(page, faint, small_targets)
    go(page, "Sources")
    for name in ("People", "Words", "Help services", "The corpus", "Sources"):
        page.locator(".rr-tab", has_text=name).click()
        expect(page.locator(".rr-tab[aria-pressed=true]")).to_have_text(name)
        found[name] = faults_in_both_schemes(page, faint, small_targets)
    page.get_by_role("button", name=re.compile("^Behind the scenes")).click()
    expect(page.locator(".rr-detail")).to_be_visible()
    found["source"] = faults_in_both_schemes(page, faint)
    go(page, "Evaluate")
    expect(page.locator(".rr-verdict")).to_be_visible(timeout=60_000)
    for name in ("All cases", "New case", "Figures"):
        page.locator(".rr-tab", has_text=name).click()
        expect(page.locator(".rr-tab[aria-pressed=true]")).to_have_text(name)
        found[name] = faults_in_both_schemes(page, faint, small_targets)
    go(page, "Privacy")
    expect(page.get_by_role("heading", name="What is kept about you")).to_be_visible()
    found["privacy"] = faults_in_both_schemes(page, faint)
    assert {k: v for k, v in found.items() if v} == {}


# Chooses sides of the comparison before the server has heard of the first, as one can on a busy machine.
AT_ONCE = """(chosen) => chosen.forEach((value, n) => {
  const field = document.getElementById(`rr-side-${n}`);
  field.value = value;
  field.dispatchEvent(new Event("change"));
})"""


# --- the three readers ------------------------------------------------------------------------------------------------


def test_a_teacher_looks_around_compares_and_takes_the_table_along(visit: Visit) -> None:
    page = visit()
    go(page, "Explore")
    everything = page.locator(".rr-scope-line")
    expect(everything).to_have_text(
        re.compile(r"^(\d+) of the \1 people who tell their story in this corpus")
    )
    picture(page, "explore")
    page.get_by_text("Gender").first.click()
    page.get_by_label(re.compile("^Women")).check()
    expect(everything).not_to_have_text(re.compile(r"^(\d+) of the \1 people"))
    expect(everything).to_have_text(re.compile(r"^\d+ of the \d+ people"))
    expect(page.get_by_label(re.compile("^Women"))).to_be_focused()
    contact = page.get_by_role("button", name=re.compile("^Contact:"))
    said = re.search(r"(\d+) passages", contact.get_attribute("aria-label") or contact.inner_text())
    assert said
    contact.click()
    expect(page.get_by_role("heading", name=f"{said[1]} passages")).to_be_visible()
    page.get_by_role("button", name="Read it in context").first.click()
    panel = page.get_by_role("complementary", name="Evidence")
    expect(panel.get_by_role("heading", name="Passage", exact=True)).to_be_focused()
    expect(panel.get_by_text("How it was obtained")).to_be_attached()
    panel.get_by_role("button", name="Close the evidence").click()
    expect(page.get_by_role("button", name="Read it in context").first).to_be_focused()
    page.get_by_text("The same as a table").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download as CSV").click()
    rows = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text("utf-8"))))
    assert rows[0] == ["Stage", "Passages", "People", "Of people in this corpus"]
    assert ["Contact", said[1]] in [r[:2] for r in rows]
    page.get_by_role("button", name="Remove filter: Gender: Women").click()
    page.get_by_role("button", name="Clear all").click()
    expect(everything).to_have_text(re.compile(r"^(\d+) of the \1 people"))
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_label("Side 1")).to_be_visible()
    page.evaluate(AT_ONCE, ["person=cassandra", "person=erion"])
    expect(page.get_by_label("Side 1")).to_have_value("person=cassandra")
    expect(page.get_by_text("Nothing in this corpus.").first).to_be_visible()
    picture(page, "compare")
    page.locator(".rr-cell button").first.click()
    expect(panel.get_by_role("heading", name="Passage", exact=True)).to_be_visible()


def test_a_student_takes_the_conversation_along_and_shares_a_passage(visit: Visit) -> None:
    page = visit()
    answer = ask(page, ERION)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download as text (Markdown)").click()
    assert taken.value.suggested_filename == "conversation.md"
    assert ERION.rstrip("?") in Path(taken.value.path()).read_text("utf-8")
    answer.get_by_role("button", name="Citation 1:").click()
    panel = page.get_by_role("complementary", name="Evidence")
    panel.get_by_label("Style").select_option("MLA")
    expect(panel.locator(".rr-citation")).to_contain_text("Speckhard, Anne, and Molly Ellenberg")
    panel.get_by_role("button", name="Ask me about this passage").click()
    first = panel.locator(".rr-ask-back-question").inner_text()
    panel.get_by_role("button", name="Another question").click()
    assert panel.locator(".rr-ask-back-question").inner_text() != first
    panel.get_by_role("button", name="Copy link to this passage").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    go(page, "Sources")
    go(page, "Ask")
    expect(page.locator(".rr-exchange")).to_have_count(1)
    page.goto(link)
    expect(panel.get_by_role("heading", name="Passage", exact=True)).to_be_visible(timeout=30_000)
    expect(panel.locator(".rr-passage")).to_contain_text("Erion")
    expect(page).to_have_title("Reading room: sources")


def test_sources_are_searched_while_typing_and_opened(visit: Visit) -> None:
    page = visit()
    go(page, "Sources")
    picture(page, "sources")
    field = page.get_by_label("Search the sources")
    field.press_sequentially("khalifa", delay=20)
    expect(page.locator(".rr-body").get_by_text(re.compile(r"^\d+ of \d\d sources"))).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("khalifa")
    page.get_by_role("button", name=re.compile("^Who Is Accused")).click()
    expect(page.get_by_role("heading", name=re.compile("^Who Is Accused"))).to_be_focused()
    page.get_by_text(re.compile("places left out")).click()
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("button", name=re.compile("^Who Is Accused"))).to_be_focused()


def test_an_evaluator_reads_figures_and_a_case(visit: Visit) -> None:
    page = visit()
    go(page, "Evaluate")
    expect(page.locator(".rr-verdict")).to_contain_text("Safe to release", timeout=60_000)
    picture(page, "evaluate")
    page.locator(".rr-tab", has_text="All cases").click()
    page.get_by_label("Task").select_option("accuracy")
    page.get_by_label("Result").select_option("short")
    expect(page.locator(".rr-items .rr-where").first).to_contain_text(
        re.compile("^accuracy · .* · marks lost")
    )
    page.locator(".rr-items li", has_text="marks lost · answered").first.locator(".rr-item").click()
    expect(page.get_by_role("heading", name="Verdicts")).to_be_visible()
    expect(page.locator(".rr-detail")).to_contain_text("Cited")


# --- small screens, large letters, keys -------------------------------------------------------------------------------


def test_all_pages_fit_a_phone_of_320_pixels(visit: Visit) -> None:
    page = visit(width=320, height=640)
    for name, shown in (("Explore", ".rr-path"), ("Sources", ".rr-items"), ("Evaluate", ".rr-verdict")):
        go(page, name)
        expect(page.locator(shown)).to_be_visible(timeout=60_000)
        assert fits_the_screen(page), name
        assert small_targets(page) == [], name
    go(page, "Explore")
    page.get_by_role("button", name="Read it in context").first.click()
    expect(page.get_by_role("heading", name="Passage", exact=True)).to_be_in_viewport()
    assert fits_the_screen(page)
    page.get_by_role("button", name="Timeline", exact=True).click()
    expect(page.locator(".rr-timeline")).to_be_visible()
    assert fits_the_screen(page)


def test_the_keyboard_alone_goes_round(visit: Visit) -> None:
    page = visit()
    passed = []
    while passed[-1:] != ["Explore"] and len(passed) < 8:
        page.keyboard.press("Tab")
        passed.append(page.evaluate("document.activeElement.textContent"))
    assert passed[-3:] == ["Skip to the content", "Ask", "Explore"]
    page.keyboard.press("Enter")
    stage = page.get_by_role("button", name=re.compile("^Getting out:"))
    expect(stage).to_be_visible()
    stage.focus()
    page.keyboard.press("Enter")
    expect(stage).to_have_attribute("aria-pressed", "true")
    expect(stage).to_be_focused()
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("explore"))


def test_no_page_leaves_a_file_or_a_word_behind(visit: Visit, settings: Settings) -> None:
    before = {p for p in settings.data_dir.rglob("*") if p.is_file()}
    page = visit()
    ask(page, ERION)
    go(page, "Explore")
    page.get_by_role("button", name=re.compile("^Contact:")).click()
    go(page, "Sources")
    page.get_by_label("Search the sources").fill("a private worry")
    page.wait_for_timeout(500)
    assert {p for p in settings.data_dir.rglob("*") if p.is_file()} <= before
    assert "worry" not in page.url
    assert "worry" not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
