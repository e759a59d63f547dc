// The list of keys.
import { html } from "./html.js";
import { Dialog } from "./dialog.js";
import { t } from "../words/index.js";

const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
const KEYS = [
  [["Enter"], "key_send"],
  [["Shift", "Enter"], "key_line"],
  [["↑"], "key_edit"],
  [[isMac ? "⌘" : "Ctrl", "K"], "key_switch"],
  [["/"], "key_search"],
  [["Alt", "↑"], "key_previous"],
  [["Alt", "↓"], "key_next"],
  [["Esc"], "key_close"],
  [["?"], "key_keys"],
];

export function Keys() {
  return html`
    <${Dialog} title=${t("keys")}>
      <dl class="keys">
        ${KEYS.map(([keys, text]) => html`<div key=${text}><dt>${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)}</dt><dd>${t(text)}</dd></div>`)}
      </dl>
    <//>
  `;
}
