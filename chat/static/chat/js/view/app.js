// The whole page: list, conversation, panel, and what lies over them.
import { html } from "./html.js";
import { Announcer } from "./announcer.js";
import { Banner } from "./banner.js";
import { ConversationPane } from "./conversation_pane.js";
import { Dialogs } from "./dialogs.js";
import { Panel } from "./panel.js";
import { Revoked } from "./revoked.js";
import { Sidebar } from "./sidebar.js";
import { Toasts } from "./toasts.js";
import { store } from "./page.js";
import { dialog, panel } from "./screen.js";
import { t } from "../words/index.js";

export function App() {
  if (store.connection.value.state === "revoked") return html`<${Revoked} />`;
  const open = store.current.value !== null;
  const classes = ["app", open ? "shows-conversation" : "shows-list", panel.value && "shows-panel"].filter(Boolean).join(" ");
  return html`
    <div class=${classes}>
      ${open && html`<a class="skip" href="#composer">${t("skip_to_composer")}</a>`}
      <${Banner} />
      <${Sidebar} />
      <${ConversationPane} />
      <${Panel} />
      ${dialog.value === null && html`<${Toasts} />`}
      <${Announcer} />
      <${Dialogs} />
    </div>
  `;
}
