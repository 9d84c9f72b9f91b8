// Draws the page from the data of rag/web/view.py. Everything from outside becomes a text node, never markup.
// A press is reported to Python (`send`); only the help panel, Esc and copying are handled here.

let page = null;

/** An element with attributes, listeners (onclick: f) and children; strings become text nodes, null is left out. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== ""));
  return node;
}

const hidden = (text) => el("span", { class: "rr-hidden" }, text);
const outside = (url, text) =>
  el("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "rr-link" }, text, hidden(" (opens a new tab)"));

function countryName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "region" }).of(code);
  } catch {
    return code;
  }
}

/** Replaces what a region shows if its data changed; focus stays on the control that had it. */
function redraw(region, data, draw) {
  const json = JSON.stringify(data);
  if (region.shownJson === json) return;
  region.shownJson = json;
  const active = region.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  region.replaceChildren(...[draw(data)].flat(9).filter((child) => child !== null));
  if (active) region.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus({ preventScroll: true });
}

class Page {
  constructor(parent) {
    this.send = () => {};
    this.country = null;
    this.announced = new Set();
    this.evidenceKey = null;
    this.lastExchange = null;

    this.helpButton = el(
      "button",
      { type: "button", class: "rr-bar-button", "aria-expanded": "false", "aria-controls": "rr-help", onclick: () => this.toggleHelp() },
      "Help",
      el("span", { class: "rr-wide" }, " services"),
    );
    const leave = el(
      "button",
      { type: "button", class: "rr-bar-button rr-leave", "aria-keyshortcuts": "Escape", onclick: () => this.leave() },
      "Leave",
      el("span", { class: "rr-wide" }, " this page"),
      el("kbd", { "aria-label": "Escape key" }, "Esc"),
    );
    this.help = el("section", { id: "rr-help", class: "rr-help", "aria-labelledby": "rr-help-title", hidden: true });
    this.intro = el("div", { class: "rr-intro" });
    this.thread = el("ol", { class: "rr-thread", "aria-label": "Conversation" });
    this.tools = el("div", { class: "rr-tools" });
    this.evidence = el("div");
    this.aside = el("aside", { class: "rr-aside", "aria-label": "Evidence" }, this.evidence);
    this.log = el("div", { role: "log", "aria-live": "polite", "aria-label": "New answers", class: "rr-hidden" });
    this.status = el("div", { role: "status", class: "rr-hidden" });

    this.root = el(
      "div",
      { class: "rr" },
      el(
        "header",
        { class: "rr-bar" },
        el("p", { class: "rr-name" }, "Exit Voices"),
        el("div", { class: "rr-bar-buttons" }, this.helpButton, leave),
        this.help,
      ),
      el(
        "div",
        { class: "rr-columns" },
        el("div", { class: "rr-main" }, this.intro, this.thread, this.tools),
        this.aside,
      ),
      this.log,
      this.status,
    );
    parent.append(this.root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    redraw(this.help, data.help, (help) => this.drawHelp(help));
    redraw(this.intro, [data.state, data.status, data.problem, data.about], () => this.drawIntro(data));
    this.drawThread(data.thread);
    redraw(this.tools, data.thread.length > 0, (some) => (some ? this.drawTools() : []));
    this.drawAside(data);
    this.announce(data);
  }

  // --- leaving and help -----------------------------------------------------------------------------------------

  leave() {
    this.send("clear", true);
    document.documentElement.style.visibility = "hidden";
    this.root.remove();
    location.replace(this.data.neutral_site);
  }

  toggleHelp(open = this.help.hidden) {
    this.help.hidden = !open;
    this.helpButton.setAttribute("aria-expanded", String(open));
    if (open) this.help.querySelector("h2")?.focus();
    else this.helpButton.focus();
  }

  drawHelp(help) {
    const title = el("h2", { id: "rr-help-title", tabindex: "-1" }, "Help services");
    const close = el("button", { type: "button", class: "rr-quiet", onclick: () => this.toggleHelp(false) }, "Close");
    const top = el("div", { class: "rr-panel-top" }, title, close);
    if (!help) return [top, el("p", {}, "In danger, call the emergency number of your country. The list of services is still opening.")];
    if (this.country === null) this.country = help.chosen;
    const list = el("div", { class: "rr-services" });
    const choose = (code) => {
      this.country = code;
      list.replaceChildren(...this.drawCountry(help, help.countries.find((c) => c.code === code)));
    };
    const names = help.countries.map((c) => [c.code, countryName(c.code)]).sort((a, b) => a[1].localeCompare(b[1]));
    const select = el(
      "select",
      { id: "rr-country", "data-key": "country", onchange: (event) => choose(event.target.value) },
      el("option", { value: "" }, "Another country, or not saying"),
      names.map(([code, name]) => el("option", { value: code, selected: code === this.country }, name)),
    );
    choose(this.country);
    return [
      top,
      el("p", {}, "People who listen, for you or for somebody you worry about. This page does not contact anyone and does not keep what you choose."),
      el("label", { for: "rr-country" }, "Country"),
      select,
      list,
    ];
  }

  drawCountry(help, country) {
    const call = (c) =>
      el("li", {}, c.href ? el("a", { href: c.href, class: "rr-call" }, c.display) : c.display, c.note ? ` ${c.note}` : "");
    const row = (term, detail) => (detail ? [el("dt", {}, term), el("dd", {}, detail)] : []);
    const emergency = country?.emergency.length
      ? el("div", { class: "rr-emergency" }, el("h3", {}, "In danger now"), el("ul", {}, country.emergency.map(call)))
      : el("p", { class: "rr-emergency" }, "In danger now: call the emergency number of the country you are in.");
    const services = (country?.services ?? []).map((s) =>
      el(
        "article",
        { class: "rr-service" },
        el("h3", {}, s.name),
        el("p", {}, s.what),
        s.calls.length ? el("ul", { class: "rr-calls" }, s.calls.map(call)) : null,
        el(
          "dl",
          {},
          row("Hours", s.hours || "Not stated"),
          row("Languages", s.languages),
          row("Who answers", s.who_answers),
          row("E-mail", s.email && el("a", { href: `mailto:${s.email}`, class: "rr-link" }, s.email)),
          row("Website", s.url && outside(s.url, s.url.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, ""))),
          row("To know", s.caution),
          row("Checked on", s.checked_on),
        ),
      ),
    );
    const directory = el(
      "article",
      { class: "rr-service" },
      el("h3", {}, help.directory_name),
      el("p", {}, help.directory_what),
      el("p", {}, outside(country?.directory ?? help.directory_url, `Services ${country ? `in ${countryName(country.code)}` : "by country"}`)),
      help.directory_checked_on ? el("dl", {}, row("Checked on", help.directory_checked_on)) : null,
    );
    return [emergency, ...services, directory];
  }

