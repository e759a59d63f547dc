// What the people who run the server tell everybody: shown until its time is over, it is taken back, or it is put away here.

import { signal } from "@preact/signals-core";

const CONFIRM_MS = 5_000; // after a welcome it comes again within moments, or it has been taken back meanwhile

export class Announcement {
  shown = signal(null); // {id, text}
  #clock;
  #putAway;
  #endTimer = null;
  #doubtTimer = null;

  /** @param {{clock: object, putAway: {id: string | null}}} parts `clock.now` is the server's time; `putAway.id` outlives the page */
  constructor({ clock, putAway }) {
    this.#clock = clock;
    this.#putAway = putAway;
  }

  hear({ id, text = "", until = "" }) {
    this.#clear(this.#doubtTimer);
    const leftMs = Date.parse(until) - this.#clock.now();
    if (text && leftMs > 0 && id !== this.#putAway.id) this.#show({ id, text }, leftMs);
    else this.#end();
  }

  /** A new connection: what is not said again has been taken back. */
  welcomed() {
    this.#clear(this.#doubtTimer);
    if (this.shown.value) this.#doubtTimer = this.#clock.wait(() => this.#end(), CONFIRM_MS);
  }

  putAway() {
    if (!this.shown.value) return;
    this.#putAway.id = this.shown.value.id;
    this.#end();
  }

  stop() {
    this.#clear(this.#endTimer);
    this.#clear(this.#doubtTimer);
  }

  #show(announcement, leftMs) {
    this.#clear(this.#endTimer);
    const { id, text } = this.shown.value ?? {};
    if (id !== announcement.id || text !== announcement.text) this.shown.value = announcement;
    this.#endTimer = this.#clock.wait(() => this.#end(), leftMs);
  }

  #end() {
    this.stop();
    if (this.shown.value) this.shown.value = null;
  }

  #clear(timer) {
    if (timer !== null) this.#clock.cancel(timer);
  }
}
