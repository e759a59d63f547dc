// A new conversation: with one person, or a group with a title.
import { useState } from "preact/hooks";
import { html } from "./html.js";
import { Dialog } from "./dialog.js";
import { reasonOf } from "./acting.js";
import { go } from "./address.js";
import { store } from "./page.js";
import { usernamesIn } from "./usernames.js";
import { t } from "../words/index.js";

export function NewConversation() {
  const [kind, setKind] = useState("direct");
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const isGroup = kind === "group";

  const create = async (event) => {
    event.preventDefault();
    const members = usernamesIn(event.target.members.value);
    const title = isGroup ? event.target.groupTitle.value.trim() : undefined;
    if (members.length === 0) return setProblem(t("name_someone"));
    if (!isGroup && members.length > 1) return setProblem(t("one_person"));
    if (isGroup && !title) return setProblem(t("name_group"));
    setBusy(true);
    const result = await store.create({ kind, title, members });
    setBusy(false);
    if (!result.ok) return setProblem(result.code === "not_found" ? t("no_such_user") : reasonOf(result.code));
    go(result.conversation);
  };

  return html`
    <${Dialog} title=${t("new_conversation")}>
      <form class="stack" onSubmit=${create}>
        <fieldset class="choice">
          <legend class="spoken">${t("kind")}</legend>
          ${["direct", "group"].map(
            (each) => html`<label key=${each}><input type="radio" name="kind" value=${each} checked=${kind === each} onChange=${() => setKind(each)} /><span>${t(`kind_${each}`)}</span></label>`,
          )}
        </fieldset>
        ${isGroup && html`<label class="labelled"><span>${t("title")}</span><input name="groupTitle" maxlength="120" autocomplete="off" /></label>`}
        <label class="labelled">
          <span>${t(isGroup ? "usernames" : "username")}</span>
          <input name="members" autocomplete="off" autocapitalize="none" spellcheck=${false} autofocus aria-describedby="members-help" />
        </label>
        <p class="help" id="members-help">${t(isGroup ? "usernames_help" : "username_help")}</p>
        ${problem && html`<p class="problem" role="alert">${problem}</p>`}
        <div class="dialog-actions"><button class="button main" type="submit" disabled=${busy}>${t(busy ? "creating" : "create")}</button></div>
      </form>
    <//>
  `;
}
