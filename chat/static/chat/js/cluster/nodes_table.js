// The nodes, one in a row; on a phone each row becomes a card. What is wrong is said by a sign as well as by a colour.
import { html } from "../view/html.js";
import { bytes, count, duration, percent, rate, time } from "./format.js";
import { levelOf } from "./levels.js";
import { orderQuestion } from "./orders.js";
import { partName } from "./standing.js";
import { Sparkline } from "./tiles.js";
import { isLastOpen, isThere } from "./totals.js";
import { t } from "./words.js";

const GROWN = Symbol("a counter that is worth a look when it has just grown");

/** [heading, the figure of a node, how it is written, the name of its levels] */
const COLUMNS = [
  ["connections", (node) => node.connections, count],
  ["messages_short", (node) => node.rates?.messages, rate],
  ["deliveries_short", (node) => node.rates?.deliveries, rate],
  ["post_time", (node) => node.rates?.post_seconds, time, "post_seconds"],
  ["publish_lag", (node) => node.publish_lag_seconds, time, "publish_lag_seconds"],
  ["redis_time", (node) => node.redis_seconds, time, "redis_seconds"],
  ["gap_reads", (node) => node.counters.gap_reads, count, GROWN],
  ["sweep_finds", (node) => node.counters.sweep_finds, count, GROWN],
  ["loop_lag", (node) => node.loop_lag_seconds, time, "loop_lag_seconds"],
  ["cpu", (node) => node.rates?.cpu, percent],
  ["memory", (node) => node.memory_bytes, bytes],
];

export function NodesTable({ picture, history, page, ask }) {
  const { nodes } = picture;
  return html`
    <section class="cluster-part" aria-labelledby="cluster-nodes">
      <h2 id="cluster-nodes">${t("nodes")}</h2>
      <div class="cluster-scroll" tabindex="0" role="group" aria-labelledby="cluster-nodes">
        <table class="cluster-table">
          <thead><tr>
            <th scope="col">${t("node")}</th>
            <th scope="col">${t("state")}</th>
            ${COLUMNS.map(([name]) => html`<th scope="col" class="is-number" key=${name} title=${t(`${name}_help`)}>${t(name)}</th>`)}
            ${page.may_order && html`<th scope="col"><span class="visually-hidden">${t("action")}</span></th>`}
          </tr></thead>
          <tbody>${nodes.map((node) => html`<${NodeRow} key=${node.life} node=${node} nodes=${nodes} history=${history} page=${page} ask=${ask} />`)}</tbody>
        </table>
      </div>
    </section>
  `;
}

function NodeRow({ node, nodes, history, page, ask }) {
  return html`
    <tr class=${`is-${node.state}`} data-node=${node.name}>
      <th scope="row"><b>${node.name}</b><small>${node.version}${isThere(node) && ` · ${t("up_for", { time: duration(node.uptime) })}`}</small>
        ${isThere(node) && html`<${Sparkline} values=${history.of(node.life)} width=${96} height=${16} />`}</th>
      <td data-label=${t("state")}><${State} node=${node} /></td>
      ${COLUMNS.map(([name, figure, write, levels]) => html`<td key=${name} class="is-number" data-label=${t(name)} data-figure=${name}>
        ${levels === GROWN ? html`<${Counter} value=${isThere(node) ? figure(node) : null} grown=${isThere(node) ? history.grownOf(`${node.life}/${name}`) : 0} />` : html`<${Figure} value=${isThere(node) ? figure(node) : null} write=${write} levels=${levels} />`}</td>`)}
      ${page.may_order && html`<td class="cluster-act"><${OrderButton} node=${node} nodes=${nodes} page=${page} ask=${ask} /></td>`}
    </tr>
  `;
}

function Figure({ value, write, levels }) {
  const level = levels ? levelOf(levels, value) : "good";
  if (level === "good") return write(value);
  return html`<span class=${`cluster-level is-${level}`}><span aria-hidden="true">${level === "bad" ? "▲" : "△"}</span> ${write(value)}<span class="visually-hidden"> (${t(`level_${level}`)})</span></span>`;
}

function Counter({ value, grown }) {
  if (grown <= 0) return count(value);
  return html`<span class="cluster-level is-warn"><span aria-hidden="true">△</span> ${count(value)} <small>${t("grown", { n: count(grown) })}</small></span>`;
}

function State({ node }) {
  return html`
    <span class=${`cluster-state is-${node.state}`}>${t(`state_${node.state}`)}</span>
    ${node.state === "gone" && html`<small>${t("ago", { time: duration(node.age) })}</small>`}
    ${isThere(node) && node.degraded.map((part) => html`<small key=${part} class="cluster-degraded">${partName(part)}</small>`)}
  `;
}

function OrderButton({ node, nodes, page, ask }) {
  if (node.state !== "open" && node.state !== "drained") return null;
  const what = node.state === "open" ? "drain" : "undrain";
  const isLast = what === "drain" && isLastOpen(node, nodes);
  const open = (event) => ask({ ...orderQuestion(node, what, page), opener: event.currentTarget });
  return html`<button type="button" class="button cluster-button" disabled=${isLast} title=${isLast ? t("last_open") : ""} onClick=${open}
    aria-label=${t(`${what}_node`, { node: node.name })}>${t(what)}</button>`;
}
