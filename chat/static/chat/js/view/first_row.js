// What stands above the oldest shown message: the beginning of the conversation, or that more is on its way.
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { hueOf, titleOf } from "./conversation_title.js";
import { t } from "../words/index.js";

export function FirstRow({ conversation, feed }) {
  if (feed.hasOlder || feed.loadingOlder) {
    return html`<li class="loading"><span class="spinner" aria-hidden="true"></span><span>${t("loading_older")}</span></li>`;
  }
  return html`
    <li class="beginning">
      <${Avatar} name=${titleOf(conversation)} id=${hueOf(conversation)} kind=${conversation.kind} large=${true} />
      <h2>${titleOf(conversation)}</h2>
      <p>${t(conversation.kind === "group" ? "beginning_group" : "beginning_direct", { name: titleOf(conversation) })}</p>
    </li>
  `;
}
