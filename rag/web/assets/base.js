// What every part of the page is drawn with. Everything from outside becomes a text node, never markup; every word of
// the interface comes from the catalogue (rag/web/strings), which arrives with the data.

let words = {};
let plural = new Intl.PluralRules("en");
let locale = "en";

/** What the corpus and the library say is in English, whatever the language of the page around it. */
const english = { lang: "en", dir: "ltr" };

function speak(language, texts) {
  words = { ...words, ...texts }; // the parts of a page share this, and each brings only its own
  if (language !== locale) {
    locale = language;
    plural = new Intl.PluralRules(language);
  }
}

/** A text of the catalogue with its values; with `n`, in the form that the language has for that number. */
function t(key, values = {}) {
  let text = words[key];
  if (text === undefined) return key;
  if (typeof text === "object") text = text[plural.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (typeof values[name] === "number" ? number(values[name]) : (values[name] ?? whole)));
}

/** A count with its thousands set apart, as rag/web/words.py writes it. */
const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, words["common.group"]);

/** A date as exact as it is known, as rag/web/words.py writes it; what is no date stays as it is. */
function day(date) {
  const [, year, month, dayOfMonth] = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(date) ?? [];
  if (!year) return date;
  return t(dayOfMonth ? "date.day" : "date.month", { day: String(Number(dayOfMonth)), month: t(`month.${Number(month)}`), year });
}

/** An element with attributes, listeners (onclick: f) and children; strings become text nodes, null is left out. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const hidden = (text) => el("span", { class: "rr-hidden" }, text);
const outside = (url, text) =>
  el("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "rr-link" }, text, hidden(` ${t("common.new_tab")}`));
const quiet = (key, text, onclick, more = {}) => el("button", { type: "button", class: "rr-quiet", "data-key": key, onclick, ...more }, text);
const inEnglish = (text) => (text ? el("span", english, text) : null);
const row = (term, detail) => (detail ? [el("dt", {}, term), el("dd", {}, detail)] : []);
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const stacked = () => matchMedia("(max-width: 899px)").matches;
const dots = () => el("span", { class: "rr-dots", "aria-hidden": "true" }, "…");

function countryName(code) {
  try {
    return new Intl.DisplayNames([locale], { type: "region" }).of(code);
  } catch {
    return code;
  }
}

/** Replaces what a region shows if its data changed; focus stays on the control that had it, open details stay open. */
function redraw(region, data, draw) {
  const json = locale + JSON.stringify(data);
  if (region.shownJson === json) return;
  region.shownJson = json;
  const active = region.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const open = new Set([...region.querySelectorAll("details[open] > summary[data-key]")].map((s) => s.dataset.key));
  region.replaceChildren(...[draw(data)].flat(9).filter((child) => child !== null && child !== undefined));
  for (const summary of region.querySelectorAll("details > summary[data-key]")) if (open.has(summary.dataset.key)) summary.parentElement.open = true;
  if (active) region.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus({ preventScroll: true });
}

/** What stands instead of a page while the collection is being opened, or when it cannot be. Null when it is ready. */
function notReady({ state, status, problem }, send) {
  if (problem)
    return el(
      "div",
      { class: "rr-problem", role: "alert" },
      el("p", { dir: "auto" }, problem),
      quiet("retry", t("common.retry"), () => send("retry", true)),
    );
  return state === "ready" ? null : el("p", { class: "rr-status", role: "status", dir: "auto" }, status, dots());
}

