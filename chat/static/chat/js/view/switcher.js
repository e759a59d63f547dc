// Ctrl+K: a few letters, Enter, and one is there.
import { useState } from "preact/hooks";
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { go } from "./address.js";
import { hueOf, titleOf } from "./conversation_title.js";
import { matching } from "./matching.js";
import { store } from "./page.js";
import { close } from "./screen.js";
import { t } from "../words/index.js";

const MOST = 8;

export function Switcher() {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const found = matching(store.conversations.value, query).slice(0, MOST);
  const chosen = found[Math.min(at, found.length - 1)];
  const open = (id) => {
    close();
    go(id);
  };
  const onKey = (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) setAt((at + step + found.length) % found.length);
    else if (event.key === "Enter" && chosen) open(chosen.id);
    else return;
    event.preventDefault();
  };
  return html`
    <${Dialog} title=${t("switch_to")} kind="switcher">
      <input class="switcher-field" type="text" role="combobox" aria-expanded="true" aria-controls="switcher-list" aria-activedescendant=${chosen && `switch-${chosen.id}`}
        aria-label=${t("switch_to")} placeholder=${t("search")} autocomplete="off" autofocus value=${query} onInput=${(event) => (setQuery(event.target.value), setAt(0))} onKeyDown=${onKey} />
      <ul class="switcher-list" id="switcher-list" role="listbox" aria-label=${t("conversations")}>
        ${found.map(
          (each) => html`<li key=${each.id} id=${`switch-${each.id}`} role="option" aria-selected=${each === chosen} onClick=${() => open(each.id)}>
            <${Avatar} name=${titleOf(each)} id=${hueOf(each)} kind=${each.kind} /><span class="row-name">${titleOf(each)}</span>${each.unread > 0 && html`<span class="count">${each.unread}</span>`}</li>`,
        )}
      </ul>
      ${found.length === 0 && html`<p class="nothing">${t("nothing_found")}</p>`}
    <//>
  `;
}
