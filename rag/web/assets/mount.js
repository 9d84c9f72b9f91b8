// One component for all pages: `part` of the data says what to draw; each place that it is mounted at keeps its own.

const PARTS = { bar: Bar, mark: Mark, ask: Ask, explore: Explore, sources: Sources, evaluate: Evaluate, review: Review, text: Text };
const mounted = new WeakMap();
let bar = null;

// Captured at the window, so that no field can keep the key for itself; not while a word is being composed.
addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && bar?.leave(), { capture: true });
addEventListener("pageshow", (event) => event.persisted && location.reload());

export default function ({ data, parentElement, setTriggerValue }) {
  speak(data.language, data.words);
  document.documentElement.lang = data.language;
  document.documentElement.dir = data.direction; // Streamlit's own fields turn with it
  let drawn = mounted.get(parentElement);
  if (!drawn || drawn.part !== data.part || !parentElement.contains(drawn.page.root)) {
    drawn?.page.root.remove();
    drawn = { part: data.part, page: new PARTS[data.part](parentElement) };
    mounted.set(parentElement, drawn);
    if (data.part === "bar") bar = drawn.page;
  }
  drawn.page.root.dir = data.direction;
  drawn.page.update(data.view, setTriggerValue);
}
