// Having the assistant answer once more: in the place of an answer, or where there is none.
import { html } from "./html.js";
import { store } from "./page.js";
import { act } from "./acting.js";
import { t } from "../words/index.js";

/** `seq` of the answer, or of the question; `word`: what is on it. */
export function AskAgain({ conversation, seq, word }) {
  return html`<button class="link ask-again" type="button" onClick=${() => act(() => store.regenerate(conversation, seq))}>${t(word)}</button>`;
}
