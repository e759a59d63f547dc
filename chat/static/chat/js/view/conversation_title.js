// What a conversation is called, and which colour it has.
import { page } from "./page.js";
import { t } from "../words/index.js";

export const titleOf = (conversation) => conversation.title || t("untitled");

/** The id that gives its colour: in a direct conversation the other one's, as beside their messages. */
export function hueOf({ id, kind, members }) {
  const other = kind === "direct" ? members.find((member) => member.id !== page.user.id) : undefined;
  return other?.id ?? id;
}
