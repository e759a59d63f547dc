// Signing out forgets what is stored here: first ask, where something was not sent yet.
import { html } from "./html.js";
import { Dialog } from "./dialog.js";
import { page, store } from "./page.js";
import { close, show } from "./screen.js";
import { t } from "../words/index.js";

const unsent = () => store.outboxCount.value + store.failedCount.value;

/** The form of a button that signs out; `deletes`: what is unsent goes with it, and that has been asked. */
export function SignOutForm({ children, deletes = false }) {
  const onSubmit = async (event) => {
    event.preventDefault();
    const form = event.target;
    if (unsent() > 0 && !deletes) return show("sign_out");
    await store.signOutLocally();
    form.submit();
  };
  return html`
    <form method="post" action=${page.urls.logout} onSubmit=${onSubmit}>
      <input type="hidden" name="csrfmiddlewaretoken" value=${page.csrf} />
      ${children}
    </form>
  `;
}

/** Asks; while it does, messages may still be sent, and it says so. */
export function SignOut() {
  const count = unsent();
  return html`
    <${Dialog} title=${t("sign_out_title")} kind="question">
      <p role="status">${count > 0 ? t("sign_out_unsent", { count }) : t("sign_out_sent")}</p>
      <${SignOutForm} deletes=${true}>
        <div class="dialog-actions">
          <button class="button quiet" type="button" autofocus onClick=${close}>${t("stay")}</button>
          <button class=${count > 0 ? "button danger" : "button main"} type="submit">${count > 0 ? t("sign_out_deleting", { count }) : t("sign_out")}</button>
        </div>
      <//>
    <//>
  `;
}
