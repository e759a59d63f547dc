// The drawing: stores above, nodes below them, and below those their devices; dots are messages that have just travelled.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../view/html.js";
import { Dots } from "./dots.js";
import { count, rate } from "./format.js";
import { layoutOf, pathOf } from "./layout.js";
import { isThere, totalsOf } from "./totals.js";
import { t } from "./words.js";

const ONE_LINE = 150; // a narrower box has its figures in two
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function Drawing({ scene }) {
  const place = useRef(null);
  const layer = useRef(null);
  const dots = useRef(null);
  const [width, setWidth] = useState(0);
  const [isMoving, setMoving] = useState(!calm.matches);
  const picture = scene.picture.value;
  const names = storesOf(picture);
  const lives = new Set(picture.nodes.filter(isThere).map(({ life }) => life));
  const layout = layoutOf({ width, nodes: picture.nodes, stores: names.map(({ key }) => key) });

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => setWidth(Math.floor(contentRect.width)));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const follow = () => setMoving(!calm.matches);
    calm.addEventListener("change", follow);
    return () => calm.removeEventListener("change", follow);
  }, []);
  useEffect(() => {
    dots.current = new Dots(layer.current, globalThis);
    return () => dots.current.stop();
  }, [width === 0]);
  useEffect(() => {
    scene.onFlows = (flows) => isMoving && !document.hidden && dots.current?.send(flows);
    if (!isMoving) dots.current?.stop();
    return () => (scene.onFlows = () => {});
  }, [isMoving]);
  if (dots.current) dots.current.ways = layout.ways;

  return html`
    <section class="cluster-part" aria-labelledby="cluster-drawing">
      <div class="cluster-head">
        <h2 id="cluster-drawing">${t("drawing")}</h2>
        <button type="button" class="button cluster-button is-quiet" aria-pressed=${!isMoving} onClick=${() => setMoving(!isMoving)}>${t(isMoving ? "pause" : "move")}</button>
      </div>
      <div class="cluster-scroll" ref=${place} tabindex="0" role="group" aria-labelledby="cluster-drawing">
        ${width > 0 && html`<svg class="cluster-drawing" role="img" aria-labelledby="cluster-drawing cluster-drawing-text" viewBox=${`0 0 ${layout.width} ${layout.height}`} width=${layout.width} height=${layout.height}>
          <desc id="cluster-drawing-text">${describe(picture)}</desc>
          <g class="cluster-ways">${[...layout.ways].filter(([key]) => lives.has(key.split("/")[0])).map(([key, way]) => html`<path key=${key} class=${`way-${key.split("/")[1]}`} d=${pathOf(way)} />`)}</g>
          <g ref=${layer} class="cluster-dots"></g>
          ${layout.stores.map((place, index) => html`<${StoreBox} key=${place.key} place=${place} ...${names[index]} />`)}
          ${layout.nodes.map((place, index) => html`<${NodeBox} key=${place.life} place=${place} node=${picture.nodes[index]} />`)}
        </svg>`}
      </div>
      <ul class="cluster-legend" aria-label=${t("legend")}>
        <li class="way-up">${t("way_up")}</li><li class="way-store">${t("way_store")}</li><li class="way-out">${t("way_out")}</li><li class="way-down">${t("way_down")}</li>
      </ul>
      <p class="cluster-help">${t("dots_help")}</p>
    </section>
  `;
}

function storesOf({ redis = [], database }) {
  const first = { key: "database", title: database?.kind ?? t("database"), isUp: database?.up ?? true, note: t("keeps") };
  return [first, ...redis.map(({ address, up, commands_per_second }) => ({ key: address, title: "Redis", isUp: up, note: up ? t("commands_rate", { n: count(commands_per_second) }) : t("store_is_down") }))];
}

function StoreBox({ place, title, isUp, note }) {
  return html`
    <g class=${`cluster-storebox ${isUp ? "is-open" : "is-gone"}`}>
      <rect x=${place.x} y=${place.y} width=${place.width} height=${place.height} rx="27" />
      <text x=${place.middle} y=${place.y + 24} class="is-title">${title}</text>
      <text x=${place.middle} y=${place.y + 41}>${isUp ? note : t("store_is_down")}</text>
    </g>
  `;
}

function NodeBox({ place, node }) {
  const there = isThere(node);
  const lines = there && node.rates ? figuresOf(node.rates, place.width) : [t(`state_${node.state}`)];
  const below = (place.devices.at(-1)?.y ?? place.y + 132) + 22;
  return html`
    <g class=${`cluster-nodebox is-${node.state}`}>
      <rect x=${place.x} y=${place.y} width=${place.width} height=${place.height} rx="10" />
      <text x=${place.middle} y=${place.y + (lines.length > 1 ? 21 : 25)} class="is-title">${shortened(node.name, place.width)}</text>
      ${lines.map((line, index) => html`<text key=${index} x=${place.middle} y=${place.y + (lines.length > 1 ? 39 : 45) + 15 * index}>${line}</text>`)}
      ${there && place.devices.map(({ x, y }, index) => html`<circle key=${index} class="cluster-device" cx=${x} cy=${y} r="4" />`)}
      ${there && html`<text x=${place.middle} y=${below} class="is-count">${place.width >= ONE_LINE ? t("connections_n", { n: count(node.connections) }) : count(node.connections)}</text>`}
    </g>
  `;
}

function figuresOf({ messages, deliveries }, width) {
  if (width >= ONE_LINE) return [t("node_rates", { messages: rate(messages), deliveries: rate(deliveries) })];
  return [t("node_in", { n: rate(messages) }), t("node_out", { n: rate(deliveries) })];
}

const shortened = (name, width) => (name.length * 8.5 > width ? `${name.slice(0, Math.max(3, Math.floor(width / 8.5) - 1))}…` : name);

/** The drawing in words. */
function describe({ nodes }) {
  const totals = totalsOf(nodes);
  const whole = t("drawing_text", { nodes: totals.there, open: totals.open, connections: count(totals.connections), messages: rate(totals.messages), deliveries: rate(totals.deliveries) });
  return [whole, ...nodes.map((node) => t("drawing_node", { node: node.name, state: t(`state_${node.state}`), connections: count(node.connections) }))].join(" ");
}
