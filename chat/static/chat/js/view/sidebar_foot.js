// Who I am, how the connection is, and the way to the settings.
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icon.js";
import { page, store } from "./page.js";
import { show, togglePanel } from "./screen.js";
import { t } from "../words/index.js";

export function SidebarFoot() {
  const { state, node } = store.connection.value;
  const said = state === "online" ? t("connected_to", { node }) : t(`state_${state}`);
  return html`
    <div class="sidebar-foot">
      <${Avatar} name=${page.user.name} id=${page.user.id} />
      <div class="whoami">
        <span class="whoami-name">${page.user.name}</span>
        <button class="whoami-state" type="button" onClick=${() => togglePanel("connection")} title=${t("about_connection")}>
          <span class=${`lamp ${state}`} aria-hidden="true"></span><span>${said}</span>
        </button>
      </div>
      <button class="icon-button" type="button" title=${t("settings")} aria-label=${t("settings")} onClick=${() => show("settings")}><${Icon} name="gear" /></button>
    </div>
  `;
}
