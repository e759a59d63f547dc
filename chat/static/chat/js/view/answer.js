// An answer of the assistant while it is given: what it thinks about, its text as it grows, and a way to stop it.
import { html } from "./html.js";
import { AskAgain } from "./ask_again.js";
import { Avatar } from "./avatar.js";
import { store } from "./page.js";
import { hasText, t } from "../words/index.js";

const ENDED = new Set(["failed", "cancelled"]);

export function Answer({ row, conversation, group }) {
  const { sender, text, data } = row;
  const over = ENDED.has(data.state);
  return html`
    <div class=${over ? "message answer over" : "message answer"}>
      ${group && html`<div class="gutter"><${Avatar} name=${sender.name} id=${sender.id} /></div>`}
      <div class="bubble-column">
        <div class="bubble" aria-busy=${!over}>
          ${group ? html`<div class=${`sender hue-${sender.id % 8}`}>${sender.name}</div>` : html`<span class="spoken">${sender.name}: </span>`}
          ${data.builtIn && html`<p class="built-in">${t("built_in")}</p>`}
          ${text && html`<div class="body"><p class="plain">${text}</p></div>`}
          ${!text && html`<p class="answer-state">${!over && html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>`}${wordOf(data)}</p>`}
        </div>
        ${row.askAgain && html`<${AskAgain} conversation=${conversation} seq=${data.trigger} word="try_again" />`}
        ${!over && html`<button class="link stop-answer" type="button" onClick=${() => store.stopAnswer(conversation, row.clientId)}>${t("stop_answer")}</button>`}
      </div>
    </div>
  `;
}

/** What it does, or why it does nothing more. */
function wordOf({ state, step, reason }) {
  if (state === "thinking" && reason === "queued") return t("answer_queued");
  const key = ENDED.has(state) ? `answer_${reason}` : `step_${step}`;
  return t(hasText(key) ? key : ENDED.has(state) ? "answer_attempts" : "answer_thinking");
}
