// Runs of the evaluation: figures against baseline and gates, what flipped, every case. Drawn from rag/web/evaluation.py.

class Evaluate {
  constructor(parent) {
    this.send = () => {};
    this.head = el("div", { class: "rr-head" });
    this.body = el("div", { class: "rr-body" });
    this.status = el("div", { role: "status", class: "rr-hidden" });
    this.root = el("div", { class: "rr rr-page rr-evaluate", id: "rr-content" }, this.head, this.body, this.status);
    parent.append(this.root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    redraw(this.head, [data.state, data.status, data.problem, data.tab, data.tabs, data.runs], () => this.drawHead(data));
    redraw(this.body, [data.tab, data.verdict, data.measures, data.cases, data.detail, data.authoring], () => this.drawBody(data));
    const key = data.detail?.key ?? null;
    if (this.asked && key !== this.detail) {
      this.asked = false;
      const title = key ? this.body.querySelector("h2") : this.body.querySelector(`[data-key="${CSS.escape(this.opener ?? "")}"]`);
      title?.focus({ preventScroll: true });
      document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
    }
    this.detail = key;
  }

  open(id) {
    this.asked = true;
    if (id) this.opener = document.activeElement?.dataset.key ?? null; // on the way back, where it came from still counts
    this.send("open", id);
  }

  drawHead(data) {
    const title = el("h1", { class: "rr-title", tabindex: "-1" }, t("evaluate.title"));
    const waiting = notReady(data, this.send);
    if (waiting) return [title, el("p", { class: "rr-lede-small" }, t("evaluate.lede")), waiting];
    const r = data.runs;
    const choose = (id, label, options, chosen, action) =>
      el(
        "div",
        {},
        el("label", { for: id }, label),
        el("select", { id, "data-key": id, onchange: (event) => this.send(action, event.target.value) }, options.map((o) => el("option", { value: o.id, selected: o.id === chosen }, o.label))),
      );
    return [
      title,
      el("p", { class: "rr-lede-small" }, t("evaluate.lede")),
      el("div", { class: "rr-sides" }, choose("rr-run", t("evaluate.run"), r.options, r.chosen, "run"), choose("rr-against", t("evaluate.against"), r.against_options, r.against, "against")),
      el("p", { class: "rr-where" }, r.made),
      tabs(t("evaluate.views"), data.tabs, data.tab, (tab) => this.send("tab", tab)),
    ];
  }

  drawBody(data) {
    if (data.detail) return this.drawDetail(data.detail);
    return [
      data.verdict ? this.drawVerdict(data.verdict) : null,
      data.measures ? this.drawMeasures(data.measures) : null,
      data.cases ? this.drawCases(data.cases) : null,
      data.authoring ? this.drawAuthoring(data.authoring) : null,
    ];
  }

  drawVerdict(v) {
    const command = el("code", english, v.command);
    const copied = quiet("copy command", t("evaluate.copy_command"), () => copy(v.command, copied, command, this.status));
    return [
      el("div", { class: `rr-verdict ${v.passed ? "rr-verdict-yes" : "rr-verdict-no"}` }, el("p", { class: "rr-verdict-line", ...english }, v.summary), v.failures.length ? el("ul", { class: "rr-facts" }, v.failures.map((f) => el("li", english, f))) : null),
      v.left_out ? el("p", { class: "rr-where" }, v.left_out) : null,
      el("div", { class: "rr-command" }, el("p", { class: "rr-where" }, v.inspect), command, " ", copied),
    ];
  }

  drawMeasures(list) {
    return list.map((group) =>
      el(
        "section",
        { class: "rr-measures" },
        el("h2", { class: "rr-section-title", ...english }, group.title),
        el(
          "div",
          { class: "rr-table-box", tabindex: "0", role: "region", "aria-label": group.title },
          el(
            "table",
            { class: "rr-table rr-figures" },
            el("caption", { class: "rr-hidden" }, group.title),
            el("thead", {}, el("tr", {}, group.columns.map((c, i) => el("th", { scope: "col", class: i && i < group.columns.length - 1 ? "rr-number" : null }, c)))),
            el(
              "tbody",
              {},
              group.rows.map((r) =>
                el(
                  "tr",
                  { class: `rr-state-${r.state}` },
                  el("th", { scope: "row", ...english }, r.name, el("span", { class: "rr-where" }, r.meaning)),
                  el("td", { class: "rr-number" }, r.value, el("span", { class: "rr-where" }, r.interval)),
                  el("td", { class: "rr-number" }, r.baseline),
                  el("td", { class: "rr-number" }, r.change, el("span", { class: "rr-where" }, r.change_interval)),
                  el("td", { class: "rr-number" }, r.bound, el("span", { class: "rr-where" }, r.wanted)),
                  el("td", {}, r.says),
                ),
              ),
            ),
          ),
        ),
      ),
    );
  }

  drawCases(c) {
    // All of them at once: a second choice made before the page has run again would otherwise push out the first.
    const chosen = () => Object.fromEntries(c.filters.map((f) => [f.id, this.body.querySelector(`#rr-case-${f.id}`).value]));
    const choose = (f) =>
      el(
        "div",
        {},
        el("label", { for: `rr-case-${f.id}` }, f.label),
        el("select", { id: `rr-case-${f.id}`, "data-key": `case ${f.id}`, onchange: () => this.send("filter", chosen()) }, f.options.map((o) => el("option", { value: o.id, selected: o.id === f.chosen }, o.label))),
      );
    return [
      c.filters.length ? el("div", { class: "rr-sides" }, c.filters.map(choose)) : null,
      el("p", { class: "rr-where", role: "status" }, c.heading),
      el(
        "ul",
        { class: "rr-items" },
        c.items.map((i) =>
          el(
            "li",
            {},
            el("p", { class: "rr-where" }, i.byline, i.badge ? el("strong", { class: "rr-badge" }, ` · ${i.badge}`) : null),
            el("h2", { class: "rr-item-title" }, el("button", { type: "button", class: "rr-item", "data-key": `open ${i.id}`, onclick: () => this.open(i.id), ...english }, i.title)),
            i.text ? el("p", { class: "rr-item-text" }, i.text) : null,
          ),
        ),
      ),
      pager(c, (page) => this.send("page", page)),
    ];
  }

  drawDetail(d) {
    return el(
      "article",
      { class: "rr-detail" },
      el("p", { class: "rr-actions" }, quiet("back", t("evaluate.back"), () => this.open(null)), d.can_author ? quiet("author", t("evaluate.make_case"), () => this.send("author", d.key)) : null),
      el("h2", { class: "rr-detail-title", tabindex: "-1", ...english }, d.heading),
      el("p", { class: "rr-where" }, d.byline),
      d.critical.length ? el("div", { class: "rr-standing" }, el("p", { class: "rr-badge" }, t("evaluate.critical")), el("ul", {}, d.critical.map((x) => el("li", english, x)))) : null,
      el(
        "div",
        { class: d.sides.length > 1 ? "rr-answers rr-answers-two" : "rr-answers" },
        d.sides.map((s) =>
          el(
            "section",
            {},
            el("h3", {}, s.title),
            el("p", { class: "rr-where" }, s.outcome),
            s.text ? s.text.split("\n").map((x) => el("p", { class: "rr-card-text", ...english }, x)) : el("p", { class: "rr-empty" }, t("evaluate.no_text")),
            s.notices.length ? el("ul", { class: "rr-facts" }, s.notices.map((n) => el("li", english, n))) : null,
            s.cited.length ? [el("h4", {}, t("evaluate.cited")), el("ul", { class: "rr-notes" }, s.cited.map((x) => el("li", {}, el("span", { class: "rr-where", ...english }, x.id), " ", el("span", english, x.text))))] : null,
          ),
        ),
      ),
      el("h3", { class: "rr-section-title" }, t("evaluate.verdicts")),
      table(d.verdicts),
      d.trace ? el("details", { class: "rr-section" }, el("summary", { "data-key": "trace" }, t("evaluate.trace")), el("pre", { class: "rr-trace", tabindex: "0" }, d.trace)) : el("p", { class: "rr-where" }, t("evaluate.no_trace")),
    );
  }

  drawAuthoring(a) {
    const field = el("textarea", { id: "rr-draft", rows: "18", spellcheck: "false", "data-key": "draft", ...english });
    field.value = a.draft;
    return el(
      "section",
      { class: "rr-detail" },
      el("h2", { class: "rr-detail-title", tabindex: "-1" }, t("evaluate.author_title")),
      el("p", { class: "rr-lede-small" }, t("evaluate.author_lede")),
      el(
        "div",
        { class: "rr-sides" },
        el(
          "div",
          {},
          el("label", { for: "rr-from" }, t("evaluate.author_from")),
          el("select", { id: "rr-from", "data-key": "from", onchange: (event) => this.send("from", event.target.value) }, a.sources.map((o) => el("option", { value: o.id, selected: o.id === a.chosen }, o.label))),
        ),
        el(
          "div",
          {},
          el("label", { for: "rr-kind" }, t("evaluate.author_file")),
          el("select", { id: "rr-kind", "data-key": "kind", onchange: (event) => this.send("kind", event.target.value) }, a.files.map((o) => el("option", { value: o, selected: o === a.file }, o))),
        ),
      ),
      a.note ? el("p", { class: "rr-plain-note" }, a.note) : null,
      el("label", { for: "rr-draft" }, t("evaluate.author_draft")),
      field,
      el("p", { class: "rr-actions" }, quiet("check draft", t("evaluate.author_check"), () => this.send("draft", field.value))),
      a.checked
        ? a.faults.length
          ? el("div", { class: "rr-problem", role: "status" }, el("p", {}, t("evaluate.author_lacks")), el("ul", { class: "rr-facts" }, a.faults.map((f) => el("li", {}, f))))
          : el(
              "div",
              { class: "rr-verdict rr-verdict-yes", role: "status" },
              el("p", {}, t("evaluate.author_whole")),
              quiet("download case", t("evaluate.author_download"), () => download({ name: a.download.name, mime: "application/x-ndjson", text: a.download.text })),
              el("p", { class: "rr-where" }, a.download.command),
            )
        : null,
    );
  }
}
