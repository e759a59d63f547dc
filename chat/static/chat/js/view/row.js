// One row of the history: a day or unread divider where one belongs, then a message, a tombstone or a system message.
import { Component } from "preact";
import { Day } from "./day.js";
import { html } from "./html.js";
import { Answer } from "./answer.js";
import { Message } from "./message.js";
import { systemText } from "./system_text.js";
import { t, language } from "../words/index.js";

export class Row extends Component {
  shouldComponentUpdate(next) {
    const now = this.props;
    return (
      now.row !== next.row || now.active !== next.active || now.focusable !== next.focusable ||
      now.unread !== next.unread || now.target !== next.target || now.names !== next.names
    );
  }

  render({ row, conversation, group, names, active, focusable, unread, target }) {
    language.value;
    const starts = row.startsGroup || unread; // Who comes to the divider sees who speaks there.
    const classes = ["row-item", starts && "starts", target && "target"].filter(Boolean).join(" ");
    return html`
      <li class=${classes} data-key=${row.key} tabindex=${focusable ? 0 : -1}>
        ${row.startsDay && html`<${Day} at=${row.at} />`}
        ${unread && html`<div class="unread-divider"><span>${t("new_messages")}</span></div>`}
        ${row.kind === "system" && html`<p class="system">${systemText(row)}</p>`}
        ${row.kind === "answer" && html`<${Answer} row=${row} conversation=${conversation} group=${group} />`}
        ${row.kind === "text" && html`<${Message} row=${row} conversation=${conversation} group=${group} starts=${starts} names=${names} active=${active} />`}
      </li>
    `;
  }
}
