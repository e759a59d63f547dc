// How far each member has received and read a conversation, and what that makes of my messages.

/** Positions only grow; who has read a message has received it. */
export class Receipts {
  #delivered = new Map();
  #read = new Map();

  /** @returns {boolean} whether that is news */
  delivered(user, seq) {
    return raise(this.#delivered, user, seq);
  }

  /** @returns {boolean} whether that is news */
  read(user, seq) {
    return raise(this.#read, user, seq);
  }

  readBy(user) {
    return this.#read.get(user) ?? 0;
  }

  deliveredTo(user) {
    return Math.max(this.#delivered.get(user) ?? 0, this.readBy(user));
  }

  /** @returns {(seq: number) => "stored" | "delivered" | "read"} for my own messages: "read" when one other member has read it */
  statusFor(myId) {
    const read = highest(this.#read, myId);
    const delivered = Math.max(read, highest(this.#delivered, myId));
    return (seq) => (seq <= read ? "read" : seq <= delivered ? "delivered" : "stored");
  }

  forget(user) {
    this.#delivered.delete(user);
    this.#read.delete(user);
  }

  /** For storage. @returns {{delivered: number[][], read: number[][]}} */
  record() {
    return { delivered: [...this.#delivered], read: [...this.#read] };
  }

  restore({ delivered = [], read = [] } = {}) {
    for (const [user, seq] of delivered) this.delivered(user, seq);
    for (const [user, seq] of read) this.read(user, seq);
  }
}

function raise(positions, user, seq) {
  if (seq <= (positions.get(user) ?? 0)) return false;
  positions.set(user, seq);
  return true;
}

function highest(positions, myId) {
  let most = 0;
  for (const [user, seq] of positions) if (user !== myId && seq > most) most = seq;
  return most;
}
