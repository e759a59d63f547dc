// The head of the open conversation: its name, who is there, and what can be done with it.
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icon.js";
import { goBack } from "./address.js";
import { hueOf, titleOf } from "./conversation_title.js";
import { page, store } from "./page.js";
import { panel, togglePanel } from "./screen.js";
import { t } from "../words/index.js";

export function ConversationHead({ conversation }) {
  const { id, kind, muted } = conversation;
  const others = store.totalUnread.value;
  return html`
    <header class="pane-head">
      <button class="icon-button back" type="button" title=${t("back")} onClick=${goBack}><${Icon} name="back" /><span class="spoken">${t("back")}</span>${others > 0 && html`<span class="back-count">${others}</span>`}</button>
      <${Avatar} name=${titleOf(conversation)} id=${hueOf(conversation)} kind=${kind} online=${kind === "direct" && conversation.online} />
      <div class="pane-title">
        <h1>${titleOf(conversation)}</h1>
        <p>${presenceText(conversation)}</p>
      </div>
      <${Toggle} icon=${muted ? "mute" : "bell"} label=${t(muted ? "unmute" : "mute")} pressed=${muted} onClick=${() => store.mute(id, !muted)} />
      <${Toggle} icon="signal" label=${t("about_connection")} pressed=${panel.value === "connection"} onClick=${() => togglePanel("connection")} wide=${true} />
      <${Toggle} icon="people" label=${t("members")} pressed=${panel.value === "members"} onClick=${() => togglePanel("members")} />
    </header>
  `;
}

function Toggle({ icon, label, pressed, onClick, wide = false }) {
  return html`<button class=${wide ? "icon-button only-wide" : "icon-button"} type="button" title=${label} aria-label=${label} aria-pressed=${pressed} onClick=${onClick}><${Icon} name=${icon} /></button>`;
}

function presenceText({ kind, members: people, online, onlineCount, memberCount }) {
  if (kind === "direct" && store.connection.value.state !== "online") return usernameOf(people);
  if (kind === "direct") return t(online ? "online" : "away");
  const members = t("member_count", { count: memberCount });
  return onlineCount > 0 ? `${members} · ${t("online_count", { count: onlineCount })}` : members;
}

function usernameOf(people) {
  const other = people.find((each) => each.id !== page.user.id);
  return other ? `@${other.username}` : "";
}
