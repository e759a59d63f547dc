// The cabinet in the browser's IndexedDB: records survive reloads and crashes; every write is one transaction.

import { deleteDB, openDB } from "idb";
import { DRAWERS } from "./drawers.js";

const VERSION = 1;

/** @param {string} name of the database @param {() => void} onEnd when the browser takes it away. Rejects where it is forbidden. */
export async function openCabinet(name, onEnd) {
  const database = await openDB(name, VERSION, {
    upgrade(fresh) {
      for (const [drawer, keyPath] of Object.entries(DRAWERS)) fresh.createObjectStore(drawer, { keyPath });
    },
    blocking: (_current, _wanted, event) => {
      event.target.close(); // another tab deletes or upgrades it: do not stand in the way
      onEnd();
    },
    terminated: onEnd,
  });
  return new IndexedCabinet(name, database);
}

class IndexedCabinet {
  #name;
  #database;

  constructor(name, database) {
    this.#name = name;
    this.#database = database;
  }

  all(drawer) {
    return this.#database.getAll(drawer);
  }

  async write(changes) {
    if (changes.length === 0) return;
    const drawers = [...new Set(changes.map((change) => change.drawer))];
    const transaction = this.#database.transaction(drawers, "readwrite");
    const requests = changes.map(({ drawer, put, remove }) => {
      const store = transaction.objectStore(drawer);
      return put ? store.put(put) : store.delete(remove);
    });
    await Promise.all([...requests, transaction.done]);
  }

  async update(drawer, key, change) {
    const transaction = this.#database.transaction(drawer, "readwrite");
    const changed = change(await transaction.store.get(key));
    await Promise.all([changed === undefined ? undefined : transaction.store.put(changed), transaction.done]);
    return changed;
  }

  async forget() {
    this.#database.close();
    await deleteDB(this.#name);
  }
}
