// What the page knows: the latest picture, the minute before it, and what has happened. Signals for the view.
import { signal } from "@preact/signals";
import { flowsBetween } from "./flow.js";
import { happeningsBetween } from "./happenings.js";
import { History } from "./history.js";
import { isThere, totalsOf } from "./totals.js";

const HAPPENINGS = 30;

export class Scene {
  picture = signal(null);
  link = signal("connecting");
  happenings = signal([]);
  history = new History();
  onFlows = () => {}; // the drawing listens here: dots are no state
  #now;
  #lastKey = 0;

  constructor(now) {
    this.#now = now;
  }

  show(picture) {
    const before = this.picture.value;
    const at = this.#now();
    const news = happeningsBetween(before, picture).map((happening) => ({ ...happening, at, key: ++this.#lastKey }));
    if (news.length) this.happenings.value = [...news.reverse(), ...this.happenings.value].slice(0, HAPPENINGS);
    this.#remember(picture);
    this.picture.value = picture;
    this.onFlows(flowsBetween(before, picture));
  }

  linkChanged(state) {
    this.link.value = state;
  }

  #remember({ nodes }) {
    const { connections, messages, deliveries, publishLag, loopLag } = totalsOf(nodes);
    this.history.add({ connections, messages, deliveries, publishLag, loopLag });
    for (const { life, rates, counters } of nodes.filter(isThere)) {
      this.history.add({ [life]: rates?.deliveries ?? null, [`${life}/gap_reads`]: counters.gap_reads, [`${life}/sweep_finds`]: counters.sweep_finds });
    }
    this.history.forgetUnseen();
  }
}
