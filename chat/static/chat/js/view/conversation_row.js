// One conversation in the list: who, what was said last, and how much is unread.
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icon.js";
import { addressOf, go } from "./address.js";
import { hueOf, titleOf } from "./conversation_title.js";
import { latestText } from "./latest_text.js";
import { briefOf } from "./time.js";
import { t } from "../words/index.js";

export function ConversationRow({ conversation, open }) {
  const { id, kind, online, unread, muted, lastMessage } = conversation;
  const classes = ["conversation-row", unread > 0 && "unread", muted && "muted"].filter(Boolean).join(" ");
  return html`
    <li>
      <a class=${classes} href=${addressOf(id)} aria-current=${open ? "page" : undefined} onClick=${follow(id)}>
        <${Avatar} name=${titleOf(conversation)} id=${hueOf(conversation)} kind=${kind} online=${kind === "direct" && online} />
        <span class="row-lines">
          <span class="row-line">
            <span class="row-name">${titleOf(conversation)}</span>
            ${muted && html`<${Icon} name="mute" />`}
            ${lastMessage && html`<time class="row-time">${briefOf(lastMessage.at)}</time>`}
          </span>
          <span class="row-line">
            <span class="row-latest">${latestText(conversation)}</span>
            ${unread > 0 && html`<${Unread} unread=${unread} mentions=${conversation.mentions} />`}
          </span>
        </span>
        ${kind === "direct" && online && html`<span class="spoken">${t("online")}</span>`}
      </a>
    </li>
  `;
}

function Unread({ unread, mentions }) {
  const shown = unread > 99 ? "99+" : unread;
  return html`<span class="count"><span aria-hidden="true">${mentions > 0 ? "@ " : ""}${shown}</span><span class="spoken">${t("unread_count", { count: unread })}</span></span>`;
}

/** A real link, so that "open in a new tab" works; a plain click stays on the page. */
const follow = (id) => (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(id);
};
