// My messages that are shown before they come back: unsent ones, and stored ones whose event is still on its way.

export class Echoes {
  #outbox;
  #landed = new Map(); // clientId → entry with seq; removed when its message is held

  constructor(outbox) {
    this.#outbox = outbox;
  }

  /** In the order in which they will stand: stored ones by seq, then unsent ones as written. */
  of(conversation) {
    const landed = [...this.#landed.values()].filter((entry) => entry.conversation === conversation);
    landed.sort((one, other) => one.seq - other.seq);
    return [...landed, ...this.#outbox.entries.filter((entry) => entry.conversation === conversation)];
  }

  land(entry, seq) {
    this.#landed.set(entry.clientId, { ...entry, seq, status: "stored" });
  }

  knows(clientId) {
    return this.#landed.has(clientId) || this.#outbox.get(clientId) !== undefined;
  }

  seen(clientId) {
    this.#landed.delete(clientId);
    this.#outbox.acknowledge(clientId);
  }

  /** Everything up to `seq` is held now. */
  settled(conversation, seq) {
    for (const [clientId, entry] of this.#landed) {
      if (entry.conversation === conversation && entry.seq <= seq) this.#landed.delete(clientId);
    }
  }

  forget(conversation) {
    this.settled(conversation, Infinity);
  }
}
