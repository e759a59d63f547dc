// The cabinet of a browser that keeps nothing, and of tests: the same drawers, in memory.

import { DRAWERS } from "./drawers.js";

export class MemoryCabinet {
  #drawers = Object.fromEntries(Object.keys(DRAWERS).map((name) => [name, new Map()]));

  async all(drawer) {
    const records = [...this.#drawers[drawer]].sort(([one], [other]) => (one < other ? -1 : 1)); // by key, like a database
    return records.map(([, value]) => structuredClone(value));
  }

  /** @param {Array<{drawer: string, put?: object, remove?: unknown}>} changes all of them or none */
  async write(changes) {
    const ready = changes.map(({ drawer, put, remove }) => ({ drawer, put: put && structuredClone(put), remove }));
    for (const { drawer, put, remove } of ready) {
      if (put) this.#drawers[drawer].set(put[DRAWERS[drawer]], put);
      else this.#drawers[drawer].delete(remove);
    }
  }

  /** Change one record in one step: `change` gets it, or undefined, and returns the new one, or undefined to leave it. */
  async update(drawer, key, change) {
    const changed = change(this.#drawers[drawer].get(key));
    if (changed !== undefined) this.#drawers[drawer].set(key, structuredClone(changed));
    return changed;
  }

  async forget() {
    for (const drawer of Object.values(this.#drawers)) drawer.clear();
  }
}
