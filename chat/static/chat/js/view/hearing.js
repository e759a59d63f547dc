// New messages as one sentence to be read out. No DOM.
import { plainOf } from "./plain.js";
import { systemText } from "./system_text.js";
import { t } from "../words/index.js";

const MOST = 3;
const CHARS = 300;

export function heardOf(rows) {
  if (rows.length > MOST) return t("new_count", { count: rows.length });
  return rows.map((row) => (row.kind === "system" ? systemText(row) : `${row.sender.name}${t("colon")}${plainOf(row.text).slice(0, CHARS)}`)).join(" ");
}
