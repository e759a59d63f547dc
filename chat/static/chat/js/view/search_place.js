// The search place: for now it finds conversations and people.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { go } from "./address.js";
import { matching } from "./matching.js";
import { store } from "./page.js";
import { searchText } from "./screen.js";
import { t } from "../words/index.js";

export function SearchPlace() {
  return html`
    <div class="search-place" role="search">
      <${Icon} name="search" />
      <input id="search" type="search" autocomplete="off" placeholder=${t("search")} aria-label=${t("search")} aria-keyshortcuts="/"
        value=${searchText.value} onInput=${(event) => (searchText.value = event.target.value)} onKeyDown=${onKey} />
    </div>
  `;
}

function onKey(event) {
  if (event.isComposing) return;
  if (event.key === "Escape") {
    searchText.value = "";
    event.target.blur();
  }
  const [first] = matching(store.conversations.value, searchText.value);
  if (event.key === "Enter" && searchText.value && first) {
    searchText.value = "";
    go(first.id);
  }
}
