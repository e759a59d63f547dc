// How the assistant behaves in this conversation: when it speaks, what it does with a second question, what it is asked to heed.
import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { store } from "./page.js";
import { t } from "../words/index.js";

const SPEAKS = ["", "always", "mentioned", "never"];
const POLICIES = ["queue", "interrupt", "steer", "reject"];
const INSTRUCTION_CHARS = 2000;

export function AssistantForm({ conversation }) {
  const [chosen, setChosen] = useState(null);
  const [word, setWord] = useState("");
  useEffect(() => {
    let wanted = true;
    store.assistantOf(conversation.id).then((result) => wanted && result.ok && setChosen(result));
    return () => (wanted = false);
  }, [conversation.id]);
  if (!chosen) return null;
  const isMine = conversation.kind === "direct" || conversation.owner;
  const onSubmit = async (event) => {
    event.preventDefault();
    const { speaks, policy, instructions } = Object.fromEntries(new FormData(event.target));
    const result = await store.chooseAssistant(conversation.id, { speaks, policy, instructions });
    setWord(result.ok ? t("saved") : "");
  };
  return html`
    <form class="assistant-form" onSubmit=${onSubmit}>
      <h3 class="panel-title">${t("assistant")}</h3>
      <fieldset disabled=${!isMine}>
        <${Choice} name="speaks" label=${t("assistant_speaks")} value=${chosen.speaks} options=${SPEAKS} />
        <${Choice} name="policy" label=${t("assistant_policy")} value=${chosen.policy} options=${POLICIES} />
        <label class="labelled"><span>${t("assistant_instructions")}</span>
          <textarea name="instructions" rows="3" maxlength=${INSTRUCTION_CHARS}>${chosen.instructions}</textarea></label>
        ${isMine ? html`<button class="button small" type="submit">${t("save")}</button>` : html`<p class="soft">${t("assistant_owner")}</p>`}
      </fieldset>
      <p role="status" class="soft">${word}</p>
    </form>
  `;
}

function Choice({ name, label, value, options }) {
  return html`
    <label class="labelled"><span>${label}</span>
      <select name=${name}>
        ${options.map((each) => html`<option key=${each} value=${each} selected=${each === value}>${t(`${name}_${each || "default"}`)}</option>`)}
      </select>
    </label>
  `;
}
