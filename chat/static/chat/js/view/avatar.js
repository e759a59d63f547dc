// A person or group as initials in a colour of their own.
import { html } from "./html.js";

export function Avatar({ name, id, kind = "direct", online = false, large = false }) {
  const classes = ["avatar", `hue-${id % 8}`, kind, large && "large", online && "online"].filter(Boolean).join(" ");
  return html`<span class=${classes} aria-hidden="true">${initialsOf(name)}</span>`;
}

/** "Ann Lee" → "AL", "ann" → "A", "张三" → "张". No DOM. */
export function initialsOf(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return "·";
  const first = [...words[0]][0];
  const isWide = /[\u2e80-\u9fff\uac00-\ud7af]/u.test(first);
  const last = words.length > 1 && !isWide ? [...words.at(-1)][0] : "";
  return (first + last).toUpperCase();
}
