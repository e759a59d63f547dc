// What has happened to a conversation, in words.
import { page } from "./page.js";
import { t } from "../words/index.js";

export function systemText(row) {
  const { action, title, user, name } = row.data ?? {};
  const values = { who: row.sender.name, name, title };
  if (action === "joined" && user === row.sender.id) return t("system_joined_self", values);
  if (action === "joined" && user === page.user.id) return t("system_joined_you", values);
  if (action === "removed" && user === page.user.id) return t("system_removed_you", values);
  if (action === "created" && !title) return t("system_created_direct", values);
  return ["created", "renamed", "joined", "left", "removed"].includes(action) ? t(`system_${action}`, values) : t("system_other", values);
}
