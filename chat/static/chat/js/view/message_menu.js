// All that can be done with a message.
import { html } from "./html.js";
import { Dialog, placeNear } from "./dialog.js";
import { Icon } from "./icon.js";
import { actionsFor } from "./message_actions.js";
import { store } from "./page.js";
import { t } from "../words/index.js";

export function MessageMenu({ conversation, row, near }) {
  const { owner = false, members = [] } = store.conversations.value.find((each) => each.id === conversation) ?? {};
  const program = members.find((member) => member.program)?.id;
  return html`
    <${Dialog} title=${t("message_actions")} kind="small action-menu" onPlaced=${placeNear(near)}>
      <ul class="menu-list" onKeyDown=${onKey}>
        ${actionsFor(row, conversation, { owner, program }).map(
          ({ key, icon, danger, run }, at) => html`<li key=${key}><button type="button" autofocus=${at === 0} class=${danger ? "menu-item danger" : "menu-item"} onClick=${run}><${Icon} name=${icon} />${t(key)}</button></li>`,
        )}
      </ul>
    <//>
  `;
}

/** The arrows move, as in every menu; Tab works as well. */
function onKey(event) {
  const steps = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" };
  const next = steps[event.key] && event.target.closest("li")?.[steps[event.key]]?.querySelector("button");
  if (!next) return;
  event.preventDefault();
  next.focus();
}
