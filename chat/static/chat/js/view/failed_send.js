// A message that could not be sent: why, and the two ways on.
import { html } from "./html.js";
import { store } from "./page.js";
import { reasonOf } from "./acting.js";
import { t } from "../words/index.js";

export function FailedSend({ row }) {
  return html`
    <div class="failed-send">
      <span>${t("send_failed", { reason: reasonOf(row.error) })}</span>
      <button type="button" class="link" onClick=${() => store.retry(row.clientId)}>${t("retry")}</button>
      <button type="button" class="link danger" onClick=${() => store.discard(row.clientId)}>${t("delete")}</button>
    </div>
  `;
}
