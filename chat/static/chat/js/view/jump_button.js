// "3 new messages ↓": the way back to the end.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "../words/index.js";

export function JumpButton({ count, onJump }) {
  return html`
    <button class=${count ? "jump has-new" : "jump"} type="button" onClick=${onJump}>
      <span>${count ? t("new_count", { count }) : t("jump_latest")}</span><${Icon} name="down" />
    </button>
  `;
}
