// The conversation: questions, cited answers, and the passage beside them. Drawn from rag/web/view.py.

class Ask {
  constructor(parent) {
    this.send = () => {};
    this.announced = new Set();
    this.lastExchange = null;
    this.intro = el("div", { class: "rr-intro" });
    this.thread = el("ol", { class: "rr-thread" });
    this.tools = el("div", { class: "rr-tools" });
    this.scope = el("div", { class: "rr-scope" });
    this.panel = new Panel("evidence.label");
    this.log = el("div", { role: "log", "aria-live": "polite", class: "rr-hidden" });
    this.status = el("div", { role: "status", class: "rr-hidden" });
    this.root = el(
      "div",
      { class: "rr rr-page", id: "rr-content" },
      el("div", { class: "rr-columns" }, el("div", { class: "rr-main" }, this.intro, this.thread, this.tools, this.scope), this.panel.root),
      this.log,
      this.status,
    );
    parent.append(this.root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.thread.setAttribute("aria-label", t("ask.conversation"));
    this.log.setAttribute("aria-label", t("ask.new_answers"));
    redraw(this.intro, [data.state, data.status, data.problem, data.about, data.notes], () => this.drawIntro(data));
    this.drawThread(data.thread);
    redraw(this.tools, [data.thread.length > 0, data.exports], ([some, exports]) => (some ? this.drawTools(exports) : []));
    redraw(this.scope, data.scope, (scope) => (scope ? this.drawScope(scope) : []));
    this.drawAside(data);
    this.announce(data);
    this.hand(data.file);
  }

  /** A file that was asked for, once. */
  hand(file) {
    if (!file || file.id === this.handed) return;
    this.handed = file.id;
    download(file);
  }

  // --- the conversation -----------------------------------------------------------------------------------------

  drawIntro({ state, status, problem, about, notes }) {
    const title = el("h1", { class: about || state !== "ready" ? "rr-title" : "rr-hidden", tabindex: "-1" }, t("ask.title"));
    const waiting = notReady({ state, status, problem }, this.send);
    if (waiting) return [title, waiting];
    const older = [status, ...notes].filter(Boolean).map((text) => el("p", { class: "rr-notice rr-notice-content" }, text));
    if (!about) return [title, older];
    const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
    return [
      title,
      older,
      el("p", { class: "rr-lede" }, t("ask.lede")),
      reloaded ? el("p", { class: "rr-plain-note", role: "status" }, t("ask.reloaded")) : null,
      el("h2", { class: "rr-small-title" }, t("ask.examples")),
      el("ul", { class: "rr-examples" }, about.examples.map((q) => el("li", {}, this.asker(q)))),
      el("h2", { class: "rr-small-title" }, t("ask.what_this_is")),
      el("ul", { class: "rr-facts" }, [t("ask.fact_closed", { holds: about.holds }), t("ask.fact_retold"), t("ask.fact_voices"), about.private].map((text) => el("li", {}, text))),
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
      const { announcement, announced_in_english, ...shown } = exchange;
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
    return el("div", { class: "rr-question" }, el("h2", { dir: "auto" }, hidden(`${t("ask.you")} `), el("bdi", {}, x.question)));
  }

  drawAnswer(x) {
    const notice = (n) => el("p", { class: `rr-notice rr-notice-${n.kind}` }, el("strong", {}, `${n.label}: `), el("span", english, n.text));
    const parts = [
      hidden(t("ask.assistant")),
      x.understood ? el("p", { class: "rr-understood" }, `${t("ask.understood")} `, el("bdi", {}, x.understood)) : null,
      x.scope ? el("p", { class: "rr-understood" }, x.scope) : null,
      x.problem ? el("p", { class: "rr-problem", dir: "auto" }, x.problem) : null,
      x.before.map(notice),
      x.lead ? el("p", { class: "rr-lead", ...english }, x.lead) : null,
      x.help.map((part) => this.drawHelpPart(part)),
      el("div", { class: "rr-said" }, x.paragraphs.map((sentences) => el("p", english, sentences.map((s) => this.drawSentence(s, x.id))))),
      x.nearby.length ? this.drawNearby(x) : null,
      x.busy
        ? el("p", { class: "rr-status" }, el("span", {}, x.status || t("ask.searching"), dots()), quiet(`stop ${x.id}`, t("ask.stop"), () => this.send("stop", true)))
        : null,
      x.stopped ? el("p", { class: "rr-plain-note" }, x.paragraphs.length ? t("ask.stopped_here") : t("ask.stopped_before")) : null,
      x.after.length ? el("div", { class: "rr-after" }, x.after.map(notice)) : null,
      x.editorial.length
        ? el(
            "details",
            { class: "rr-editorial" },
            el("summary", { "data-key": `notes ${x.id}` }, t("ask.editorial", { n: x.editorial.length })),
            el("ul", {}, x.editorial.map((text) => el("li", english, text))),
          )
        : null,
      x.details ? this.drawDetails(x) : null,
      x.feedback ? this.drawFeedback(x) : null,
      x.suggestions.length && x.last
        ? el("section", { class: "rr-next", "aria-label": t("ask.next") }, el("h3", {}, t("ask.next")), el("ul", { class: "rr-examples" }, x.suggestions.map((q) => el("li", english, this.asker(q)))))
        : null,
    ];
    return el("div", { class: `rr-answer rr-${x.outcome || "pending"}` }, parts);
  }

  drawNearby(x) {
    return el(
      "section",
      { class: "rr-nearby", "aria-label": t("ask.nearby") },
      el("h3", {}, t("ask.nearby")),
      el("p", { class: "rr-nearby-note" }, t("ask.nearby_note")),
      el(
        "ul",
        {},
        x.nearby.map((n) =>
          el(
            "li",
            {},
            el("p", english, n.text),
            quiet(`${x.id} ${n.statement}`, [t("common.read"), hidden(`: ${n.where}`)], () => this.read(x.id, n.statement), { "aria-pressed": String(n.open) }),
            el("span", { class: "rr-where" }, n.where),
          ),
        ),
      ),
    );
  }

  /** How the answer came about: how the question was read, in which way it was answered, why these passages. */
  drawDetails(x) {
    const d = x.details;
    return el(
      "details",
      { class: "rr-details" },
      el("summary", { "data-key": `details ${x.id}` }, t("ask.details")),
      el("dl", { class: "rr-card" }, d.facts.map((f) => row(f.term, f.text))),
      d.passages.length
        ? [
            el("h3", {}, t("ask.why_passages")),
            el(
              "ol",
              { class: "rr-why" },
              d.passages.map((p) => el("li", {}, quiet(`why ${x.id} ${p.passage}`, p.where, () => this.read(x.id, p.passage)), el("span", { class: "rr-where" }, ` ${p.why}`))),
            ),
          ]
        : null,
    );
  }

  drawFeedback(x) {
    if (x.feedback.sent) return el("p", { class: "rr-plain-note", role: "status" }, t("ask.feedback_thanks"));
    const note = x.feedback.words ? el("input", { type: "text", id: `rr-note-${x.id}`, maxlength: "500", autocomplete: "off" }) : null;
    return el(
      "details",
      { class: "rr-feedback" },
      el("summary", { "data-key": `feedback ${x.id}` }, t("ask.feedback")),
      el("p", { class: "rr-where" }, t("ask.feedback_kept")),
      note ? [el("label", { for: `rr-note-${x.id}` }, t("ask.feedback_words")), note] : null,
      el(
        "p",
        { class: "rr-actions" },
        x.feedback.kinds.map((k) => quiet(`feedback ${x.id} ${k.id}`, k.label, () => this.send("feedback", { exchange: x.id, kind: k.id, words: note?.value ?? "" }))),
      ),
    );
  }

  /** A paragraph for a person in difficulty; numbers can be called and pages opened from it, and read left to right. */
  drawHelpPart({ name, pieces, notice }) {
    const call = (p) => el("a", { href: p.href, dir: "ltr", class: p.href.startsWith("tel:") ? "rr-call" : "rr-link" }, p.text);
    const piece = (p) => (p.href.startsWith("http") ? outside(p.href, p.text) : p.href ? call(p) : /^\d{4}-\d{2}-\d{2}$/.test(p.text) ? el("bdi", { dir: "ltr" }, p.text) : p.text);
    const text = el("p", { dir: "auto" }, pieces.map(piece));
    if (!notice) return text;
    return name ? el("article", { class: "rr-service" }, el("h3", {}, name), text) : el("div", { class: "rr-support-danger" }, text);
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
    this.panel.opening();
    this.send("read", { exchange, reference });
  }

  drawTools(exports) {
    return [
      quiet("clear", t("ask.new_conversation"), () => this.send("clear", true)),
      exports.map((e) => quiet(`export ${e.id}`, e.label, () => this.send("export", e.id))),
    ];
  }

  /** Which part of the corpus answers may draw on. */
  drawScope(scope) {
    const toggle = (value) => this.send("filter", value);
    return [
      scope.readers.length
        ? el(
            "p",
            { class: "rr-reader" },
            el("label", { for: "rr-reader" }, t("ask.reader")),
            el("select", { id: "rr-reader", "data-key": "reader", onchange: (event) => this.send("reader", event.target.value) }, scope.readers.map((r) => el("option", { value: r.id, selected: r.chosen }, r.label))),
          )
        : null,
      el(
        "details",
        { class: "rr-scope-box" },
        el("summary", { "data-key": "scope" }, t("ask.scope"), el("span", { class: "rr-where" }, ` ${scope.summary}`)),
        chips(scope.chips, toggle, () => this.send("filter", null)),
        el("div", { class: "rr-facets rr-facets-wide" }, facets(scope.facets, toggle)),
      ),
    ];
  }

  // --- the evidence panel ---------------------------------------------------------------------------------------

  drawAside(data) {
    const { evidence, sources, thread } = data;
    const exchange = thread.at(-1)?.id ?? 0;
    this.root.classList.toggle("rr-reading", thread.length > 0);
    this.root.classList.toggle("rr-opened", Boolean(evidence));
    this.panel.root.hidden = !evidence && !sources.length;
    this.panel.update(
      evidence,
      {
        data: [evidence, sources, exchange],
        draw: () => (evidence ? drawEvidence(evidence, { close: () => this.send("close", true), heard: this.status }) : this.drawSources(sources, exchange)),
      },
      this.root,
    );
  }

  drawSources(sources, exchange) {
    if (!sources.length) return [];
    return [
      el("h2", { class: "rr-small-title" }, t("ask.sources")),
      el(
        "ul",
        { class: "rr-sources" },
        sources.map((s) =>
          el(
            "li",
            {},
            s.standing ? el("p", { class: "rr-badge" }, s.standing) : null,
            el("p", { class: "rr-source-title", ...english }, s.title),
            el("p", { class: "rr-where" }, s.byline),
            el("p", {}, s.cites.map((c) => this.cite(c, exchange, "source"))),
          ),
        ),
      ),
      el("p", { class: "rr-where" }, t("ask.choose_number")),
    ];
  }

  // --- what a screen reader hears -------------------------------------------------------------------------------

  /** One line when an answer begins, and the whole of it once when nothing more will come. */
  announce({ thread }) {
    const last = thread.at(-1);
    if (!last) return this.log.replaceChildren();
    if (last.busy) this.status.textContent = last.status || t("ask.searching");
    if (last.announcement && !this.announced.has(last.id)) {
      this.announced.add(last.id);
      this.status.textContent = "";
      const line = el("p", {}, last.announced_in_english ? el("span", english, last.announced_in_english) : null, " ", last.announcement);
      this.log.replaceChildren(line);
      setTimeout(() => line.remove(), 20000); // it has been heard, and stands in the conversation above
    }
  }
}
