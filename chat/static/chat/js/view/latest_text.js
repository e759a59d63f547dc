// The second line of a conversation in the list: who is typing, a draft, or the last words.
import { html } from "./html.js";
import { plainOf } from "./plain.js";
import { systemText } from "./system_text.js";
import { typingText } from "./typing_line.js";
import { t } from "../words/index.js";

export function latestText({ typing, draft, lastMessage, kind }) {
  if (typing.length > 0) return html`<span class="is-typing">${typingText(typing)}</span>`;
  if (draft) return html`<span class="is-draft">${t("draft")}</span> ${draft}`;
  if (!lastMessage) return t("no_messages");
  if (lastMessage.deleted) return t("deleted_message");
  if (lastMessage.kind === "system") return systemText({ ...lastMessage, sender: { name: lastMessage.senderName } });
  const who = lastMessage.mine ? t("you") : kind === "group" ? lastMessage.senderName : "";
  const text = plainOf(lastMessage.text);
  return who ? `${who}${t("colon")}${text}` : text;
}
