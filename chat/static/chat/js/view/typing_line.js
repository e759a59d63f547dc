// "Ann and Bob are typing …"
import { html } from "./html.js";
import { t } from "../words/index.js";

export function TypingLine({ names }) {
  return html`<p class="typing-line">${names.length > 0 && html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${typingText(names)}`}</p>`;
}

export function typingText(names) {
  if (names.length === 1) return t("typing_one", { first: names[0] });
  if (names.length === 2) return t("typing_two", { first: names[0], second: names[1] });
  return t("typing_many", { first: names[0], count: names.length - 1 });
}
