// What everybody is told, and what is wrong right now, why, and what can be done about it: connection first, then storage.
import { html } from "./html.js";
import { Countdown } from "./countdown.js";
import { hasText, t } from "../words/index.js";
import { page, store } from "./page.js";

const SENDS_LATER = new Set(["online", "connecting", "waiting", "offline"]);

export function Banner() {
  const isStored = store.storageState.value === "ok";
  return html`
    <div class="banners" role="status">
      ${store.announcement.value && html`<${Announced} />`}
      ${hasTrouble(store.connection.value) && html`<${ConnectionTrouble} />`}
      ${!isStored && html`<div class="banner warning"><span>${t(`storage_${store.storageState.value}`)}</span></div>`}
    </div>
  `;
}

function Announced() {
  return html`
    <div class="banner announced">
      <span class="banner-text"><strong>${t("announced")}</strong> ${store.announcement.value.text}</span>
      <button class="button small" type="button" onClick=${() => store.putAnnouncementAway()}>${t("put_away")}</button>
    </div>
  `;
}

/** The first connecting is no trouble, and coming back is one until it has come back. */
function hasTrouble({ state, cause, doubt }) {
  return state === "online" ? doubt !== null : state !== "connecting" || cause !== null;
}

function ConnectionTrouble() {
  const { state, cause, doubt, retryAt } = store.connection.value;
  const waiting = store.outboxCount.value;
  const next = waiting > 0 && SENDS_LATER.has(state) ? t("outbox_count", { count: waiting }) : t(hasText(`trouble_${cause}`) ? `trouble_${cause}` : `trouble_${state}`);
  return html`
    <div class=${`banner ${state}`}>
      <span class="banner-text">
        <strong>${whyOf({ state, cause, doubt })}</strong> ${next}
        ${state === "waiting" && retryAt !== null && html` <${Countdown} until=${retryAt} />`}
      </span>
      <${WayOn} state=${state} cause=${cause} />
    </div>
  `;
}

function whyOf({ state, cause, doubt }) {
  if (doubt !== null) return t(`doubt_${doubt}`);
  return cause && hasText(`cause_${cause}`) ? t(`cause_${cause}`) : t(`state_${state}`);
}

function WayOn({ state, cause }) {
  if (cause === "other_user") return html`<a class="button small" href="/">${t("go_on_as_other")}</a>`;
  if (state === "logged_out") return html`<a class="button small" href=${`${page.urls.login}?next=${encodeURIComponent(location.pathname)}`}>${t("log_in")}</a>`;
  return html`<button class="button small" type="button" onClick=${() => store.retryNow()}>${t("retry_now")}</button>`;
}
