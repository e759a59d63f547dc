// What the user may know about the connection: where it leads, how fast it is, how far it got, and where it led before.

import { signal } from "@preact/signals-core";

const LOG_LINES = 50;

export class ConnectionInfo {
  shown;
  #clock;

  constructor(clock, { deviceId, status }) {
    this.#clock = clock;
    const unknown = { node: null, lastSyncAt: null, cursor: 0, head: 0, nodeLog: [] };
    this.shown = signal({ ...unknown, deviceId, ...status });
  }

  changed(status) {
    this.#set(status);
  }

  opened(node, cause) {
    const { nodeLog } = this.shown.value;
    const why = cause ?? (nodeLog.length ? "asked" : "start");
    this.#set({ node, nodeLog: [...nodeLog, { at: this.#clock.now(), node, why }].slice(-LOG_LINES) });
  }

  /** Positions held and positions there are, over all conversations. */
  reached(cursor, head) {
    const { shown } = this;
    if (shown.value.cursor === cursor && shown.value.head === head) return;
    this.#set({ cursor, head, lastSyncAt: cursor === head ? this.#clock.now() : shown.value.lastSyncAt });
  }

  /** The node says that nothing is missing. */
  confirmed() {
    this.#set({ lastSyncAt: this.#clock.now() });
  }

  #set(news) {
    const before = this.shown.value;
    const isNews = Object.keys(news).some((key) => before[key] !== news[key]);
    if (isNews) this.shown.value = { ...before, ...news };
  }
}
