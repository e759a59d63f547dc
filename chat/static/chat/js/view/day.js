// The divider before the first message of a day; on its own, so that at midnight "Today" becomes "Yesterday".
import { html } from "./html.js";
import { dayOf } from "./time.js";

export function Day({ at }) {
  return html`<div class="day"><span>${dayOf(at)}</span></div>`;
}
