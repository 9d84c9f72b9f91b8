// A passage in its context: what stands before and after, who speaks, how the testimony was obtained, how to cite it.

/** The panel beside a page. Opening a passage moves the focus into it, closing brings it back to where it came from. */
class Panel {
  constructor(label) {
    this.box = el("div");
    this.root = el("aside", { class: "rr-aside" }, this.box);
    this.label = label;
    this.key = null;
    this.opener = null;
  }

  /** Called at the press that opens a passage. */
  opening() {
    this.opener = document.activeElement?.dataset.key ?? null;
    this.asked = true;
  }

  update(evidence, drawn, page) {
    this.root.setAttribute("aria-label", t(this.label));
    redraw(this.box, drawn.data, drawn.draw);
    const key = evidence?.key ?? null;
    if (this.asked && key) {
      this.asked = false;
      this.root.scrollTop = 0;
      this.box.querySelector("h2").focus({ preventScroll: true });
      if (stacked()) this.root.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    } else if (!key && this.key && this.opener) {
      page.querySelector(`[data-key="${CSS.escape(this.opener)}"]`)?.focus();
      this.opener = null;
    }
    this.key = key;
  }
}

const inWords = (p) => p.parts.map((x) => [x.marked ? el("mark", {}, x.text) : x.text, " "]);

function beside(p, which, next) {
  if (!p) return null;
  return el(
    "details",
    { class: "rr-beside" },
    el("summary", { "data-key": which }, el("span", { class: "rr-where" }, `${which}: ${p.where}`), el("span", { class: "rr-glimpse", ...english }, next.text)),
    el("p", english, inWords(p)),
  );
}

/** All of a passage. `close` is left out where the passage is the page itself; `heard` is a status region. */
function drawEvidence(e, { close = null, heard = null, level = "h2" } = {}) {
  const citation = el("p", { class: "rr-citation", ...english }, e.citations[0].text);
  const copied = quiet("copy", t("evidence.copy_citation"), () => copy(citation.textContent, copied, citation, heard));
  const linked = quiet("link", t("evidence.copy_link"), () => copy(`${location.origin}${e.link}`, linked, null, heard));
  return [
    el(
      "div",
      { class: "rr-panel-top" },
      el(level, { tabindex: "-1" }, e.heading),
      close ? quiet("close", [t("common.close"), hidden(` ${t("evidence.close_more")}`)], close) : null,
    ),
    el("p", { class: "rr-byline" }, e.byline),
    e.basis ? el("p", { class: "rr-notice rr-notice-content", ...english }, e.basis) : null,
    e.standing ? el("div", { class: "rr-standing" }, el("p", { class: "rr-badge" }, e.standing), el("p", english, e.standing_note)) : null,
    el(
      "div",
      { class: "rr-context" },
      beside(e.before, t("evidence.before"), e.before?.parts.at(-1)),
      el("div", { class: "rr-passage" }, el("p", { class: "rr-where" }, e.passage.where), el("p", english, inWords(e.passage))),
      beside(e.after, t("evidence.after"), e.after?.parts[0]),
    ),
    el("p", { class: "rr-where" }, e.rendering),
    el("p", { class: "rr-actions" }, outside(e.card.url, t("evidence.original")), copied, linked),
    askBack(e),
    e.people.length
      ? el("section", {}, el("h3", {}, t("evidence.who")), el("dl", { class: "rr-people" }, e.people.map((p) => [el("dt", {}, p.name), el("dd", english, p.description)])), e.status.map((s) => el("p", { class: "rr-legal", ...english }, s)))
      : null,
    e.notes.length
      ? el("section", {}, el("h3", {}, t("evidence.notes")), el("ul", { class: "rr-notes" }, e.notes.map((n) => el("li", {}, el("span", { class: "rr-where" }, n.date), " ", el("span", english, n.text)))))
      : null,
    el(
      "section",
      {},
      el("h3", {}, t("evidence.source")),
      el(
        "dl",
        { class: "rr-card" },
        row(t("evidence.title"), inEnglish(e.card.title)),
        row(t("evidence.by"), e.card.authors),
        row(t("evidence.published"), `${e.card.published}, ${e.card.publisher}`),
        row(t("evidence.kind"), e.card.kind),
        row(t("evidence.method"), inEnglish(e.card.method)),
        row(t("evidence.standing"), e.standing ? `${e.standing} ${t("evidence.see_above")}` : t("evidence.no_dispute", { date: e.card.as_of })),
        row(t("evidence.rights"), inEnglish(e.card.rights)),
      ),
    ),
    e.terms.length
      ? el("details", { class: "rr-terms" }, el("summary", { "data-key": "terms" }, t("evidence.terms")), el("dl", { class: "rr-people" }, e.terms.map((x) => [el("dt", {}, x.term), el("dd", english, x.definition)])))
      : null,
    el("section", {}, el("h3", {}, t("evidence.citation")), styles(e, citation), citation),
  ];
}

/** The citation in the style that a teacher asks for; machine formats are downloaded. */
function styles(e, citation) {
  const files = e.citations.filter((c) => c.file);
  const inStyle = e.citations.filter((c) => !c.file);
  return [
    inStyle.length > 1
      ? el(
          "div",
          { class: "rr-style" },
          el("label", { for: "rr-style" }, t("evidence.style")),
          el(
            "select",
            { id: "rr-style", "data-key": "style", onchange: (event) => (citation.textContent = inStyle[Number(event.target.value)].text) },
            inStyle.map((c, i) => el("option", { value: String(i) }, c.style)),
          ),
        )
      : null,
    files.length
      ? el(
          "p",
          { class: "rr-actions" },
          files.map((c) => quiet(`cite ${c.style}`, t("evidence.download_citation", { style: c.style }), () => download({ name: c.file, mime: "text/plain;charset=utf-8", text: c.text }))),
        )
      : null,
  ];
}

/** Turns the table: a question to the reader about this passage, one at a time. */
function askBack(e) {
  if (!e.ask_back.length) return null;
  let next = 0;
  const kind = el("p", { class: "rr-where" });
  const question = el("p", { class: "rr-ask-back-question" });
  const box = el("div", { class: "rr-ask-back", "aria-live": "polite", hidden: true }, kind, question);
  const button = quiet("ask back", t("evidence.ask_back"), () => {
    const asked = e.ask_back[next % e.ask_back.length];
    next += 1;
    kind.textContent = asked.kind;
    question.textContent = asked.question;
    box.hidden = false;
    button.textContent = t("evidence.ask_back_again");
  });
  return el("div", { class: "rr-ask-back-box" }, button, box);
}
