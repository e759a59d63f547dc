// The two small forms of a group: another title, more members.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";
import { reasonOf } from "./acting.js";
import { store } from "./page.js";
import { usernamesIn } from "./usernames.js";
import { t } from "../words/index.js";

export function RenameForm({ conversation }) {
  return html`<${OneField} label=${t("title")} button=${t("rename")} value=${conversation.title} maxlength="120"
    send=${(text) => (text.trim() && text.trim() !== conversation.title ? store.rename(conversation.id, text.trim()) : null)} />`;
}

export function InviteForm({ conversation }) {
  const send = (text) => (usernamesIn(text).length ? store.invite(conversation.id, usernamesIn(text)) : null);
  return html`<${OneField} label=${t("invite_label")} button=${t("invite")} value="" clears=${true} send=${send} missing=${t("no_such_user")} />`;
}

function OneField({ label, button, value, send, maxlength, missing, clears = false }) {
  const [problem, setProblem] = useState(null);
  const place = useRef(null);
  const shown = useRef("");
  // Not as an attribute: that is written again whenever anything of the conversation changes. And at once, before
  // anybody can type; what has been typed is never written over, not even by somebody else's new title.
  useLayoutEffect(() => {
    const field = place.current;
    if (field.value === shown.current) field.value = value;
    if (field.value === value) shown.current = value;
  }, [value]);
  const onSubmit = async (event) => {
    event.preventDefault();
    const field = event.target.field;
    const result = await send(field.value);
    if (result === null) return;
    setProblem(result.ok ? null : result.code === "not_found" && missing ? missing : reasonOf(result.code));
    if (result.ok && clears) field.value = "";
  };
  return html`
    <form class="one-field" onSubmit=${onSubmit}>
      <label class="labelled"><span>${label}</span><input ref=${place} name="field" maxlength=${maxlength} autocomplete="off" autocapitalize=${clears ? "none" : undefined} /></label>
      <button class="button small" type="submit">${button}</button>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    </form>
  `;
}