/** Hands a file to the browser; nothing leaves this machine. */
function download({ name, mime, text, base64 }) {
  const bytes = base64 ? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)) : new TextEncoder().encode(text);
  const link = el("a", { href: URL.createObjectURL(new Blob([bytes], { type: mime })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Copies a text and says so on the button; where the clipboard is closed, selects `shown` for the reader. */
async function copy(text, button, shown, heard) {
  const before = button.dataset.words ?? button.textContent;
  button.dataset.words = before;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = t("common.copied");
  } catch {
    if (shown) {
      const range = document.createRange();
      range.selectNodeContents(shown);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
    button.textContent = shown && document.execCommand("copy") ? t("common.copied") : t("common.copy_by_hand");
  }
  if (heard) heard.textContent = button.textContent;
  setTimeout(() => (button.textContent = before), 4000);
}

/** A table with its caption, and its CSV. The first column names the row. */
function table(view) {
  return el(
    "div",
    { class: "rr-table-box", tabindex: "0", role: "region", "aria-label": view.title },
    el(
      "table",
      { class: "rr-table" },
      el("caption", {}, view.title),
      el("thead", {}, el("tr", {}, view.columns.map((c) => el("th", { scope: "col" }, c)))),
      el(
        "tbody",
        {},
        view.rows.map((cells) =>
          el("tr", {}, cells.map((c, i) => (i ? el("td", { class: typeof c === "number" ? "rr-number" : null }, String(c)) : el("th", { scope: "row" }, String(c))))),
        ),
      ),
    ),
  );
}

/** The twin of a picture: the same figures as a table, to read or to download. */
function twin(view) {
  return el(
    "details",
    { class: "rr-twin" },
    el("summary", { "data-key": `twin ${view.file}` }, t("common.as_table")),
    table(view),
    quiet(`csv ${view.file}`, t("common.csv"), () => download({ name: view.file, mime: "text/csv;charset=utf-8", text: view.csv })),
  );
}

/** Bars with their numbers; the picture has a text of its own, and a table as twin. */
function bars(view) {
  const most = Math.max(1, ...view.bars.map((b) => b.n));
  return el(
    "figure",
    { class: "rr-bars-figure" },
    el("figcaption", {}, view.caption),
    el(
      "div",
      { role: "img", "aria-label": view.alt, class: "rr-bars" },
      view.bars.map((b) => [
        el("span", { class: "rr-bar-label" }, b.label),
        el("span", { class: "rr-bar-track" }, el("span", { class: b.n ? "rr-bar-fill" : "rr-bar-none", style: `inline-size:${(100 * b.n) / most}%` })),
        el("span", { class: "rr-bar-n" }, String(b.n)),
      ]),
    ),
    view.table ? twin(view.table) : null,
  );
}

/** A row of buttons of which one is current. */
function tabs(label, items, current, choose) {
  return el(
    "div",
    { class: "rr-tabs", role: "group", "aria-label": label },
    items.map((i) => el("button", { type: "button", class: "rr-tab", "data-key": `tab ${i.id}`, "aria-pressed": String(i.id === current), onclick: () => choose(i.id) }, i.label)),
  );
}

/** Forward and back through the pages of a list. */
function pager(list, turn) {
  if (list.pages < 2) return null;
  const step = (to, text) => quiet(`page ${text}`, text, () => turn(to), { disabled: to < 1 || to > list.pages });
  return el(
    "nav",
    { class: "rr-pager", "aria-label": t("common.pages") },
    step(list.page - 1, t("common.previous")),
    el("span", {}, t("common.page_of", { page: list.page, pages: list.pages })),
    step(list.page + 1, t("common.next")),
  );
}

/** Facets as groups of boxes with counts; what is chosen stands on top of its group. */
function facets(list, toggle, open = false) {
  return list.map((f) =>
    el(
      "details",
      { class: "rr-facet", open: open || f.options.some((o) => o.chosen) },
      el("summary", { "data-key": `facet ${f.id}` }, f.label, el("span", { class: "rr-facet-unit" }, ` ${f.unit}`)),
      el(
        "ul",
        {},
        f.options.map((o) =>
          el(
            "li",
            {},
            el(
              "label",
              { class: o.n || o.chosen ? null : "rr-none" },
              el("input", { type: "checkbox", checked: o.chosen, "data-key": `${f.id}=${o.id}`, onchange: () => toggle({ facet: f.id, value: o.id }) }),
              el("span", { class: "rr-option" }, o.label),
              el("span", { class: "rr-count" }, String(o.n)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** What is chosen, each to be taken away again. */
function chips(list, toggle, clear) {
  if (!list.length) return null;
  return el(
    "ul",
    { class: "rr-chips", "aria-label": t("common.chosen") },
    list.map((c) => el("li", {}, quiet(`chip ${c.facet}=${c.value}`, [c.label, el("span", { "aria-hidden": "true", class: "rr-x" }, "×")], () => toggle(c), { "aria-label": t("common.take_away", { what: c.label }) }))),
    el("li", {}, quiet("chips none", t("common.clear"), clear)),
  );
}

/** A passage in a list: what it says, who speaks, how far its source can be trusted. */
function passageCard(p, read) {
  return el(
    "li",
    { class: "rr-card-passage" },
    p.standing ? el("p", { class: "rr-badge" }, p.standing) : null,
    p.flags ? el("p", { class: "rr-notice" }, p.flags) : null,
    el("p", { class: "rr-card-text", ...english }, p.text),
    el("p", { class: "rr-where" }, p.byline),
    p.tags ? el("p", { class: "rr-where" }, p.tags) : null,
    quiet(`read ${p.id}`, [t("common.read"), hidden(`: ${p.byline}`)], () => read(p.id), { "aria-pressed": String(p.open) }),
  );
}
