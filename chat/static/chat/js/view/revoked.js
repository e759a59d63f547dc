// This device was revoked: nothing of it is left here, and there is one way on.
import { html } from "./html.js";
import { page } from "./page.js";
import { t } from "../words/index.js";

export function Revoked() {
  return html`
    <main class="full-page">
      <div class="card" role="alert">
        <h1>${t("revoked_title")}</h1>
        <p>${t("revoked_text")}</p>
        <p><a class="button main" href=${page.urls.login}>${t("revoked_login")}</a></p>
      </div>
    </main>
  `;
}
