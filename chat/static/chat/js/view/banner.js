// What is wrong right now, why, and what can be done about it: connection first, then storage.
import { html } from "./html.js";
import { Countdown } from "./countdown.js";
import { hasText, t } from "../words/index.js";
import { page, store } from "./page.js";

const SENDS_LATER = new Set(["waiting", "offline"]);

export function Banner() {
  const { state } = store.connection.value;
  const trouble = state === "online" || state === "connecting" ? null : html`<${ConnectionTrouble} key=${state} />`;
  const isStored = store.storageState.value === "ok";
  return html`
    <div class="banners" role="status">
      ${trouble}
      ${!isStored && html`<div class="banner warning"><span>${t(`storage_${store.storageState.value}`)}</span></div>`}
    </div>
  `;
}

function ConnectionTrouble() {
  const { state, cause, retryAt } = store.connection.value;
  const waiting = store.outboxCount.value;
  const why = cause && hasText(`cause_${cause}`) ? t(`cause_${cause}`) : t(`state_${state}`);
  return html`
    <div class=${`banner ${state}`}>
      <span class="banner-text">
        <strong>${why}</strong> ${waiting > 0 && SENDS_LATER.has(state) ? t("outbox_count", { count: waiting }) : t(`trouble_${state}`)}
        ${state === "waiting" && retryAt !== null && html` <${Countdown} until=${retryAt} />`}
      </span>
      ${state === "logged_out"
        ? html`<a class="button small" href=${`${page.urls.login}?next=${encodeURIComponent(location.pathname)}`}>${t("log_in")}</a>`
        : html`<button class="button small" type="button" onClick=${() => store.retryNow()}>${t("retry_now")}</button>`}
    </div>
  `;
}
