// The shelves: sources, people, words, help services and the corpus itself. Drawn from rag/web/shelves.py.

class Sources {
  constructor(parent) {
    this.send = () => {};
    this.head = el("div", { class: "rr-head" });
    this.search = el("div", { class: "rr-search" });
    this.body = el("div", { class: "rr-body" });
    this.panel = new Panel("evidence.label");
    this.status = el("div", { role: "status", class: "rr-hidden" });
    this.root = el(
      "div",
      { class: "rr rr-page rr-shelves", id: "rr-content" },
      this.head,
      el("div", { class: "rr-two" }, el("div", { class: "rr-main" }, this.search, this.body), this.panel.root),
      this.status,
    );
    parent.append(this.root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    redraw(this.head, [data.state, data.status, data.problem, data.tab, data.tabs, data.lede], () => this.drawHead(data));
    // The field is not drawn anew while somebody types in it: what they typed since would be lost.
    redraw(this.search, data.search?.label ?? null, () => (data.search ? this.drawSearch(data.search) : []));
    redraw(this.body, [data.notice, data.list, data.detail, data.services, data.holdings], () => this.drawBody(data));
    this.root.classList.toggle("rr-opened", Boolean(data.evidence));
    this.panel.root.hidden = !data.evidence;
    this.panel.update(data.evidence, { data: data.evidence, draw: (e) => (e ? drawEvidence(e, { close: () => send("close", true), heard: this.status }) : []) }, this.root);
    const key = data.detail?.key ?? null;
    if (this.asked && key !== this.detail) {
      this.asked = false;
      const title = key ? this.body.querySelector("h2") : this.body.querySelector(`[data-key="${CSS.escape(this.opener ?? "")}"]`);
      title?.focus({ preventScroll: true });
      scrollTo({ top: 0 });
      document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
    }
    this.detail = key;
    if (data.list && this.said !== data.list.heading) this.status.textContent = data.list.heading;
    this.said = data.list?.heading;
  }

  open(id) {
    this.asked = true;
    if (id) this.opener = document.activeElement?.dataset.key ?? null; // on the way back, where it came from still counts
    this.send("open", id);
  }

  read(id) {
    this.panel.opening();
    this.send("read", id);
  }

  drawHead(data) {
    const title = el("h1", { class: "rr-title", tabindex: "-1" }, t("sources.title"));
    const waiting = notReady(data, this.send);
    if (waiting) return [title, waiting];
    return [title, tabs(t("sources.shelves"), data.tabs, data.tab, (tab) => this.send("tab", tab)), el("p", { class: "rr-lede-small" }, data.lede)];
  }

  drawSearch(search) {
    let later = 0;
    const tell = (field) => {
      clearTimeout(later);
      later = setTimeout(() => this.send("search", field.value), 180);
    };
    return [
      el("label", { for: "rr-search" }, search.label),
      el("input", { id: "rr-search", type: "search", "data-key": "search", value: search.query, autocomplete: "off", spellcheck: "false", oninput: (event) => tell(event.target) }),
    ];
  }

  drawBody(data) {
    return [
      data.notice ? el("p", { class: "rr-notice rr-notice-gap", role: "status" }, data.notice) : null,
      data.detail ? this.drawDetail(data.detail) : data.list ? this.drawItems(data.list) : null,
      data.services ? this.drawServices(data.services) : null,
      data.holdings ? this.drawHoldings(data.holdings) : null,
    ];
  }

  drawItems(list) {
    return [
      el("p", { class: "rr-where" }, list.heading),
      el(
        "ul",
        { class: "rr-items" },
        list.items.map((i) =>
          el(
            "li",
            {},
            i.badge ? el("p", { class: "rr-badge" }, i.badge) : null,
            i.id ? el("h2", { class: "rr-item-title" }, el("button", { type: "button", class: "rr-item", "data-key": `open ${i.id}`, onclick: () => this.open(i.id), ...english }, i.title)) : el("h2", { class: "rr-item-title", dir: "auto" }, i.title),
            el("p", { class: "rr-where" }, i.byline),
            i.text ? el("p", { class: "rr-item-text", ...english }, i.text) : null,
            i.note ? el("p", { class: "rr-legal" }, i.note) : null,
          ),
        ),
      ),
      pager(list, (page) => this.send("page", page)),
    ];
  }

  drawDetail(d) {
    const copied = quiet("detail link", t("sources.copy_link"), () => copy(`${location.origin}${d.link}`, copied, null, this.status));
    return el(
      "article",
      { class: "rr-detail" },
      el("p", { class: "rr-actions" }, quiet("back", t("sources.back"), () => this.open(null)), copied, d.url ? outside(d.url, t("evidence.original")) : null),
      el("h2", { class: "rr-detail-title", tabindex: "-1", ...english }, d.heading),
      el("p", { class: "rr-where" }, d.byline),
      d.badge ? el("div", { class: "rr-standing" }, el("p", { class: "rr-badge" }, d.badge), el("p", english, d.badge_note)) : null,
      d.lede ? el("p", { class: "rr-detail-lede", ...english }, d.lede) : null,
      d.legal ? el("p", { class: "rr-legal" }, d.legal) : null,
      el("dl", { class: "rr-card rr-card-wide" }, d.facts.map((f) => row(f.term, f.english ? inEnglish(f.text) : f.text))),
      d.sections.map((s) =>
        el(
          "details",
          { class: "rr-section", open: s.open },
          el("summary", { "data-key": `section ${s.title}` }, s.title),
          s.lede ? el("p", { class: "rr-where" }, s.lede) : null,
          el("ul", { class: "rr-notes" }, s.items.map((i) => el("li", {}, el("span", { class: "rr-where" }, i.when), i.when ? " " : "", el("span", english, i.text)))),
        ),
      ),
      el("h3", { class: "rr-section-title" }, d.passages.heading),
      el("ul", { class: "rr-cards" }, d.passages.items.map((p) => passageCard(p, (id) => this.read(id)))),
      pager(d.passages, (page) => this.send("passages", page)),
    );
  }

  drawServices(s) {
    return [
      el("p", { class: "rr-where" }, s.heading),
      s.countries.map((c) =>
        el("details", { class: "rr-section" }, el("summary", { "data-key": `country ${c.code}` }, countryName(c.code), el("span", { class: "rr-where" }, ` ${c.note}`)), drawCountry(s.help, c)),
      ),
    ];
  }

  drawHoldings(h) {
    return [
      el("dl", { class: "rr-card rr-card-wide" }, h.facts.map((f) => row(f.term, f.text))),
      el("h2", { class: "rr-section-title" }, t("sources.missing")),
      el("ul", { class: "rr-facts" }, h.missing.map((m) => el("li", english, m))),
      el("h2", { class: "rr-section-title" }, t("sources.balance")),
      el("div", { class: "rr-bars-grid" }, h.charts.map((c) => bars(c))),
      el("h2", { class: "rr-section-title" }, t("sources.changes")),
      el("p", { class: "rr-where" }, h.changes_lede),
      el("ol", { class: "rr-changes" }, h.changes.map((c) => el("li", {}, el("p", { class: "rr-where" }, el("time", { datetime: c.date }, c.when), ` · ${c.kind}`), el("p", english, c.text)))),
    ];
  }
}
