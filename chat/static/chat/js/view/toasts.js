// Short words at the edge of the screen that go by themselves; the store's notices come here too.
import { signal } from "@preact/signals";
import { html } from "./html.js";
import { store } from "./page.js";
import { t } from "../words/index.js";

const SHOWN_MS = 5000;
const MOST = 3;
const toasts = signal([]);
let count = 0;

export function toast(text, kind = "info") {
  const key = ++count;
  toasts.value = [...toasts.value, { key, text, kind }].slice(-MOST);
  setTimeout(() => dismiss(key), SHOWN_MS);
}

const dismiss = (key) => (toasts.value = toasts.value.filter((each) => each.key !== key));

/** Call in an effect: each notice of the store is shown once. */
export function followNotices() {
  const shown = new Set();
  return store.notices.subscribe((notices) => {
    for (const { key, text, kind } of notices) {
      if (shown.has(key)) continue;
      shown.add(key);
      toast(text, kind);
    }
  });
}

export function Toasts() {
  return html`
    <div class="toasts" role="status">
      ${toasts.value.map(
        ({ key, text, kind }) => html`<div class=${`toast ${kind}`} key=${key}><span>${text}</span>
          <button type="button" class="link" onClick=${() => dismiss(key)} aria-label=${t("dismiss")}>×</button></div>`,
      )}
    </div>
  `;
}
