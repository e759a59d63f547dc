// The keys that work everywhere on the page.
import { go } from "./address.js";
import { store } from "./page.js";
import { dialog, panel, show } from "./screen.js";

export function listenToKeys() {
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const run = shortcutFor(event);
    if (!run) return;
    event.preventDefault();
    run();
  });
}

function shortcutFor(event) {
  const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
  if ((ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === "k") return () => show("switcher");
  if (dialog.value !== null) return null;
  if (altKey && !ctrlKey && !metaKey && key === "ArrowUp") return () => step(-1);
  if (altKey && !ctrlKey && !metaKey && key === "ArrowDown") return () => step(1);
  if (key === "Escape") return leave(target);
  if (ctrlKey || metaKey || altKey || isWriting(target)) return null;
  if (key === "/") return () => document.getElementById("search")?.focus();
  if (key === "?") return () => show("keys");
  return null;
}

/** Esc closes what is open, from the outside in: the panel, then the way back to the composer. */
function leave(target) {
  if (panel.value !== null) return () => (panel.value = null);
  const composer = document.getElementById("composer");
  return composer && target !== composer ? () => composer.focus() : null;
}

function step(by) {
  const all = store.conversations.value;
  if (all.length === 0) return;
  const at = all.findIndex((each) => each.id === store.current.value);
  go(all[(at + by + all.length) % all.length].id);
}

const isWriting = (target) => target instanceof Element && target.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
