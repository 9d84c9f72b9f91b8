"use strict";
(() => {
  const CASES = 30, FLIPS = 10;
  const held = JSON.parse(document.getElementById("data").textContent);
  const text = (n) => held.texts[n];
  const cases = held.cases.map((row) => {
    const one = Object.fromEntries(held.fields.map((name, n) => [name, row[n]]));
    for (const name of ["task", "case", "state", "outcome", "question", "text", "said", "change"]) one[name] = text(one[name]);
    for (const name of ["tags", "cited"]) one[name] = one[name].map(text);
    one.got = one.got.map(([m, v]) => `${text(m)}: ${text(v)}`);
    return one;
  });
  const side = ([outcome, body, cited]) => ({ outcome: text(outcome), text: text(body), cited: cited.map(text) });
  const flips = held.flips.map((f) => ({
    case: text(f.case), tags: f.tags.map(text), question: text(f.question), base: side(f.base), new: side(f.new),
    worse: f.worse.map(text), better: f.better.map(text), critical: text(f.critical),
  }));

  function el(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children.filter((c) => c !== null && c !== ""));
    return made;
  }

  // Words that stand in both texts in the same order (longest common subsequence); null where that would take long.
  function compared(before, now) {
    const a = before.split(/\s+/), b = now.split(/\s+/);
    if (a.length * b.length > 1e6) return null;
    const width = b.length + 1, longest = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        longest[i * width + j] = a[i] === b[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    const was = [], is = [];
    let i = 0, j = 0;
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) { was.push([a[i++], false]); is.push([b[j++], false]); }
      else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) was.push([a[i++], true]);
      else is.push([b[j++], true]);
    }
    return [was, is];
  }

  function marked(words, name) {
    const parts = [];
    for (let n = 0; n < words.length; ) {
      let end = n;
      while (end < words.length && words[end][1] === words[n][1]) end++;
      const run = words.slice(n, end).map((w) => w[0]).join(" ");
      parts.push(words[n][1] ? el(name, null, run) : run, " ");
      n = end;
    }
    return parts;
  }

  function answer(heading, one, words, name) {
    return el("div", null,
      el("h4", null, `${heading} (${one.outcome || "none"})`),
      el("p", { class: "answer" }, ...(words ? marked(words, name) : [one.text || "–"])),
      el("p", { class: "ids" }, `Cited: ${one.cited.join(", ") || "nothing"}`));
  }

  function sides(flip) {
    const words = compared(flip.base.text, flip.new.text) || [null, null];
    const same = flip.base.text === flip.new.text;
    return [
      same ? el("p", { class: "note" }, "The answer has the same words; what differs is its outcome, its citations or what was found.") : null,
      el("div", { class: "sides" }, answer("Before", flip.base, words[0], "del"), answer("Now", flip.new, words[1], "ins")),
    ];
  }

  function flipped(flip) {
    return el("article", { class: flip.critical ? "case critical" : "case" },
      el("h3", null, flip.question || flip.case),
      el("p", { class: "note" }, `${flip.case} · ${flip.tags.join(", ")}`),
      flip.critical ? el("p", null, el("span", { class: "chip critical" }, "new critical failure"), ` ${flip.critical}`) : null,
      flip.worse.length ? el("p", { class: "ids" }, el("span", { class: "state worse" }, "▼ worse: "), flip.worse.join(", ")) : null,
      flip.better.length ? el("p", { class: "ids" }, el("span", { class: "state better" }, "▲ better: "), flip.better.join(", ")) : null,
      ...sides(flip));
  }

  // A list that grows by a button, so that a page of thousands opens at once.
  function growing(target, all, draw, step) {
    let shown = 0;
    const more = el("button", { type: "button" }, "");
    const grow = () => {
      const fresh = all.slice(shown, shown + step).map(draw);
      more.before(...fresh);
      shown += fresh.length;
      more.hidden = shown >= all.length;
      more.textContent = `Show ${Math.min(step, all.length - shown)} more of ${all.length}`;
      return fresh[0];
    };
    more.addEventListener("click", () => { const first = grow(); first.tabIndex = -1; first.focus(); });
    target.replaceChildren(more);
    grow();
  }

  for (const group of document.querySelectorAll(".flip-tag")) {
    const fill = () => {
      const target = group.querySelector("div");
      if (!group.open || target.childElementCount) return;
      growing(target, flips.filter((f) => !group.dataset.tag || f.tags.includes(group.dataset.tag)), flipped, FLIPS);
    };
    group.addEventListener("toggle", fill);
    fill();
  }

  const form = document.getElementById("filters"), list = document.getElementById("list");
  const found = document.getElementById("found");
  const changes = new Map(flips.map((f) => [`${f.case} ${f.new.text}`, f]));

  function drawn(one) {
    const flip = one.change && changes.get(`${one.case} ${one.text}`);
    const body = el("div", null);
    const details = el("details", { class: `case ${one.state}` },
      el("summary", null,
        el("span", { class: `chip ${one.state}` }, held.states[one.state]),
        ` ${one.question || one.case} `,
        one.change ? el("span", { class: `state ${one.change}` }, one.change === "worse" ? "▼ worse" : "▲ better") : null,
        el("small", null, `${one.task}/${one.case} · ${one.outcome || "none"}`)),
      body);
    details.addEventListener("toggle", () => {
      if (!details.open || body.childElementCount) return;
      body.append(
        ...[one.said ? el("p", null, el("strong", null, one.state === "unscored" ? "Why it was not scored: " : "Why it is critical: "), one.said) : null,
        el("p", { class: "ids" }, `Tags: ${one.tags.join(", ") || "none"}`),
        ...(flip ? sides(flip) : [answer("Answer", one)]),
        one.got.length ? el("p", { class: "ids" }, `Counted: ${one.got.join("; ")}`) : null].filter(Boolean));
    });
    return details;
  }

  function chosen() {
    const wanted = Object.fromEntries(new FormData(form));
    const words = (wanted.text || "").toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return cases.filter((one) =>
      (!wanted.task || one.task === wanted.task) &&
      (!wanted.tag || one.tags.includes(wanted.tag)) &&
      (!wanted.outcome || one.outcome === wanted.outcome) &&
      (!wanted.state || one.state === wanted.state) &&
      (!wanted.change || (wanted.change === "changed" ? one.change : one.change === wanted.change)) &&
      words.every((w) => one.haystack.includes(w)));
  }

  function show() {
    const some = chosen();
    const count = (state) => some.filter((one) => one.state === state).length;
    const parts = Object.entries(held.states).map(([state, name]) => [count(state), name]).filter(([n]) => n);
    found.textContent = `${some.length} of ${cases.length} cases` + (some.length ? `: ${parts.map(([n, name]) => `${n} ${name}`).join(", ")}.` : ". Clear a filter to see more.");
    growing(list, some, drawn, CASES);
  }

  for (const one of cases) one.haystack = `${one.case} ${one.question} ${one.text}`.toLocaleLowerCase();
  let waiting = 0;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(show, 120); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  for (const button of document.querySelectorAll("button.pick"))
    button.addEventListener("click", () => {
      form.reset();
      form.elements.task.value = button.dataset.task;
      form.elements.tag.value = button.dataset.tag || "";
      show();
      document.getElementById("cases").scrollIntoView();
      form.elements.task.focus({ preventScroll: true });
    });
  document.getElementById("needs-script").remove();
  show();

  // A table that fits needs no stop for the keyboard; one that scrolls does.
  function reachable() {
    for (const box of document.querySelectorAll(".scroll"))
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
  }
  addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true);
  reachable();
})();
