// The pane when no conversation is open, or the wanted one is not (yet) there.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { go } from "./address.js";
import { store } from "./page.js";
import { show } from "./screen.js";
import { t } from "../words/index.js";

export function NothingOpen({ wanted }) {
  if (wanted === null) return html`<main class="pane empty-pane" id="main"><${Welcome} /></main>`;
  const isKnown = store.connection.value.lastSyncAt !== null;
  return html`
    <main class="pane empty-pane" id="main">
      ${isKnown
        ? html`<h2>${t("not_yours")}</h2><p>${t("not_yours_text")}</p><button class="button main" type="button" onClick=${() => go(null)}>${t("to_the_list")}</button>`
        : html`<span class="spinner" aria-hidden="true"></span><p role="status">${t("opening")}</p>`}
    </main>
  `;
}

function Welcome() {
  return html`
    <div class="empty-mark" aria-hidden="true"><${Icon} name="send" /></div>
    <h2>${t("choose_one")}</h2>
    <p>${t(store.conversations.value.length === 0 ? "start_one_text" : "choose_one_text")}</p>
    <div class="empty-actions">
      <button class="button main" type="button" onClick=${() => show("new_conversation")}>${t("new_conversation")}</button>
      <button class="button quiet" type="button" onClick=${() => show("keys")}>${t("keys")}</button>
    </div>
  `;
}
