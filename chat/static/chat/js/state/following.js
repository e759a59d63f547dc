// Where a device stands in the stream of one conversation: coming back, live, or missing something.

/** `cursor`: the highest position up to which everything is held, null before the first `caught_up` of this `epoch`. */
export class Following {
  epoch = "";
  cursor = null;
  phase = "idle"; // "idle" | "catching_up" | "live"
  resume = null;
  hasGap = false;
  #gathered = [];
  #reached = 0;

  /** A connection begins: `resume` says how what is missing will come. */
  begin(epoch, resume) {
    this.phase = "catching_up";
    this.resume = resume === "replay" && epoch === this.epoch && this.cursor !== null ? "replay" : "snapshot";
    this.hasGap = false;
    this.#gathered = [];
  }

  /** The connection ended: what was gathered is incomplete and forgotten; the cursor stands. */
  end() {
    this.phase = "idle";
    this.hasGap = false;
    this.#gathered = [];
  }

  /** @returns {boolean} whether to apply the message now; while catching up it is kept until `caughtUp` */
  offer(message) {
    if (this.phase === "catching_up") {
      this.#gathered.push(message);
      return false;
    }
    if (this.phase === "live") this.#follow(message.changedSeq);
    return this.phase === "live";
  }

  #follow(position) {
    if (position <= this.#reached) return;
    if (position > this.#reached + 1) this.hasGap = true;
    this.#reached = position;
    if (!this.hasGap) this.cursor = position;
  }

  /** @returns {{resume: string, messages: object[]} | null} what was gathered, when this ended a catching up */
  caughtUp(epoch, seq) {
    const wasCatchingUp = this.phase === "catching_up";
    this.#reached = wasCatchingUp ? seq : Math.max(this.#reached, seq);
    if (wasCatchingUp || seq >= this.#reached) {
      this.hasGap = false;
      this.cursor = seq;
    }
    if (!wasCatchingUp) return null;
    const done = { resume: this.resume, messages: this.#gathered };
    this.epoch = epoch;
    this.phase = "live";
    this.#gathered = [];
    return done;
  }
}
