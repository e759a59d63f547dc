// The cluster in six figures, each with its last minute.
import { html } from "../view/html.js";
import { count, rate, time } from "./format.js";
import { lineThrough } from "./history.js";
import { levelOf } from "./levels.js";
import { totalsOf } from "./totals.js";
import { t } from "./words.js";

const BOX = { width: 120, height: 28 };

export function Tiles({ picture, history }) {
  const totals = totalsOf(picture.nodes);
  return html`
    <dl class="cluster-tiles">
      <${Tile} name="nodes" value=${`${count(totals.open)} / ${count(totals.there)}`} note=${t("nodes_open")} level=${totals.open < totals.there || totals.gone ? "warn" : "good"} />
      <${Tile} name="connections" value=${count(totals.connections)} line=${history.of("connections")} />
      <${Tile} name="messages" value=${rate(totals.messages)} note=${t("per_second")} line=${history.of("messages")} />
      <${Tile} name="deliveries" value=${rate(totals.deliveries)} note=${t("per_second")} line=${history.of("deliveries")} />
      <${Tile} name="publish_lag" value=${time(totals.publishLag)} note=${t("worst")} line=${history.of("publishLag")} level=${levelOf("publish_lag_seconds", totals.publishLag)} />
      <${Tile} name="loop_lag" value=${time(totals.loopLag)} note=${t("worst")} line=${history.of("loopLag")} level=${levelOf("loop_lag_seconds", totals.loopLag)} />
    </dl>
  `;
}

function Tile({ name, value, note, line, level = "good" }) {
  return html`
    <div class=${`cluster-tile is-${level}`}>
      <dt>${t(name)}</dt>
      <dd><b>${value}</b> ${note && html`<small>${note}</small>`}</dd>
      ${line && html`<dd class="cluster-spark" aria-hidden="true"><${Sparkline} values=${line} ...${BOX} /></dd>`}
    </div>
  `;
}

export function Sparkline({ values, width, height }) {
  return html`<svg class="cluster-line" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <path d=${lineThrough(values, { width, height })} /></svg>`;
}
