// The second wave of modules: fetched right after the first look, and asked for again if that failed.
import { signal } from "@preact/signals";
import { close, dialog, panel } from "./screen.js";
import { toast } from "./toasts.js";
import { t } from "../words/index.js";

const loaded = signal(null);
let asked = null;

/** What second_wave.js exports, or null while it is on its way; a component that reads it is drawn again when it is there. */
export function secondWave() {
  if (loaded.value === null) fetchSecondWave();
  return loaded.value;
}

export function fetchSecondWave() {
  asked ??= import("./second_wave.js").then((wave) => (loaded.value = wave), giveUp);
}

/** The connection broke just then: what was to be opened is closed, with a word, and the next try asks again. */
function giveUp() {
  asked = null;
  if (dialog.value === null && panel.value === null) return;
  panel.value = null;
  close();
  toast(t("notice.disconnected"), "error");
}
