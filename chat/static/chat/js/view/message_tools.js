// The few buttons that appear beside the message under the pointer or the focus.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { show } from "./screen.js";
import { answer } from "./message_actions.js";
import { t } from "../words/index.js";

export function MessageTools({ row, conversation }) {
  const open = (name) => (event) => show(name, { conversation, row, near: event.currentTarget.getBoundingClientRect() });
  return html`
    <div class="tools">
      <button type="button" title=${t("react")} aria-label=${t("react")} aria-haspopup="dialog" onClick=${open("emojis")}><${Icon} name="smile" /></button>
      <button type="button" title=${t("reply")} aria-label=${t("reply")} onClick=${() => answer(conversation, row)}><${Icon} name="reply" /></button>
      <button type="button" title=${t("more")} aria-label=${t("more")} aria-haspopup="menu" onClick=${open("message_menu")}><${Icon} name="more" /></button>
    </div>
  `;
}
