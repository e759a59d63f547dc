// The list of conversations, with the search place above it.
import { html } from "./html.js";
import { ConversationRow } from "./conversation_row.js";
import { Icon } from "./icon.js";
import { SearchPlace } from "./search_place.js";
import { SidebarFoot } from "./sidebar_foot.js";
import { store } from "./page.js";
import { narrow, searchText, show } from "./screen.js";
import { matching } from "./matching.js";
import { t } from "../words/index.js";

export function Sidebar() {
  const all = store.conversations.value;
  const isMain = narrow.value && store.current.value === null; // all that a phone shows then
  const shown = matching(all, searchText.value);
  return html`
    <div class="sidebar" role=${isMain ? "main" : "complementary"} aria-label=${t("conversations")}>
      <div class="sidebar-head">
        <h1>${t("conversations")}</h1>
        <button class="icon-button" type="button" title=${t("new_conversation")} aria-label=${t("new_conversation")} onClick=${() => show("new_conversation")}><${Icon} name="plus" /></button>
      </div>
      <${SearchPlace} />
      <nav class="conversation-list" aria-label=${t("conversations")}>
        <ul>${shown.map((each) => html`<${ConversationRow} key=${each.id} conversation=${each} open=${each.id === store.current.value} />`)}</ul>
        ${shown.length === 0 && html`<${NothingListed} isEmpty=${all.length === 0} />`}
      </nav>
      <${SidebarFoot} />
    </div>
  `;
}

function NothingListed({ isEmpty }) {
  if (!isEmpty) return html`<p class="nothing">${t("nothing_found")}</p>`;
  if (!store.loaded.value || store.connection.value.lastSyncAt === null) {
    return html`<div class="placeholders" aria-hidden="true">${[1, 2, 3, 4, 5].map((each) => html`<div class="placeholder" key=${each}><span></span><span></span></div>`)}</div>`;
  }
  return html`
    <div class="nothing">
      <p>${t("no_conversations")}</p>
      <button class="button main" type="button" onClick=${() => show("new_conversation")}>${t("start_one")}</button>
    </div>
  `;
}
