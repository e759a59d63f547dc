// What this device keeps for one user: its id, the outbox, and conversations with their cursors; in memory where the browser forbids more.

import { MemoryCabinet } from "./cabinet_memory.js";
import { Journal } from "./journal.js";

const OPEN_MS = 3_000; // a database that another tab blocks must not keep the page from starting
const WRITE_MS = 5_000;

/**
 * Never rejects. `state` of the result says how well things are kept: "ok", "memory" (until the page closes) or "full".
 * @param {{indexedDB?: IDBFactory, webStorage?: Storage, userId: number, clock: object, randomId: () => string,
 *   openCabinet?: (name: string, onEnd: () => void) => Promise<object>}} parts
 * @returns {Promise<Storage>}
 */
export async function openStorage({ indexedDB, webStorage, userId, clock, randomId, openCabinet }) {
  const storage = new Storage(clock, new Journal(webStorage, `distchat-${userId}`));
  const open = openCabinet ?? (indexedDB && (await import("./cabinet_indexeddb.js")).openCabinet);
  if (open) await storage.use(() => open(`distchat-${userId}`, () => storage.lose()));
  await storage.identify(randomId);
  return storage;
}

/** For tests and programs: keeps everything in `cabinet`. */
export async function storageIn(cabinet, { clock, randomId, webStorage }) {
  return openStorage({ userId: 0, clock, randomId, webStorage, openCabinet: async () => cabinet });
}

/** At once, and until the page closes. */
export function memoryStorage({ clock, randomId }) {
  const storage = new Storage(clock, new Journal(undefined, ""));
  storage.deviceId = randomId();
  return storage;
}

class Storage {
  #clock;
  #journal;
  #cabinet = new MemoryCabinet();
  #state = "memory";
  #onState = () => {};
  deviceId = "";

  constructor(clock, journal) {
    this.#clock = clock;
    this.#journal = journal;
  }

  get state() {
    return this.#state;
  }

  listen(onState) {
    this.#onState = onState;
  }

  async use(open) {
    try {
      this.#cabinet = await this.#inTime(open(), OPEN_MS);
      this.#become("ok");
    } catch {
      this.#become("memory"); // whatever the browser's reason is, the answer is the same
    }
  }

  /** The browser took the database away: go on without. */
  lose() {
    this.#cabinet = new MemoryCabinet();
    this.#become("memory");
  }

  /** Two tabs that start together agree on one id. */
  async identify(randomId) {
    const fresh = { key: "device", value: randomId() };
    const keep = () => this.#inTime(this.#cabinet.update("keys", "device", (held) => held ?? fresh), OPEN_MS);
    try {
      this.deviceId = (await keep()).value;
    } catch {
      this.lose();
      this.deviceId = (await keep()).value;
    }
  }

  conversations() {
    return this.#read("conversations");
  }

  /** What is unsent, with what was written so late that only the journal has it. */
  async outbox() {
    const kept = await this.#read("outbox");
    const known = new Set(kept.map((message) => message.clientId));
    const late = this.#journal.all().filter((message) => !known.has(message.clientId));
    for (const message of late) this.putOutgoing(message);
    return [...kept, ...late];
  }

  /** In one transaction: a cursor is never kept without the messages that it covers. */
  async saveConversations(records, leftIds = []) {
    const puts = records.map((put) => ({ drawer: "conversations", put }));
    await this.#write([...puts, ...leftIds.map((remove) => ({ drawer: "conversations", remove }))]);
  }

  /** @returns {Promise<boolean>} whether it is safe now */
  async putOutgoing(message) {
    this.#journal.keep(message);
    const isSafe = await this.#write([{ drawer: "outbox", put: message }]);
    if (isSafe) this.#journal.drop(message.clientId);
    return isSafe;
  }

  removeOutgoing(clientId) {
    this.#journal.drop(clientId);
    return this.#write([{ drawer: "outbox", remove: clientId }]);
  }

  /** Take over a message of a tab that is gone; undefined when it is not there any more or another tab was faster. */
  async adoptOutgoing(clientId, { from, to }) {
    const change = (held) => (held?.tab === from ? { ...held, tab: to } : undefined);
    try {
      return await this.#inTime(this.#cabinet.update("outbox", clientId, change), WRITE_MS);
    } catch {
      return undefined;
    }
  }

  /** Everything of this user on this device. */
  async forget() {
    this.#journal.forget();
    try {
      await this.#inTime(this.#cabinet.forget(), WRITE_MS);
    } catch {
      // nothing more can be done from here
    }
    this.lose();
  }

  async #read(drawer) {
    try {
      return await this.#inTime(this.#cabinet.all(drawer), OPEN_MS);
    } catch {
      this.lose();
      return [];
    }
  }

  async #write(changes) {
    try {
      await this.#inTime(this.#cabinet.write(changes), WRITE_MS);
      if (this.#state === "full") this.#become("ok");
      return this.#state === "ok";
    } catch (error) {
      if (error?.name === "QuotaExceededError") this.#become("full");
      else this.lose();
      return false;
    }
  }

  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#onState(state);
  }

  #inTime(promise, ms) {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.wait(() => reject(new Error("The storage does not answer.")), ms);
      const ended = (settle) => (value) => {
        this.#clock.cancel(timer);
        settle(value);
      };
      Promise.resolve(promise).then(ended(resolve), ended(reject));
    });
  }
}
