// Are you sure? A deleted message leaves a tombstone on all devices of all members.
import { html } from "./html.js";
import { Dialog } from "./dialog.js";
import { store } from "./page.js";
import { close } from "./screen.js";
import { t } from "../words/index.js";

export function DeleteMessage({ conversation, row }) {
  const remove = () => {
    close();
    store.remove(conversation, row.seq);
  };
  return html`
    <${Dialog} title=${t("delete_title")} kind="question">
      <p>${t("delete_text")}</p>
      <blockquote class="cited">${row.text}</blockquote>
      <div class="dialog-actions">
        <button class="button quiet" type="button" onClick=${close}>${t("cancel")}</button>
        <button class="button danger" type="button" onClick=${remove}>${t("delete")}</button>
      </div>
    <//>
  `;
}
