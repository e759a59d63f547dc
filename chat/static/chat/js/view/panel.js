// The column at the right: members, or what is known of the connection.
import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { secondWave } from "./later.js";
import { store } from "./page.js";
import { panel } from "./screen.js";
import { t } from "../words/index.js";

export function Panel() {
  const conversation = store.conversations.value.find((each) => each.id === store.current.value);
  const name = panel.value;
  if (name === null || (name === "members" && !conversation)) return null;
  return html`<${Column} key=${name} name=${name} conversation=${conversation} />`;
}

function Column({ name, conversation }) {
  const place = useRef(null);
  useLayoutEffect(() => lendFocus(place.current), []);
  const Body = secondWave()?.PANELS[name];
  const title = t(name === "members" ? "members" : "about_connection");
  return html`
    <aside class="panel" ref=${place} tabindex="-1" aria-label=${title}>
      <header class="panel-head"><h2>${title}</h2><button class="icon-button" type="button" aria-label=${t("close")} title=${t("close")} onClick=${() => (panel.value = null)}><${Icon} name="close" /></button></header>
      <div class="panel-body">
        ${Body && html`<${Body} key=${name === "members" ? conversation.id : name} conversation=${conversation} />`}
      </div>
    </aside>
  `;
}

/** The keyboard goes into the column, and back to where it was unless it has gone elsewhere by itself. */
function lendFocus(column) {
  const before = document.activeElement;
  column.focus({ preventScroll: true });
  return () => {
    const isHere = column.contains(document.activeElement) || document.activeElement === document.body;
    if (isHere && before?.isConnected) before.focus({ preventScroll: true });
  };
}
