// Language and theme: seen at once, and kept by the server for all devices and for the next page.
import { signal } from "@preact/signals";
import { page, store } from "./page.js";
import { language, speak, t } from "../words/index.js";
import { toast } from "./toasts.js";

export const THEMES = ["system", "light", "dark"];
export const theme = signal("system");

export function chooseTheme(name) {
  showTheme(name);
  keep({ theme: name });
}

export async function chooseLanguage(code) {
  await showLanguage(code);
  keep({ language: code });
}

/** Call once: what is chosen on another device is seen here, too. */
export function followPreferences() {
  const unsaid = store.preferences.peek();
  return store.preferences.subscribe((chosen) => {
    if (chosen === unsaid) return;
    showTheme(chosen.theme ?? "system");
    if (chosen.language) showLanguage(chosen.language);
  });
}

function showTheme(name) {
  theme.value = name;
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}

async function showLanguage(code) {
  await speak(code);
  document.documentElement.lang = language.value;
}

async function keep(chosen) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": page.csrf };
  try {
    const response = await fetch(page.urls.preferences, { method: "POST", headers, body: JSON.stringify(chosen) });
    if (response.ok) return;
  } catch {
    // Offline; what is said below holds for it as well.
  }
  toast(t("preference_not_kept"), "error");
}
