// Signing out forgets what is stored here: first ask, where something was not sent yet.
import { store } from "./page.js";
import { t } from "../words/index.js";

/** The submit handler of the form that signs out. */
export async function signOut(event) {
  event.preventDefault();
  const form = event.target;
  const unsent = store.outboxCount.value + store.failedCount.value;
  if (unsent > 0 && !confirm(t("sign_out_unsent", { count: unsent }))) return;
  await store.signOutLocally();
  form.submit();
}
