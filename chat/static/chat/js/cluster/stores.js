// Redis and the database: what they are, how fast they answer, and what should be mended.
import { html } from "../view/html.js";
import { bytes, count, duration, time } from "./format.js";
import { levelOf } from "./levels.js";
import { t } from "./words.js";

export function Stores({ picture }) {
  const { redis = [], database } = picture;
  if (!database) return null;
  return html`
    <section class="cluster-part" aria-labelledby="cluster-stores">
      <h2 id="cluster-stores">${t("stores")}</h2>
      <div class="cluster-stores">
        <${Store} title=${database.kind ?? t("database")} state=${database} facts=${factsOfDatabase(database)} />
        ${redis.map((each) => html`<${Store} key=${each.address} title="Redis" address=${each.address} state=${each} facts=${factsOfRedis(each)} />`)}
        ${redis.length === 0 && html`<div class="cluster-store"><h3>Redis</h3><p class="cluster-help">${t("no_redis")}</p></div>`}
      </div>
    </section>
  `;
}

function Store({ title, address, state, facts }) {
  const level = state.up ? levelOf("latency_seconds", state.latency_seconds) : "bad";
  return html`
    <article class=${`cluster-store is-${level}`} data-store=${title}>
      <h3>${title} ${state.version && html`<small>${state.version}</small>`} <span class=${`cluster-state is-${state.up ? "open" : "gone"}`}>${t(state.up ? "store_is_up" : "store_is_down")}</span></h3>
      ${address && html`<p class="cluster-address">${address}</p>`}
      ${!state.up && html`<p class="cluster-failure">${state.reason}</p>`}
      ${state.up && html`<dl class="cluster-facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${t(name)}</dt><dd>${value}</dd></div>`)}</dl>`}
      ${(state.warnings ?? []).map((warning) => html`<p key=${warning} class="cluster-warning"><span aria-hidden="true">△</span> ${t(`warning_${warning}`)}</p>`)}
    </article>
  `;
}

function factsOfRedis({ latency_seconds, memory_bytes, limit_bytes, append_only, saved_seconds_ago, unsaved_changes, clients, commands_per_second, uptime }) {
  const saved = saved_seconds_ago === null ? "–" : t("ago", { time: duration(saved_seconds_ago) });
  return [
    ["latency", time(latency_seconds)],
    ["memory", limit_bytes ? t("of", { part: bytes(memory_bytes), whole: bytes(limit_bytes) }) : bytes(memory_bytes)],
    ["persistence", append_only ? t("append_only") : t("snapshots", { saved, changes: count(unsaved_changes) })],
    ["commands", count(commands_per_second)],
    ["clients", count(clients)],
    ["uptime", duration(uptime)],
  ];
}

function factsOfDatabase({ latency_seconds, size_bytes, log_bytes, persistence, connections, most_connections }) {
  return [
    ["latency", time(latency_seconds)],
    ["size", bytes(size_bytes)],
    log_bytes !== undefined && ["write_ahead_log", bytes(log_bytes)],
    connections !== undefined && ["clients", t("of", { part: count(connections), whole: count(most_connections) })],
    ["persistence", persistence],
  ].filter(Boolean);
}
