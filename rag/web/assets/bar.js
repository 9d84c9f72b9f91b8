// The bar on top of every page: the way round, help, and the way out, always at the same place.

class Bar {
  constructor(parent) {
    this.send = () => {};
    this.country = null;
    this.nav = el("nav", { class: "rr-nav" });
    this.helpButton = el("button", { type: "button", class: "rr-bar-button", "aria-expanded": "false", "aria-controls": "rr-help", onclick: () => this.toggleHelp() });
    this.leaveButton = el("button", { type: "button", class: "rr-bar-button rr-leave", "aria-keyshortcuts": "Escape", onclick: () => this.leave() });
    this.language = el("div", { class: "rr-language" });
    this.signButton = el("button", { type: "button", class: "rr-bar-button", onclick: () => this.send("sign", this.data.sign) });
    this.help = el("section", { id: "rr-help", class: "rr-help", "aria-labelledby": "rr-help-title", hidden: true });
    this.skip = el("a", { class: "rr-skip", href: "#rr-content", onclick: (event) => (event.preventDefault(), document.querySelector("#rr-content h1, #rr-content h2")?.focus()) });
    this.name = el("p", { class: "rr-name" });
    this.root = el(
      "header",
      { class: "rr rr-bar" },
      this.skip,
      this.name,
      this.nav,
      el("div", { class: "rr-bar-buttons" }, this.language, this.signButton, this.helpButton, this.leaveButton),
      this.help,
    );
    parent.append(this.root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.nav.setAttribute("aria-label", t("bar.nav"));
    redraw(this.skip, [t("bar.skip")], ([text]) => text);
    this.signButton.hidden = !data.sign;
    redraw(this.signButton, [data.sign], ([sign]) => (sign ? t(`bar.sign_${sign}`) : ""));
    redraw(this.name, [t("bar.name")], ([text]) => text);
    redraw(this.nav, data.pages, (pages) => this.drawNav(pages));
    redraw(this.language, data.languages, (languages) => this.drawLanguages(languages));
    redraw(this.helpButton, [t("bar.help")], () => [t("bar.help"), el("span", { class: "rr-wide" }, ` ${t("bar.help_more")}`)]);
    redraw(this.leaveButton, [t("bar.leave")], () => [
      t("bar.leave"),
      el("span", { class: "rr-wide" }, ` ${t("bar.leave_more")}`),
      el("kbd", { "aria-label": t("bar.escape") }, "Esc"),
    ]);
    redraw(this.help, data.help, (help) => this.drawHelp(help));
  }

  drawNav(pages) {
    const go = (event, page) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab, as the reader wishes
      event.preventDefault();
      this.send("go", page.id);
    };
    return el(
      "ul",
      {},
      pages.map((p) => el("li", {}, el("a", { href: p.path, "data-key": `nav ${p.id}`, "aria-current": p.current ? "page" : null, onclick: (event) => go(event, p) }, p.label))),
    );
  }

  drawLanguages(languages) {
    return [
      el("label", { for: "rr-language", class: "rr-hidden" }, t("bar.language")),
      el(
        "select",
        { id: "rr-language", "data-key": "language", onchange: (event) => this.send("language", event.target.value) },
        languages.map((l) => el("option", { value: l.code, lang: l.code, selected: l.chosen }, l.name)),
      ),
    ];
  }

  leave() {
    this.send("clear", true);
    document.documentElement.style.visibility = "hidden";
    for (const drawn of document.querySelectorAll(".rr")) drawn.remove();
    location.replace(this.data.neutral_site);
  }

  toggleHelp(open = this.help.hidden) {
    this.help.hidden = !open;
    this.helpButton.setAttribute("aria-expanded", String(open));
    if (open) this.help.querySelector("h2")?.focus();
    else this.helpButton.focus();
  }

  drawHelp(help) {
    const title = el("h2", { id: "rr-help-title", tabindex: "-1" }, t("help.title"));
    const top = el("div", { class: "rr-panel-top" }, title, quiet("help close", t("common.close"), () => this.toggleHelp(false)));
    if (!help) return [top, el("p", {}, t("help.opening"))];
    if (this.country === null) this.country = help.chosen;
    const list = el("div", { class: "rr-services" });
    const choose = (code) => {
      this.country = code;
      list.replaceChildren(...drawCountry(help, help.countries.find((c) => c.code === code)));
    };
    const names = help.countries.map((c) => [c.code, countryName(c.code)]).sort((a, b) => a[1].localeCompare(b[1], locale));
    const select = el(
      "select",
      { id: "rr-country", "data-key": "country", onchange: (event) => choose(event.target.value) },
      el("option", { value: "" }, t("help.no_country")),
      names.map(([code, name]) => el("option", { value: code, selected: code === this.country }, name)),
    );
    choose(this.country);
    return [top, el("p", {}, t("help.lede")), el("label", { for: "rr-country" }, t("help.country")), select, list];
  }
}

function drawCountry(help, country) {
  const call = (c) =>
    el("li", {}, c.href ? el("a", { href: c.href, class: "rr-call", dir: "ltr" }, c.display) : c.display, c.note ? [" ", el("span", english, c.note)] : "");
  const emergency = country?.emergency.length
    ? el("div", { class: "rr-emergency" }, el("h3", {}, t("help.danger")), el("ul", {}, country.emergency.map(call)))
    : el("p", { class: "rr-emergency" }, t("help.danger_anywhere"));
  const directory = el(
    "article",
    { class: "rr-service" },
    el("h3", {}, help.directory_name),
    el("p", english, help.directory_what),
    el("p", {}, outside(country?.directory ?? help.directory_url, country ? t("help.services_in", { country: countryName(country.code) }) : t("help.services_by_country"))),
    help.directory_checked_on ? el("dl", {}, row(t("help.checked_on"), day(help.directory_checked_on))) : null,
  );
  return [emergency, ...(country?.services ?? []).map((s) => drawService(s)), directory];
}

function drawService(s) {
  const call = (c) =>
    el("li", {}, c.href ? el("a", { href: c.href, class: "rr-call", dir: "ltr" }, c.display) : c.display, c.note ? [" ", el("span", english, c.note)] : "");
  return el(
    "article",
    { class: "rr-service" },
    el("h3", { dir: "auto" }, s.name),
    el("p", english, s.what),
    s.calls.length ? el("ul", { class: "rr-calls" }, s.calls.map(call)) : null,
    el(
      "dl",
      {},
      row(t("help.hours"), s.hours ? el("span", english, s.hours) : t("help.not_stated")),
      row(t("help.languages"), s.languages),
      row(t("help.who"), inEnglish(s.who_answers)),
      row(t("help.mail"), s.email && el("a", { href: `mailto:${s.email}`, class: "rr-link" }, s.email)),
      row(t("help.website"), s.url && outside(s.url, s.url.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, ""))),
      row(t("help.to_know"), inEnglish(s.caution)),
      row(t("help.checked_on"), day(s.checked_on)),
    ),
  );
}

/** One line under the bar, for pages in a language that no person has read over. */
class Mark {
  constructor(parent) {
    this.root = el("p", { class: "rr rr-mark", role: "note" });
    parent.append(this.root);
  }

  update(data) {
    redraw(this.root, data.text, (text) => text);
  }
}
