// What a conversation is called.
import { t } from "../words/index.js";

export const titleOf = (conversation) => conversation.title || t("untitled");

/** The other one of a direct conversation; undefined for groups, or when that one has gone. */
export const otherOf = (conversation, me) =>
  conversation.kind === "direct" ? conversation.members.find((member) => member.id !== me) : undefined;
