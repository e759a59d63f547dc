// One member: name, presence, role; a way to talk alone, and for owners a way out.
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icon.js";
import { reasonOf } from "./acting.js";
import { go } from "./address.js";
import { page, store } from "./page.js";
import { toast } from "./toasts.js";
import { t } from "../words/index.js";

export function Member({ member, conversation }) {
  const isMe = member.id === page.user.id;
  const isGroup = conversation.kind === "group";
  const talk = async () => {
    const result = await store.create({ kind: "direct", members: [member.username] });
    if (result.ok) go(result.conversation);
    else toast(reasonOf(result.code), "error");
  };
  return html`
    <li class="member">
      <${Avatar} name=${member.name} id=${member.id} online=${member.online} />
      <div class="member-text">
        <span class="member-name">${member.name}${isMe && html` <span class="soft">(${t("you")})</span>`}</span>
        <span class="soft">@${member.username}${member.role === "owner" && ` · ${t("owner")}`}${member.program && ` · ${t("assistant")}`}${member.builtIn && ` · ${t("built_in")}`}<span class="spoken"> ${t(member.online ? "online" : "away")}</span></span>
      </div>
      ${!isMe && isGroup && html`<button class="icon-button" type="button" title=${t("talk_to", { name: member.name })} aria-label=${t("talk_to", { name: member.name })} onClick=${talk}><${Icon} name="send" /></button>`}
      ${!isMe && isGroup && conversation.owner && html`<button class="icon-button danger" type="button" title=${t("remove_member", { name: member.name })} aria-label=${t("remove_member", { name: member.name })} onClick=${() => store.removeMember(conversation.id, member.id)}><${Icon} name="bin" /></button>`}
    </li>
  `;
}
