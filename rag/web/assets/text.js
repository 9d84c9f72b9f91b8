// A page of plain words: headings and paragraphs. Drawn from rag/web/plain.py.

class Text {
  constructor(parent) {
    this.root = el("div", { class: "rr rr-page rr-text", id: "rr-content" });
    parent.append(this.root);
  }

  update(data) {
    redraw(this.root, data, (page) => [
      el("h1", { class: "rr-title", tabindex: "-1" }, page.title),
      page.lede ? el("p", { class: "rr-lede" }, page.lede) : null,
      page.sections.map((s) => el("section", {}, el("h2", { class: "rr-section-title" }, s.title), s.paragraphs.map((p) => el("p", {}, p)), s.items.length ? el("ul", { class: "rr-facts" }, s.items.map((i) => el("li", {}, i))) : null)),
    ]);
  }
}
