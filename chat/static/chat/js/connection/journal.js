// A message in the moment in which it is written: the database needs some milliseconds, which a reload may not leave it.

/** Kept at once, until the database has it. Where Web Storage is missing or full it keeps nothing. */
export class Journal {
  #store;
  #prefix;

  /** @param {Storage | undefined} store Web Storage, shared by the tabs of a browser */
  constructor(store, name) {
    this.#store = store;
    this.#prefix = `${name}:`;
  }

  keep(message) {
    this.#try((store) => store.setItem(this.#prefix + message.clientId, JSON.stringify(message)));
  }

  drop(clientId) {
    this.#try((store) => store.removeItem(this.#prefix + clientId));
  }

  all() {
    return this.#try((store) => this.#keys(store).map((key) => readable(store.getItem(key))).filter(Boolean)) ?? [];
  }

  forget() {
    this.#try((store) => this.#keys(store).forEach((key) => store.removeItem(key)));
  }

  #keys(store) {
    const keys = Array.from({ length: store.length }, (_, index) => store.key(index));
    return keys.filter((key) => key.startsWith(this.#prefix));
  }

  #try(act) {
    try {
      return this.#store && act(this.#store);
    } catch {
      return undefined; // full or forbidden: the database is what counts
    }
  }
}

function readable(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
