// Who is in the conversation; in a group: invite, rename, remove, leave.
import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { AssistantForm } from "./assistant_form.js";
import { InviteForm, RenameForm } from "./group_forms.js";
import { LeaveButton } from "./leave_button.js";
import { Member } from "./member.js";
import { store } from "./page.js";
import { t } from "../words/index.js";

export function MembersPanel({ conversation }) {
  const members = useAllMembers(conversation);
  const isGroup = conversation.kind === "group";
  return html`
    ${isGroup && html`<${RenameForm} conversation=${conversation} />`}
    ${isGroup && html`<${InviteForm} conversation=${conversation} />`}
    <h3 class="panel-title">${t("member_count", { count: conversation.memberCount })}</h3>
    <ul class="member-list">
      ${members.map((member) => html`<${Member} key=${member.id} member=${member} conversation=${conversation} />`)}
    </ul>
    ${members.some((member) => member.program) && html`<${AssistantForm} conversation=${conversation} />`}
    ${isGroup && html`<${LeaveButton} conversation=${conversation} />`}
  `;
}

/** The first fifty are known, those who joined just now by name alone; the rest is asked for. */
function useAllMembers({ id, members, memberCount }) {
  const [asked, setAsked] = useState(null);
  useEffect(() => {
    if (memberCount <= members.length && members.every((member) => member.username)) return setAsked(null);
    let wanted = true;
    store.members(id).then((result) => wanted && result.ok && setAsked(result.members));
    return () => (wanted = false);
  }, [id, memberCount]);
  return [...(asked ?? members)].sort((one, other) => Number(other.online) - Number(one.online) || one.name.localeCompare(other.name));
}
