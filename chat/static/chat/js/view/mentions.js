// "@ann" in a text, when ann is a member: shown as a mention, and more strongly when it is oneself.
import { html } from "./html.js";
import { page } from "./page.js";

const MENTION = /(^|[^\w@])(@[\w.+-]{1,150})/gu;

/** The text cut into plain pieces and mentions: [{text, name | null}]. `names` are the members' usernames. No DOM. */
export function mentionsIn(text, names) {
  const pieces = [];
  let from = 0;
  for (const { 1: before, 2: word, index } of text.matchAll(MENTION)) {
    const name = word.slice(1).replace(/[.+-]+$/, "");
    if (!names?.has(name)) continue;
    const start = index + before.length;
    if (start > from) pieces.push({ text: text.slice(from, start), name: null });
    pieces.push({ text: `@${name}`, name });
    from = start + name.length + 1;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), name: null });
  return pieces;
}

export function withMentions(text, names) {
  if (!text.includes("@")) return text;
  return mentionsIn(text, names).map((piece) => (piece.name === null ? piece.text : html`<span class=${classOf(piece.name)}>${piece.text}</span>`));
}

export const classOf = (name) => (name === page.user.username ? "mention me" : "mention");