  // --- the conversation -----------------------------------------------------------------------------------------

  drawIntro({ state, status, problem, about }) {
    const title = el("h1", { class: about || state !== "ready" ? "rr-title" : "rr-hidden" }, "What people said about joining a violent extremist group, and about leaving it");
    if (problem)
      return [
        title,
        el("div", { class: "rr-problem", role: "alert" }, el("p", {}, problem), el("button", { type: "button", class: "rr-quiet", onclick: () => this.send("retry", true) }, "Try again")),
      ];
    if (state === "opening") return [title, el("p", { class: "rr-status", role: "status" }, status, dots())];
    const older = status ? el("p", { class: "rr-notice rr-notice-content" }, status) : null;
    if (!about) return [title, older];
    const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
    return [
      title,
      older,
      el("p", { class: "rr-lede" }, "Ask in your own words. Each sentence of an answer is numbered, and the number opens the passage it rests on: who spoke, when, to whom, and how far the source can be trusted."),
      reloaded ? el("p", { class: "rr-plain-note", role: "status" }, "The page was reloaded. Conversations are not kept, so this one starts anew.") : null,
      el("h2", { class: "rr-small-title" }, "Questions to start with"),
      el("ul", { class: "rr-examples" }, about.examples.map((q) => el("li", {}, this.asker(q)))),
      el("h2", { class: "rr-small-title" }, "What this is, and what it is not"),
      el(
        "ul",
        { class: "rr-facts" },
        el("li", {}, `A closed collection for education: ${about.holds} It knows nothing else, and says so.`),
        el("li", {}, "Accounts are retold in our own words, with the place in the original. What somebody says of themselves is their account, not a finding."),
        el("li", {}, "A few voices are not a pattern, and this page profiles nobody. It cannot tell you whether a person is at risk."),
        el("li", {}, "Nothing about you is stored or sent. A reload or a closed tab ends the conversation."),
      ),
    ];
  }

