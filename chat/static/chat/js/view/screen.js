// What is on the screen besides the data: which dialog, which panel, what is being answered or edited.
import { signal } from "@preact/signals";

/** null, or {name, ...details}; dialogs.js knows the names. */
export const dialog = signal(null);
/** null, "members" or "connection". */
export const panel = signal(null);
/** What the composer is about: null, {what: "reply" | "edit", conversation, row}. */
export const subject = signal(null);
/** The message that a permalink or a quote points to: null, or {conversation, seq, visit}. */
export const target = signal(null);
/** The conversation that was marked unread while it is open: it is not marked read again until one has left it. */
export const leftUnread = signal(null);
/** How many messages were sent from this page: whoever sends one sees it. */
export const sent = signal(0);
/** What is typed into the search place. */
export const searchText = signal("");
/** Is the page seen and used right now? */
export const attentive = signal(isAttentive());

/** Is there room for one pane only? The same width as in the style sheets. */
export const narrow = signal(false);

export const show = (name, details = {}) => (dialog.value = { name, ...details });
export const close = () => (dialog.value = null);
export const togglePanel = (name) => (panel.value = panel.value === name ? null : name);

export function watchWidth() {
  const width = matchMedia("(max-width: 45rem)");
  const look = () => (narrow.value = width.matches);
  width.addEventListener("change", look);
  look();
}

export function watchAttention() {
  const look = () => (attentive.value = isAttentive());
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  addEventListener("blur", look);
  look();
}

function isAttentive() {
  return typeof document !== "undefined" && document.visibilityState === "visible" && document.hasFocus();
}
