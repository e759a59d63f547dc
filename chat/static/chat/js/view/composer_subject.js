// The strip above the composer: which message is being answered or edited.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { plainOf } from "./plain.js";
import { t } from "../words/index.js";

export function ComposerSubject({ about: { what, row }, onCancel }) {
  return html`
    <div class="subject">
      <${Icon} name=${what} />
      <div class="subject-text">
        <strong>${what === "edit" ? t("editing") : t("replying_to", { name: row.mine ? t("yourself") : row.sender.name })}</strong>
        <span>${plainOf(row.text)}</span>
      </div>
      <button class="icon-button" type="button" aria-label=${t("cancel")} title=${t("cancel")} onClick=${onCancel}><${Icon} name="close" /></button>
    </div>
  `;
}