  asker(question) {
    return el("button", { type: "button", class: "rr-ask", "data-key": `ask ${question}`, onclick: () => this.send("ask", question) }, question);
  }

  drawThread(thread) {
    this.thread.hidden = thread.length === 0;
    const kept = new Set(thread.map((x) => String(x.id)));
    for (const item of [...this.thread.children]) if (!kept.has(item.dataset.id)) item.remove();
    for (const exchange of thread) {
      let item = [...this.thread.children].find((x) => x.dataset.id === String(exchange.id));
      if (!item) {
        item = el("li", { "data-id": String(exchange.id), class: "rr-exchange" });
        this.thread.append(item);
      }
      const { announcement, ...shown } = exchange;
      shown.last = exchange === thread.at(-1);
      item.setAttribute("aria-busy", String(exchange.busy));
      redraw(item, shown, (x) => [this.drawQuestion(x), this.drawAnswer(x)]);
    }
    const last = thread.at(-1)?.id ?? null;
    if (last !== null && last !== this.lastExchange)
      requestAnimationFrame(() => this.thread.lastElementChild?.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" }));
    this.lastExchange = last;
  }

  drawQuestion(x) {
    return el("div", { class: "rr-question" }, el("h2", { dir: "auto" }, hidden("You: "), el("bdi", {}, x.question)));
  }

  drawAnswer(x) {
    const notice = (n) => el("p", { class: `rr-notice rr-notice-${n.kind}` }, el("strong", {}, `${n.label}: `), n.text);
    const parts = [
      hidden("Assistant:"),
      x.understood ? el("p", { class: "rr-understood" }, "Understood as: ", el("bdi", {}, x.understood)) : null,
      x.problem ? el("p", { class: "rr-problem" }, x.problem) : null,
      x.before.map(notice),
      x.lead ? el("p", { class: "rr-lead" }, x.lead) : null,
      x.help.map((part) => this.drawHelpPart(part)),
      el(
        "div",
        { class: "rr-said" },
        x.paragraphs.map((sentences) => el("p", {}, sentences.map((s) => this.drawSentence(s, x.id)))),
      ),
      x.nearby.length
        ? el(
            "section",
            { class: "rr-nearby", "aria-label": "Nearby in the corpus" },
            el("h3", {}, "Nearby in the corpus"),
            el("p", { class: "rr-nearby-note" }, "Not an answer to the question."),
            el(
              "ul",
              {},
              x.nearby.map((n) =>
                el(
                  "li",
                  {},
                  el("p", {}, n.text),
                  el(
                    "button",
                    { type: "button", class: "rr-quiet", "data-key": `${x.id} ${n.passage}`, "aria-pressed": String(n.open), onclick: () => this.read(x.id, n.passage) },
                    "Read it in context",
                    hidden(`: ${n.where}`),
                  ),
                  el("span", { class: "rr-where" }, n.where),
                ),
              ),
            ),
          )
        : null,
      x.busy
        ? el(
            "p",
            { class: "rr-status" },
            el("span", {}, x.status || "Searching the testimony", dots()),
            el("button", { type: "button", class: "rr-quiet", "data-key": `stop ${x.id}`, onclick: () => this.send("stop", true) }, "Stop"),
          )
        : null,
      x.stopped ? el("p", { class: "rr-plain-note" }, x.paragraphs.length ? "Stopped here." : "Stopped before an answer was ready.") : null,
      x.after.length ? el("div", { class: "rr-after" }, x.after.map(notice)) : null,
      x.editorial.length
        ? el(
            "details",
            { class: "rr-editorial" },
            el("summary", { "data-key": `notes ${x.id}` }, x.editorial.length === 1 ? "1 editorial note" : `${x.editorial.length} editorial notes`),
            el("ul", {}, x.editorial.map((text) => el("li", {}, text))),
          )
        : null,
      x.suggestions.length && x.last
        ? el("section", { class: "rr-next", "aria-label": "Ask next" }, el("h3", {}, "Ask next"), el("ul", { class: "rr-examples" }, x.suggestions.map((q) => el("li", {}, this.asker(q)))))
        : null,
    ];
    return el("div", { class: `rr-answer rr-${x.outcome || "pending"}` }, parts);
  }

  /** A paragraph for a person in difficulty; numbers can be called and pages opened from it, and read left to right. */
  drawHelpPart({ name, pieces, notice }) {
    const call = (p) => el("a", { href: p.href, dir: "ltr", class: p.href.startsWith("tel:") ? "rr-call" : "rr-link" }, p.text);
    const piece = (p) => (p.href.startsWith("http") ? outside(p.href, p.text) : p.href ? call(p) : /^\d{4}-\d{2}-\d{2}$/.test(p.text) ? el("bdi", { dir: "ltr" }, p.text) : p.text);
    const words = el("p", { dir: "auto" }, pieces.map(piece));
    if (!notice) return words;
    return name ? el("article", { class: "rr-service" }, el("h3", {}, name), words) : el("div", { class: "rr-support-danger" }, words);
  }

  /** A sentence whose numbers stay on the line of its last word. */
  drawSentence(s, exchange) {
    const cut = s.text.lastIndexOf(" ") + 1;
    const last = el("span", { class: "rr-last" }, s.text.slice(cut), s.cites.map((c) => this.cite(c, exchange, "in")));
    return [el("span", { class: "rr-sentence" }, s.text.slice(0, cut), last), " "];
  }

  cite(c, exchange, place) {
    return el(
      "button",
      {
        type: "button",
        class: "rr-cite",
        "data-key": `${place} ${exchange} ${c.statement}`,
        "aria-label": c.label,
        "aria-pressed": String(c.open),
        title: c.label,
        onclick: () => this.read(exchange, c.statement),
      },
      String(c.n),
    );
  }

  read(exchange, reference) {
    this.opener = document.activeElement?.dataset.key ?? null;
    this.asked = true;
    this.send("read", { exchange, reference });
  }

  drawTools() {
    return el("button", { type: "button", class: "rr-quiet", onclick: () => this.send("clear", true) }, "Start a new conversation");
  }

  // --- the evidence panel ---------------------------------------------------------------------------------------

  drawAside(data) {
    const { evidence, sources, thread } = data;
    const exchange = thread.at(-1)?.id ?? 0;
    this.root.classList.toggle("rr-reading", thread.length > 0);
    this.root.classList.toggle("rr-opened", Boolean(evidence));
    this.aside.hidden = !evidence && !sources.length;
    redraw(this.evidence, [evidence, sources, exchange], () => (evidence ? this.drawEvidence(evidence) : this.drawSources(sources, exchange)));
    const key = evidence?.key ?? null;
    if (this.asked && key) {
      this.asked = false;
      this.aside.scrollTop = 0;
      const title = this.evidence.querySelector("h2");
      title.focus({ preventScroll: true });
      if (stacked()) this.aside.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    } else if (!key && this.evidenceKey && this.opener) {
      this.root.querySelector(`[data-key="${CSS.escape(this.opener)}"]`)?.focus();
      this.opener = null;
    }
    this.evidenceKey = key;
  }

  drawSources(sources, exchange) {
    if (!sources.length) return [];
    return [
      el("h2", { class: "rr-small-title" }, "Sources of this answer"),
      el(
        "ul",
        { class: "rr-sources" },
        sources.map((s) =>
          el(
            "li",
            {},
            s.standing ? el("p", { class: "rr-badge" }, s.standing) : null,
            el("p", { class: "rr-source-title" }, s.title),
            el("p", { class: "rr-where" }, s.byline),
            el("p", {}, s.cites.map((c) => this.cite(c, exchange, "source"))),
          ),
        ),
      ),
      el("p", { class: "rr-where" }, "Choose a number to read the passage it stands on."),
    ];
  }

  drawEvidence(e) {
    const words = (p) => p.parts.map((x) => [x.marked ? el("mark", {}, x.text) : x.text, " "]);
    const beside = (p, which, next) =>
      p &&
      el(
        "details",
        { class: "rr-beside" },
        el("summary", { "data-key": which }, el("span", { class: "rr-where" }, `${which}, ${p.where.toLowerCase()}`), el("span", { class: "rr-glimpse" }, next.text)),
        el("p", {}, words(p)),
      );
    const row = (term, detail) => (detail ? [el("dt", {}, term), el("dd", {}, detail)] : []);
    const copied = el("button", { type: "button", class: "rr-quiet", "data-key": "copy", onclick: () => this.copy(e.citation, copied) }, "Copy citation");
    return [
      el(
        "div",
        { class: "rr-panel-top" },
        el("h2", { tabindex: "-1" }, e.heading),
        el("button", { type: "button", class: "rr-quiet", "data-key": "close", onclick: () => this.send("close", true) }, "Close", hidden(" the evidence")),
      ),
      el("p", { class: "rr-byline" }, e.byline),
      e.standing ? el("div", { class: "rr-standing" }, el("p", { class: "rr-badge" }, e.standing), el("p", {}, e.standing_note)) : null,
      el(
        "div",
        { class: "rr-context" },
        beside(e.before, "Just before", e.before?.parts.at(-1)),
        el("div", { class: "rr-passage" }, el("p", { class: "rr-where" }, e.passage.where), el("p", {}, words(e.passage))),
        beside(e.after, "Just after", e.after?.parts[0]),
      ),
      el("p", { class: "rr-where" }, e.rendering),
      el("p", { class: "rr-actions" }, outside(e.card.url, "Open the original"), copied),
      e.people.length
        ? el("section", {}, el("h3", {}, "Who"), el("dl", { class: "rr-people" }, e.people.map((p) => [el("dt", {}, p.name), el("dd", {}, p.description)])), e.status.map((s) => el("p", { class: "rr-legal" }, s)))
        : null,
      e.notes.length
        ? el("section", {}, el("h3", {}, "Editorial notes on this passage"), el("ul", { class: "rr-notes" }, e.notes.map((n) => el("li", {}, el("span", { class: "rr-where" }, n.date), ` ${n.text}`))))
        : null,
      el(
        "section",
        {},
        el("h3", {}, "The source"),
        el(
          "dl",
          { class: "rr-card" },
          row("Title", e.card.title),
          row("By", e.card.authors),
          row("Published", `${e.card.published}, ${e.card.publisher}`),
          row("Kind", e.card.kind),
          row("How it was obtained", e.card.method),
          row("Standing", e.standing ? `${e.standing} (see above)` : `No dispute known on ${e.card.as_of}`),
          row("Rights", e.card.rights),
        ),
      ),
      e.terms.length
        ? el("details", { class: "rr-terms" }, el("summary", { "data-key": "terms" }, "Words explained"), el("dl", { class: "rr-people" }, e.terms.map((t) => [el("dt", {}, t.term), el("dd", {}, t.definition)])))
        : null,
      el("section", {}, el("h3", {}, "Citation"), el("p", { class: "rr-citation" }, e.citation)),
    ];
  }

  async copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(this.evidence.querySelector(".rr-citation"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected below: press Ctrl+C";
    }
    this.status.textContent = button.textContent;
  }

  // --- what a screen reader hears -------------------------------------------------------------------------------

  /** One line when an answer begins, and the whole of it once when nothing more will come. */
  announce({ thread }) {
    const last = thread.at(-1);
    if (!last) return this.log.replaceChildren();
    if (last.busy) this.status.textContent = last.status || "Searching the testimony";
    if (last.announcement && !this.announced.has(last.id)) {
      this.announced.add(last.id);
      this.status.textContent = "";
      const line = el("p", {}, last.announcement);
      this.log.replaceChildren(line);
      setTimeout(() => line.remove(), 20000); // it has been heard, and stands in the conversation above
    }
  }
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const stacked = () => matchMedia("(max-width: 899px)").matches;
const dots = () => el("span", { class: "rr-dots", "aria-hidden": "true" }, "…");

// Captured at the window, so that no field can keep the key for itself; not while a word is being composed.
addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && page?.leave(), { capture: true });
addEventListener("pageshow", (event) => event.persisted && location.reload());

export default function ({ data, parentElement, setTriggerValue }) {
  if (!page || !parentElement.contains(page.root)) page = new Page(parentElement);
  page.update(data, setTriggerValue);
}
