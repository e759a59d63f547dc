// One message as people see it: who, what, when, how far it has got, and what can be done with it.
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { MessageBody } from "./message_body.js";
import { MessageTools } from "./message_tools.js";
import { AskAgain } from "./ask_again.js";
import { FailedSend } from "./failed_send.js";
import { Quote } from "./quote.js";
import { Reactions } from "./reactions.js";
import { Ticks } from "./ticks.js";
import { clockOf, momentOf } from "./time.js";
import { t } from "../words/index.js";

export function Message({ row, conversation, group, starts, names, active }) {
  const showsSender = group && !row.mine && starts;
  const classes = ["message", row.mine && "mine", row.deleted && "deleted", row.status === "failed" && "failed"].filter(Boolean).join(" ");
  return html`
    <div class=${classes}>
      ${group && !row.mine && html`<div class="gutter">${starts && html`<${Avatar} name=${row.sender.name} id=${row.sender.id} />`}</div>`}
      <div class="bubble-column">
        <div class="bubble">
          ${showsSender ? html`<div class=${`sender hue-${row.sender.id % 8}`}>${row.sender.name}</div>` : html`<span class="spoken">${row.mine ? t("you") : row.sender.name}: </span>`}
          ${row.replyTo && !row.deleted && html`<${Quote} quote=${row.replyTo} conversation=${conversation} />`}
          ${row.deleted ? html`<p class="tombstone">${t("deleted_message")}</p>` : html`<${MessageBody} row=${row} names=${names} />`}
          <div class="meta">
            ${row.data?.stopped && !row.deleted && html`<span class="stopped">${t("stopped")}</span>`}
            ${row.editedAt && !row.deleted && html`<span>${t("edited")}</span>`}
            <time datetime=${new Date(row.at).toISOString()} title=${momentOf(row.at)}>${clockOf(row.at)}</time>
            ${row.mine && !row.deleted && html`<${Ticks} status=${row.status} />`}
          </div>
        </div>
        <${Reactions} row=${row} conversation=${conversation} />
        ${row.askAgain && html`<${AskAgain} conversation=${conversation} seq=${row.seq} word="regenerate" />`}
        ${row.status === "failed" && html`<${FailedSend} row=${row} />`}
      </div>
      ${active && row.seq !== null && !row.deleted && html`<${MessageTools} row=${row} conversation=${conversation} />`}
    </div>
  `;
}
