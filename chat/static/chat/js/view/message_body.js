// The text of a message: plain, or the server's sanitised HTML; a long one is folded.
import { useState } from "preact/hooks";
import { html } from "./html.js";
import { ServerHtml } from "./server_html.js";
import { isLong } from "./text_length.js";
import { withMentions } from "./mentions.js";
import { t } from "../words/index.js";

export function MessageBody({ row, names }) {
  const [open, setOpen] = useState(false);
  const long = isLong(row.text);
  const folded = long && !open;
  return html`
    <div class=${["body", long && "long", folded && "folded"].filter(Boolean).join(" ")}>
      ${row.html ? html`<${ServerHtml} html=${row.html} names=${names} />` : html`<p class="plain">${withMentions(row.text, names)}</p>`}
    </div>
    ${long && html`<button class="unfold" type="button" aria-expanded=${open} onClick=${() => setOpen(!open)}>${t(open ? "show_less" : "show_more")}</button>`}
  `;
}
