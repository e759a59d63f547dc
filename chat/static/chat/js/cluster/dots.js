// Dots on their ways: plain circles that this moves itself, since they are no state of anything.
import { radiusOf, startsOf } from "./flow.js";
import { along } from "./layout.js";

const TRAVEL_MS = 900;
const MOST = 240;
const SVG = "http://www.w3.org/2000/svg";

export class Dots {
  ways = new Map();
  #layer;
  #host;
  #dots = []; // {circle, key, startsAt}
  #frame = null;

  constructor(layer, host) {
    this.#layer = layer;
    this.#host = host;
  }

  /** Have dots travel for what has just flowed. */
  send(flows) {
    const now = this.#host.performance.now();
    const travels = flows.flatMap((flow) => this.#keysOf(flow).map((key) => [flow, key]));
    const share = Math.max(1, Math.floor(MOST / 2 / travels.length)); // of many nodes each is seen to do something
    for (const [flow, key] of travels) this.#add({ ...flow, dots: Math.min(flow.dots, share) }, key, now);
    if (this.#frame === null && this.#dots.length) this.#frame = this.#host.requestAnimationFrame((at) => this.#move(at));
  }

  stop() {
    if (this.#frame !== null) this.#host.cancelAnimationFrame(this.#frame);
    this.#frame = null;
    for (const { circle } of this.#dots) circle.remove();
    this.#dots = [];
  }

  /** A way of its own, or one to each Redis: which shard it was is not counted. */
  #keysOf({ life, way }) {
    const own = `${life}/${way}`;
    return this.ways.has(own) ? [own] : [...this.ways.keys()].filter((key) => key.startsWith(`${own}/`));
  }

  #add(flow, key, now) {
    for (const start of startsOf(flow)) {
      if (this.#dots.length >= MOST) return;
      const circle = this.#host.document.createElementNS(SVG, "circle");
      circle.setAttribute("class", `dot way-${flow.way}`);
      circle.setAttribute("r", String(radiusOf(flow.messages / flow.dots)));
      circle.setAttribute("visibility", "hidden");
      this.#layer.append(circle);
      this.#dots.push({ circle, key, startsAt: now + start });
    }
  }

  #move(now) {
    this.#dots = this.#dots.filter((dot) => this.#place(dot, (now - dot.startsAt) / TRAVEL_MS));
    this.#frame = this.#dots.length ? this.#host.requestAnimationFrame((at) => this.#move(at)) : null;
  }

  #place({ circle, key }, part) {
    const way = this.ways.get(key);
    if (part >= 1 || !way) {
      circle.remove();
      return false;
    }
    if (part >= 0) {
      const { x, y } = along(way, part * part * (3 - 2 * part));
      circle.setAttribute("cx", x.toFixed(1));
      circle.setAttribute("cy", y.toFixed(1));
      circle.setAttribute("visibility", "visible");
    }
    return true;
  }
}
