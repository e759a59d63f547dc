// To the clipboard, also on plain HTTP, where the browser has no clipboard object.
import { t } from "../words/index.js";
import { toast } from "./toasts.js";

export async function copyText(text) {
  const done = (await copyByBrowser(text)) || copyBySelection(text);
  toast(t(done ? "copied" : "copy_failed"), done ? "info" : "error");
}

async function copyByBrowser(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // Forbidden, or missing: navigator.clipboard is undefined outside secure contexts.
  }
}

function copyBySelection(text) {
  const area = document.createElement("textarea");
  const focused = document.activeElement;
  area.value = text;
  area.className = "spoken";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}
