// Drafts of documents, for curators: passage by passage with its flags, the card, publication. Drawn from rag/web/reviewing.py.

class Review {
  constructor(parent) {
    this.send = () => {};
    this.head = el("div", { class: "rr-head" });
    this.told = el("div", { role: "status" });
    this.body = el("div", { class: "rr-body", onkeydown: (event) => this.turn(event) });
    this.root = el("div", { class: "rr rr-page rr-review", id: "rr-content" }, this.head, this.told, this.body);
    parent.append(this.root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    const d = data.draft;
    redraw(this.head, [data.state, data.problem, data.by, data.signed, d && [d.id, d.title, d.notes, d.progress, d.tab, d.tabs]], () => this.drawHead(data));
    redraw(this.told, [data.status, data.refused, data.said], () => this.drawTold(data));
    const at = `${d?.id} ${d?.tab} ${d?.passage?.id}`;
    if (at !== this.at) this.editing = false;
    redraw(this.body, [data.drafts, d && [d.passage, d.card, d.outside, d.publish], Boolean(data.status)], () => this.drawBody(data));
    // Where a decision led elsewhere, or took away what was pressed, reading goes on at the heading.
    const lost = this.decided && !this.root.contains(document.activeElement);
    if ((this.at !== undefined && at !== this.at) || lost) {
      this.body.querySelector("h2")?.focus({ preventScroll: true });
      if (at !== this.at) document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
    }
    this.decided = false;
    this.at = at;
  }

  decide(what, given) {
    this.decided = true;
    this.send("decide", { what, by: this.root.querySelector("#rr-by")?.value ?? this.data.by, ...given });
  }

  /** The arrows lead through the passages while the reading is not in a field. */
  turn(event) {
    const p = this.data.draft?.passage;
    if (!p || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest("input, textarea, select")) return;
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const to = event.key === forward ? p.later : p.earlier;
    event.preventDefault();
    if (to) this.send("go", to);
  }

  // --- the list, and the head of a draft --------------------------------------------------------------------------

  drawHead(data) {
    const d = data.draft;
    const title = el("h1", { class: "rr-title", tabindex: "-1" }, d ? el("bdi", {}, d.title) : t("review.title"));
    const waiting = notReady({ ...data, status: data.state === "ready" ? "" : data.status }, this.send);
    if (waiting) return [title, waiting];
    if (!d) return [title, el("p", { class: "rr-lede-small" }, t("review.lede"))];
    return [
      el("p", { class: "rr-actions" }, quiet("back", t("review.back"), () => this.send("open", null))),
      title,
      el("p", { class: "rr-where" }, d.byline),
      d.notes.map((n) => el("p", { class: "rr-notice rr-notice-gap", dir: "auto" }, n)),
      this.drawProgress(d.progress),
      this.drawName(data),
      tabs(t("review.parts"), d.tabs, d.tab, (tab) => this.send("tab", tab)),
    ];
  }

  drawName({ by, signed }) {
    if (signed) return el("p", { class: "rr-where rr-by" }, t("review.signed", { by }));
    return el(
      "div",
      { class: "rr-search rr-by" },
      el("label", { for: "rr-by" }, t("review.by")),
      el("input", { id: "rr-by", value: by, maxlength: "80", autocomplete: "name", "data-key": "by", onchange: (event) => this.send("by", event.target.value) }),
    );
  }

  drawProgress(p) {
    return el(
      "div",
      { class: "rr-progress" },
      el("span", { class: "rr-bar-track", "aria-hidden": "true" }, el("span", { class: p.done ? "rr-bar-fill" : "rr-bar-none", style: `inline-size:${(100 * p.done) / Math.max(1, p.total)}%` })),
      el("p", { class: "rr-where" }, p.text),
    );
  }

  drawTold({ status, refused, said }) {
    if (refused) return el("p", { class: "rr-problem", dir: "auto" }, refused);
    if (status) return el("p", { class: "rr-status" }, status, dots());
    return said ? el("p", { class: "rr-told", dir: "auto" }, said) : [];
  }

  drawBody(data) {
    const d = data.draft;
    if (data.state !== "ready") return [];
    if (!d) return this.drawList(data.drafts);
    if (d.passage) return this.drawPassage(d.passage);
    if (d.publish) return this.drawPublish(d.publish, Boolean(data.status));
    return d.tab === "card" ? this.drawCard(d.card) : this.drawOutside(d.outside);
  }

  drawList(drafts) {
    if (!drafts.length) return [el("p", { class: "rr-empty" }, t("review.no_drafts")), el("p", { class: "rr-command" }, el("code", english, "exitvoices ingest FILE --id NAME"))];
    return el(
      "ul",
      { class: "rr-items" },
      drafts.map((d) =>
        el(
          "li",
          {},
          d.badge ? el("p", { class: "rr-where" }, el("strong", {}, d.badge)) : null,
          el("h2", { class: "rr-item-title" }, el("button", { type: "button", class: "rr-item", "data-key": `open ${d.id}`, onclick: () => this.send("open", d.id), dir: "auto" }, d.title)),
          el("p", { class: "rr-where" }, d.byline),
          this.drawProgress(d.progress),
        ),
      ),
    );
  }

  // --- a passage and its flags --------------------------------------------------------------------------------------

  drawPassage(p) {
    const step = (key, text, to) => quiet(key, text, () => this.send("go", to), { disabled: !to });
    return [
      el(
        "nav",
        { class: "rr-pager", "aria-label": t("review.passages_nav") },
        step("earlier", t("common.previous"), p.earlier),
        step("later", t("common.next"), p.later),
        p.open ? step("open", t("review.next_open"), p.open) : null,
        el("span", { class: "rr-where rr-wide" }, t("review.keys")),
      ),
      el(
        "article",
        { class: "rr-two-up" },
        el(
          "div",
          {},
          el("h2", { class: "rr-section-title", tabindex: "-1" }, p.heading),
          el("p", { class: "rr-where" }, [p.place, p.speaker, p.id].filter(Boolean).join(" · ")),
          p.decided ? el("p", { class: `rr-decided rr-decided-${p.state}` }, el("strong", {}, p.decided), p.reason ? el("span", { dir: "auto" }, ` ${p.reason}`) : "") : null,
          this.editing ? this.drawEdit(p) : this.drawText(p),
          this.twin("review.original", p.original),
          this.twin("review.before", p.before),
        ),
        el("section", { class: "rr-flags" }, el("h3", { class: "rr-small-title" }, p.flags.length ? t("review.flags") : t("review.no_flags")), el("ul", {}, p.flags.map((f, n) => this.drawFlag(p, f, n))), this.drawMasks(p)),
        el("div", { class: "rr-verdicts" }, this.drawAccept(p), this.drawLeaveOut(p)),
      ),
    ];
  }

  drawText(p) {
    return [
      el(
        "blockquote",
        { class: "rr-draft-text", dir: "auto" },
        p.statements.map((pieces) =>
          el("p", {}, pieces.map((x) => (x.kind ? el("mark", { class: `rr-mark-${x.kind}` }, x.text, x.kind === "masked" ? null : hidden(` (${this.flagged(p, x)})`)) : x.text))),
        ),
      ),
      el("p", { class: "rr-actions" }, quiet("edit", t("review.edit"), () => this.edit(true))),
    ];
  }

  flagged(p, piece) {
    return p.flags.find((f) => f.kind === piece.kind && f.words === piece.text)?.label ?? piece.label;
  }

  edit(on) {
    this.editing = on;
    this.body.shownJson = null;
    const { draft, drafts, status } = this.data;
    redraw(this.body, [drafts, [draft.passage, draft.card, draft.outside, draft.publish], Boolean(status)], () => this.drawBody(this.data));
    this.body.querySelector(on ? "#rr-edit" : "[data-key=edit]")?.focus();
  }

  drawEdit(p) {
    const field = el("textarea", { id: "rr-edit", rows: "8", dir: "auto", class: "rr-write" });
    field.value = p.text;
    const save = () => {
      this.editing = false;
      if (field.value.trim() === p.text) this.edit(false);
      else this.decide("edit", { passage: p.id, text: field.value });
    };
    return [
      el("label", { for: "rr-edit", class: "rr-where" }, t("review.edit_help")),
      field,
      el("p", { class: "rr-actions" }, quiet("save edit", t("review.edit_save"), save), quiet("cancel edit", t("review.edit_cancel"), () => this.edit(false))),
    ];
  }

  twin(key, texts) {
    return texts.length ? el("details", { class: "rr-twin" }, el("summary", { "data-key": key }, t(key)), el("p", { class: "rr-beside", dir: "auto" }, texts.join(" "))) : null;
  }

  drawFlag(p, f, n) {
    const everywhere = el("input", { type: "checkbox", "data-key": `everywhere ${n}` });
    const reason = el("input", { type: "text", id: `rr-why-${n}`, maxlength: "300", "data-key": `why ${n}` });
    const where = () => ({ passage: p.id, words: f.words, everywhere: everywhere.checked });
    return el(
      "li",
      { class: `rr-flag rr-flag-${f.kind}`, "data-open": f.must },
      el("p", {}, el("strong", {}, f.label), f.words !== f.label ? [" ", el("bdi", { class: "rr-flag-words" }, f.words)] : null),
      el("p", { class: "rr-where", ...english }, f.why),
      f.state !== "open"
        ? el("p", { class: "rr-where" }, f.settled)
        : [
            f.mask ? el("p", { class: "rr-actions" }, quiet(`mask ${n}`, t("review.mask", { mask: f.mask }), () => this.decide("mask", where()))) : null,
            el(
              "details",
              { class: "rr-keep" },
              el("summary", { "data-key": `keep ${n}` }, f.must ? t("review.keep") : t("review.keep_care")),
              el("label", { for: `rr-why-${n}`, class: "rr-where" }, t("review.keep_why")),
              reason,
              quiet(`keep it ${n}`, t("review.keep_do"), () => this.withReason(reason, (why) => this.decide("keep", { ...where(), reason: why }))),
            ),
            f.must ? el("label", { class: "rr-box" }, everywhere, el("span", {}, t("review.everywhere"))) : null,
          ],
    );
  }

  drawMasks(p) {
    const field = el("input", { id: "rr-own", type: "text", maxlength: "200", "data-key": "own", autocomplete: "off" });
    const own = () => field.value.trim() && this.decide("mask", { passage: p.id, words: field.value.trim() });
    return [
      p.to_mask > 1 ? el("p", { class: "rr-actions" }, quiet("mask all", t("review.mask_all", { n: p.to_mask }), () => this.decide("mask", { passage: p.id }))) : null,
      el("details", { class: "rr-keep" }, el("summary", { "data-key": "own words" }, t("review.mask_own")), el("label", { for: "rr-own", class: "rr-where" }, t("review.mask_own_help")), field, quiet("mask own", t("review.mask_do"), own)),
    ];
  }

  /** Does what needs a reason, or leads to the field that lacks it. */
  withReason(field, act) {
    const why = field.value.trim();
    field.setAttribute("aria-invalid", String(!why));
    if (why) act(why);
    else {
      this.told.replaceChildren(el("p", { class: "rr-problem" }, t("review.need_reason")));
      this.told.shownJson = null;
      field.focus();
    }
  }

  // --- the decision ---------------------------------------------------------------------------------------------------

  drawAccept(p) {
    const type = el("select", { id: "rr-type", "data-key": "type" }, p.types.map((x) => el("option", { value: x.id, selected: x.id === p.type }, x.label)));
    const boxes = [];
    const option = (tag, x) => {
      const box = el("input", { type: "checkbox", checked: tag.chosen.includes(x.id), "data-key": `tag ${tag.field} ${x.id}` });
      boxes.push([tag.field, x.id, box]);
      return el("li", {}, el("label", {}, box, el("span", { class: "rr-option", dir: "auto" }, x.label)));
    };
    const group = (tag) =>
      el(
        "details",
        { class: "rr-facet", open: tag.suggested.length > 0 || tag.chosen.length > 0 },
        el("summary", { "data-key": `tags ${tag.field}` }, tag.label),
        tag.suggested.length ? [el("p", { class: "rr-where" }, t("review.suggested")), el("ul", {}, tag.suggested.map((x) => option(tag, x)))] : null,
        tag.others.length ? el("ul", { class: "rr-others" }, tag.others.map((x) => option(tag, x))) : null,
      );
    const groups = p.tags.map(group);
    const accept = () => {
      const tags = { type: type.value };
      for (const [field, id, box] of boxes) if (box.checked) (tags[field] ??= []).push(id);
      this.decide("accept", { passage: p.id, tags });
    };
    return el(
      "section",
      { class: "rr-section rr-decide" },
      el("h3", { class: "rr-section-title" }, t("review.decide")),
      el("div", { class: "rr-sides" }, el("div", {}, el("label", { for: "rr-type" }, t("review.type")), type)),
      el("details", { class: "rr-tags" }, el("summary", { "data-key": "tags" }, t("review.tags")), el("div", { class: "rr-facets-wide" }, groups)),
      el(
        "p",
        { class: "rr-actions" },
        el("button", { type: "button", class: "rr-quiet rr-main-action", "data-key": "accept", disabled: p.to_settle > 0, "aria-describedby": "rr-before", onclick: accept }, t(p.state === "accepted" ? "review.accept_again" : "review.accept")),
        el("span", { id: "rr-before", class: "rr-where" }, p.to_settle ? t("review.settle_first", { n: p.to_settle }) : t("review.accept_means")),
      ),
    );
  }

  drawLeaveOut(p) {
    const reason = el("input", { id: "rr-reason", type: "text", maxlength: "300", value: p.reason, dir: "auto", "data-key": "reason" });
    return el(
      "div",
      { class: "rr-search rr-leave-out" },
      el("label", { for: "rr-reason" }, t("review.leave_out_why")),
      reason,
      quiet("leave out", t("review.leave_out"), () => this.withReason(reason, (why) => this.decide("leave_out", { passage: p.id, reason: why }))),
    );
  }

  // --- the card, what is no passage, publication --------------------------------------------------------------------

  drawCard(fields) {
    const inputs = fields.map((f) => {
      const more = { id: `rr-card-${f.id}`, "data-key": `card ${f.id}`, dir: "auto", "aria-describedby": f.hint || f.guess ? `rr-hint-${f.id}` : null };
      if (f.options.length) return el("select", more, f.value ? null : el("option", { value: "" }, "…"), f.options.map((o) => el("option", { value: o.id, selected: o.id === f.value }, o.label)));
      const input = el(f.long ? "textarea" : "input", f.long ? { ...more, rows: "3", class: "rr-write" } : { ...more, type: "text" });
      input.value = f.value;
      return input;
    });
    // A guess that is saved is stated: whoever saves has read it.
    const save = () => this.decide("card", { fields: Object.fromEntries(fields.map((f, n) => [f.id, inputs[n].value])) });
    return el(
      "section",
      { class: "rr-card-form" },
      el("h2", { class: "rr-section-title", tabindex: "-1" }, t("review.form_title")),
      el("p", { class: "rr-lede-small" }, t("review.form_lede")),
      fields.map((f, n) =>
        el(
          "div",
          { class: "rr-search" },
          el("label", { for: `rr-card-${f.id}` }, f.label, f.required ? ` ${t("review.needed")}` : ""),
          inputs[n],
          f.hint || f.guess ? el("p", { id: `rr-hint-${f.id}`, class: "rr-where" }, [f.guess ? t("review.guess") : "", f.hint].filter(Boolean).join(" ")) : null,
        ),
      ),
      el("p", { class: "rr-actions" }, el("button", { type: "button", class: "rr-quiet rr-main-action", "data-key": "save card", onclick: save }, t("review.form_save"))),
    );
  }

  drawOutside(found) {
    return [
      el("h2", { class: "rr-section-title", tabindex: "-1" }, t("review.outside_title")),
      el("p", { class: "rr-lede-small" }, t("review.outside_lede")),
      el("ul", { class: "rr-items" }, found.map((o) => el("li", {}, o.badge ? el("p", { class: "rr-badge" }, o.badge) : null, el("p", { class: "rr-where", ...english }, [o.place, o.why].filter(Boolean).join(": ")), el("p", { class: "rr-item-text", dir: "auto" }, o.text)))),
    ];
  }

  drawPublish(p, busy) {
    const command = el("code", english, p.command);
    const copied = quiet("copy command", t("review.copy_command"), () => copy(p.command, copied, command, null));
    return el(
      "section",
      {},
      el("h2", { class: "rr-section-title", tabindex: "-1" }, t("review.publish_title")),
      el(
        "div",
        { class: `rr-verdict ${p.ready ? "rr-verdict-yes" : ""}` },
        el("p", { class: "rr-verdict-line" }, p.ready ? t("review.ready") : t("review.not_ready")),
        p.ready ? el("p", {}, p.counts) : el("ul", { class: "rr-facts" }, p.lacks.map((x) => el("li", {}, x))),
        p.published ? el("p", { class: "rr-where" }, p.published) : null,
      ),
      el("p", { class: "rr-lede-small" }, t("review.publish_lede")),
      el("p", { class: "rr-actions" }, el("button", { type: "button", class: "rr-quiet rr-main-action", "data-key": "publish", disabled: !p.ready || busy, onclick: () => this.send("publish", true) }, t("review.publish"))),
      el("div", { class: "rr-command" }, el("p", { class: "rr-where" }, t("review.publish_terminal")), command, " ", copied),
    );
  }
}
