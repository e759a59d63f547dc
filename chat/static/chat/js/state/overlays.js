// Reactions that I chose and no server has confirmed, shown as if they were there.

export class Overlays {
  #chosen = new Map(); // "conversation:seq" → emoji → on; a new inner map with every change

  of(conversation, seq) {
    if (this.#chosen.size === 0) return undefined; // Asked for every row of every picture.
    return this.#chosen.get(`${conversation}:${seq}`);
  }

  choose(conversation, seq, emoji, on) {
    this.#chosen.set(`${conversation}:${seq}`, new Map([...(this.of(conversation, seq) ?? []), [emoji, on]]));
  }

  forget(conversation, seq, emoji) {
    const left = new Map(this.of(conversation, seq) ?? []);
    left.delete(emoji);
    if (left.size) this.#chosen.set(`${conversation}:${seq}`, left);
    else this.#chosen.delete(`${conversation}:${seq}`);
  }

  /** The message says what it has now: what is as chosen needs no overlay. */
  settle(conversation, { seq, reactions, deleted }, myId) {
    for (const [emoji, on] of this.of(conversation, seq) ?? []) {
      const isThere = (reactions[emoji] ?? []).includes(myId);
      if (deleted || isThere === on) this.forget(conversation, seq, emoji);
    }
  }
}
