// Leaving a group: asked once more in place.
import { useState } from "preact/hooks";
import { html } from "./html.js";
import { act } from "./acting.js";
import { go } from "./address.js";
import { store } from "./page.js";
import { t } from "../words/index.js";

export function LeaveButton({ conversation }) {
  const [asked, setAsked] = useState(false);
  const leave = async () => {
    if (await act(() => store.leave(conversation.id))) go(null);
  };
  if (!asked) return html`<button class="button danger leave" type="button" onClick=${() => setAsked(true)}>${t("leave")}</button>`;
  return html`
    <div class="leave" role="group" aria-label=${t("leave")}>
      <p>${t("leave_text")}</p>
      <div class="dialog-actions"><button class="button quiet" type="button" onClick=${() => setAsked(false)}>${t("cancel")}</button><button class="button danger" type="button" onClick=${leave}>${t("leave")}</button></div>
    </div>
  `;
}
