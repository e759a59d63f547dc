// Language, theme, notifications, and the ways to the account's pages.
import { html } from "./html.js";
import { Dialog } from "./dialog.js";
import { page, store } from "./page.js";
import { show } from "./screen.js";
import { chooseLanguage, chooseTheme, theme, THEMES } from "./preferences.js";
import { SignOutForm } from "./signing_out.js";
import { askToNotify, notifying, stopNotifying } from "./notifications.js";
import { LANGUAGES, language, t } from "../words/index.js";

export function Settings() {
  return html`
    <${Dialog} title=${t("settings")}>
      <div class="stack">
        <${Choice} name="language" label=${t("language")} value=${language.value} options=${LANGUAGES} onChoose=${chooseLanguage} />
        <${Choice} name="theme" label=${t("theme")} value=${theme.value} options=${THEMES.map((each) => [each, t(`theme_${each}`)])} onChoose=${chooseTheme} />
        <${Notifications} />
        <nav class="links" aria-label=${t("account")}>
          <a href=${page.urls.devices}>${t("devices")}</a>
          <a href=${page.urls.account}>${t("account")}</a>
          <button type="button" class="link" onClick=${() => show("keys")}>${t("keys")}</button>
          ${page.urls.admin && html`<a href=${page.urls.admin}>${t("administration")}</a>`}
        </nav>
        <${SignOutForm}>
          <button class="button quiet" type="submit">${t("sign_out")}</button>
          <span class="help">${t("signed_in_as", { username: page.user.username })}</span>
        <//>
      </div>
    <//>
  `;
}

function Choice({ name, label, value, options, onChoose }) {
  return html`
    <fieldset class="setting">
      <legend>${label}</legend>
      <div class="choice">
        ${options.map(([key, text]) => html`<label key=${key}><input type="radio" name=${name} value=${key} checked=${key === value} onChange=${() => onChoose(key)} /><span lang=${name === "language" ? key : undefined}>${text}</span></label>`)}
      </div>
    </fieldset>
  `;
}

function Notifications() {
  const state = notifying.value;
  return html`
    <div class="setting">
      <label class="switch"><input type="checkbox" checked=${state === "on"} disabled=${state === "missing" || state === "denied"} onChange=${() => (state === "on" ? stopNotifying() : askToNotify())} /><span>${t("notifications")}</span></label>
      <p class="help">${t(`notifications_${state}`)}</p>
    </div>
  `;
}
