// The emojis under a message; one's own can be switched on and off.
import { html } from "./html.js";
import { store } from "./page.js";
import { act } from "./acting.js";
import { t } from "../words/index.js";

export function Reactions({ row, conversation }) {
  if (!row.reactions.length || row.deleted) return null;
  return html`<div class="reactions">${row.reactions.map((each) => html`<${Reaction} key=${each.emoji} each=${each} row=${row} conversation=${conversation} />`)}</div>`;
}

function Reaction({ each: { emoji, count, mine, who }, row, conversation }) {
  const names = who.join(t("comma"));
  return html`
    <button class="reaction" type="button" aria-pressed=${mine} title=${names} aria-label=${t("reaction", { emoji, count, names })}
      onClick=${() => act(() => store.react(conversation, row.seq, emoji, !mine))}>
      <span aria-hidden="true">${emoji}</span><span aria-hidden="true">${count}</span>
    </button>
  `;
}
