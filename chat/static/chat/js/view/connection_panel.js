// About this connection: which node, how fast, how far, and which nodes it has been on.
import { useEffect } from "preact/hooks";
import { html } from "./html.js";
import { store } from "./page.js";
import { preciseOf } from "./time.js";
import { hasText, t } from "../words/index.js";
import { titleOf } from "./conversation_title.js";

const MEASURED_EVERY_MS = 3000;

export function ConnectionPanel({ conversation }) {
  useEffect(() => {
    store.measure();
    const timer = setInterval(() => store.measure(), MEASURED_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { state, cause, node, deviceId, latencyMs, lastSyncAt, cursor, head, nodeLog } = store.connection.value;
  return html`
    <dl class="facts">
      <${Fact} name=${t("state")}><span class=${`lamp ${state}`} aria-hidden="true"></span>${t(`state_${state}`)}${cause && hasText(`cause_${cause}`) && html`<span class="soft"> · ${t(`cause_${cause}`)}</span>`}<//>
      <${Fact} name=${t("node")}><strong>${node ?? "—"}</strong><//>
      <${Fact} name=${t("latency")}>${latencyMs === null ? "—" : t("milliseconds", { count: Math.round(latencyMs * 10) / 10 })}<//>
      <${Fact} name=${t("all_positions")}><${Progress} cursor=${cursor} head=${head} /><//>
      ${conversation && html`<${Fact} name=${titleOf(conversation)}><${Progress} cursor=${conversation.cursor} head=${conversation.head} /><//>`}
      <${Fact} name=${t("last_sync")}>${lastSyncAt === null ? "—" : preciseOf(lastSyncAt)}<//>
      <${Fact} name=${t("outbox")}>${store.outboxCount.value}<//>
      <${Fact} name=${t("storage")}>${t(`storage_is_${store.storageState.value}`)}<//>
      <${Fact} name=${t("this_device")}><code>${deviceId ?? "—"}</code><//>
    </dl>
    ${state !== "online" && html`<button class="button small" type="button" onClick=${() => store.retryNow()}>${t("retry_now")}</button>`}
    <h3 class="panel-title">${t("node_log")}</h3>
    <ol class="node-log">
      ${nodeLog.toReversed().map((each) => html`<li key=${each.at}><time>${preciseOf(each.at)}</time><strong>${each.node}</strong><span class="soft">${hasText(`cause_${each.why}`) ? t(`cause_${each.why}`) : each.why}</span></li>`)}
    </ol>
  `;
}

function Fact({ name, children }) {
  return html`<div><dt>${name}</dt><dd>${children}</dd></div>`;
}

function Progress({ cursor, head }) {
  const behind = Math.max(0, head - cursor);
  return html`<span>${cursor} / ${head}</span> <span class=${behind ? "behind" : "level"}>${behind ? t("behind", { count: behind }) : t("level")}</span>`;
}
