// Looking around: the pathway, comparisons, dates, countries and whose voices there are. Drawn from rag/web/exploring.py.

class Explore {
  constructor(parent) {
    this.send = () => {};
    this.head = el("div", { class: "rr-head" });
    this.filters = el("div", { class: "rr-facets" });
    this.body = el("div", { class: "rr-body" });
    this.list = el("div", { class: "rr-list" });
    this.panel = new Panel("evidence.label");
    this.status = el("div", { role: "status", class: "rr-hidden" });
    this.side = el("div", { class: "rr-side" }, this.filters);
    this.root = el(
      "div",
      { class: "rr rr-page rr-explore", id: "rr-content" },
      this.head,
      el("div", { class: "rr-three" }, this.side, el("div", { class: "rr-main" }, this.body, this.list), this.panel.root),
      this.status,
    );
    parent.append(this.root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    const waiting = data.state !== "ready";
    redraw(this.head, [data.state, data.status, data.problem, data.tab, data.tabs, data.scope, data.chips], () => this.drawHead(data));
    this.side.hidden = waiting || !data.facets.length;
    this.root.classList.toggle("rr-no-side", this.side.hidden);
    redraw(this.filters, data.facets, (list) => [el("h2", { class: "rr-small-title" }, t("explore.filters")), facets(list, (value) => send("filter", value))]);
    redraw(this.body, [data.tab, data.pathway, data.compare, data.timeline, data.countries, data.balance], () => this.drawBody(data));
    redraw(this.list, data.passages, (list) => (list ? this.drawList(list) : []));
    this.root.classList.toggle("rr-opened", Boolean(data.evidence));
    this.panel.root.hidden = !data.evidence;
    this.panel.update(data.evidence, { data: data.evidence, draw: (e) => (e ? drawEvidence(e, { close: () => send("close", true), heard: this.status }) : []) }, this.root);
    if (this.said !== data.scope) this.status.textContent = data.scope;
    this.said = data.scope;
  }

  read(id) {
    this.panel.opening();
    this.send("read", id);
  }

  drawHead(data) {
    const title = el("h1", { class: "rr-title", tabindex: "-1" }, t("explore.title"));
    const waiting = notReady(data, this.send);
    if (waiting) return [title, waiting];
    return [
      title,
      tabs(t("explore.views"), data.tabs, data.tab, (tab) => this.send("tab", tab)),
      data.scope ? el("p", { class: "rr-scope-line" }, data.scope) : null,
      chips(data.chips, (value) => this.send("filter", value), () => this.send("filter", null)),
    ];
  }

  drawBody(data) {
    if (data.pathway) return this.drawPathway(data.pathway);
    if (data.compare) return this.drawCompare(data.compare);
    if (data.timeline) return this.drawTimeline(data.timeline);
    if (data.countries) return [el("p", { class: "rr-lede-small" }, data.countries.lede), bars(data.countries.chart)];
    if (data.balance) return this.drawBalance(data.balance);
    return [];
  }

  /** Stages along a way, each a button with a disc that grows with its passages. */
  drawPathway(p) {
    return [
      el("p", { class: "rr-lede-small", id: "rr-path-note" }, p.note),
      el(
        "ol",
        { class: "rr-path", "aria-label": p.alt, "aria-describedby": "rr-path-note" },
        p.stages.map((s) =>
          el(
            "li",
            {},
            el(
              "button",
              {
                type: "button",
                class: `rr-stage${s.passages ? "" : " rr-stage-empty"}`,
                "data-key": `stage ${s.id}`,
                "aria-pressed": String(s.chosen),
                "aria-label": s.alt,
                title: s.definition,
                onclick: () => this.send("filter", { facet: "stage", value: s.id }),
              },
              el("span", { class: "rr-disc-room" }, el("span", { class: "rr-disc", style: `inline-size:${s.size}rem;block-size:${s.size}rem` }, String(s.passages))),
              el("span", { class: "rr-stage-words" }, el("span", { class: "rr-stage-name" }, s.label), el("span", { class: "rr-stage-people" }, s.people)),
            ),
          ),
        ),
      ),
      twin(p.table),
    ];
  }

  drawList(list) {
    return [
      el("h2", { class: "rr-section-title" }, list.heading),
      list.items.length ? el("ul", { class: "rr-cards" }, list.items.map((p) => passageCard(p, (id) => this.read(id)))) : el("p", { class: "rr-plain-note" }, t("explore.nothing")),
      pager(list, (page) => this.send("page", page)),
    ];
  }

  drawCompare(c) {
    const pick = (n) =>
      el(
        "div",
        {},
        el("label", { for: `rr-side-${n}` }, t("explore.side", { n: n + 1 })),
        el(
          "select",
          { id: `rr-side-${n}`, "data-key": `side ${n}`, onchange: () => this.send("sides", [...this.body.querySelectorAll(".rr-sides select")].map((s) => s.value)) },
          el("option", { value: "" }, n < 2 ? t("explore.choose") : t("explore.nobody")),
          c.choices.map((g) => el("optgroup", { label: g.label }, g.options.map((o) => el("option", { value: o.id, selected: c.sides[n] === o.id }, o.label)))),
        ),
      );
    return [
      el("p", { class: "rr-lede-small" }, t("explore.compare_lede")),
      el("div", { class: "rr-sides" }, [0, 1, 2, 3].map(pick)),
      c.note ? el("p", { class: "rr-plain-note" }, c.note) : null,
      c.columns.length
        ? [
            el(
              "div",
              { class: "rr-table-box", tabindex: "0", role: "region", "aria-label": t("explore.compare_caption") },
              el(
                "table",
                { class: "rr-table rr-compare" },
                el("caption", { class: "rr-hidden" }, t("explore.compare_caption")),
                el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("explore.stage")), c.columns.map((x) => el("th", { scope: "col" }, x.label, el("span", { class: "rr-where" }, x.note))))),
                el(
                  "tbody",
                  {},
                  c.rows.map((r) =>
                    el(
                      "tr",
                      {},
                      el("th", { scope: "row" }, r.label),
                      r.cells.map((cell) => el("td", {}, cell.passages.map((p) => this.drawCellPassage(p)), cell.more ? el("p", { class: "rr-where" }, cell.more) : null, cell.empty ? el("p", { class: "rr-empty" }, cell.empty) : null)),
                    ),
                  ),
                ),
              ),
            ),
            quiet("csv compare", t("common.csv"), () => download({ name: c.table.file, mime: "text/csv;charset=utf-8", text: c.table.csv })),
          ]
        : null,
    ];
  }

  drawCellPassage(p) {
    return el(
      "div",
      { class: "rr-cell" },
      p.standing ? el("p", { class: "rr-badge" }, p.standing) : null,
      el("p", english, p.text),
      quiet(`cell ${p.id} ${p.key}`, [p.where, hidden(`: ${t("common.read")}`)], () => this.read(p.id), { class: "rr-source-link" }),
    );
  }

  drawTimeline(time) {
    return [
      el("p", { class: "rr-lede-small" }, time.lede),
      el(
        "ol",
        { class: "rr-timeline" },
        time.years.map((y) =>
          el(
            "li",
            {},
            el("h2", { class: "rr-year" }, y.year),
            el(
              "ul",
              {},
              y.events.map((e) =>
                el(
                  "li",
                  { class: `rr-event rr-event-${e.kind}` },
                  el("p", { class: "rr-where" }, el("time", { datetime: e.date }, e.when), ` · ${e.label}`),
                  el("p", { class: "rr-card-text", ...english }, e.text),
                  e.passage ? quiet(`event ${e.reference}`, [e.where, hidden(`: ${t("common.read")}`)], () => this.read(e.passage), { class: "rr-source-link" }) : el("p", { class: "rr-where" }, e.where),
                ),
              ),
            ),
          ),
        ),
      ),
      time.years.length ? pager(time, (page) => this.send("page", page)) : el("p", { class: "rr-plain-note" }, t("explore.nothing")),
      twin(time.table),
    ];
  }

  drawBalance(b) {
    return [
      el("p", { class: "rr-lede-small" }, b.lede),
      el("h2", { class: "rr-section-title" }, t("explore.missing")),
      el("ul", { class: "rr-facts" }, b.missing.map((m) => el("li", english, m))),
      el("div", { class: "rr-bars-grid" }, b.charts.map((c) => bars(c))),
    ];
  }
}
