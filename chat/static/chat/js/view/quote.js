// The message that another one answers; a way to it.
import { html } from "./html.js";
import { go } from "./address.js";
import { plainOf } from "./plain.js";
import { t } from "../words/index.js";

export function Quote({ quote, conversation }) {
  return html`
    <button class="quote" type="button" onClick=${() => go(conversation, quote.seq)}>
      <span class="spoken">${t("in_reply_to")} </span>
      <span class="quote-name">${quote.name || t("earlier_message")}</span>
      <span class="quote-text">${quote.deleted ? t("deleted_message") : plainOf(quote.excerpt)}</span>
    </button>
  `;
}
