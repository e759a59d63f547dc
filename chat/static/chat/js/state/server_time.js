// What time it is for the server, for a machine whose clock is wrong: so that "today" is today, and a message does not show another day before it is stored.

const WRONG_MS = 60_000; // less may be the way from there to here

export class ServerTime {
  #clock;
  #aheadMs = 0;

  /** @param {{now: () => number}} clock of this machine @param {number} serverNow what the server's says in this moment */
  constructor(clock, serverNow) {
    this.#clock = clock;
    this.learn(serverNow);
  }

  /** Something that the server did `at` has just arrived. */
  learn(at) {
    const aheadMs = at - this.#clock.now();
    this.#aheadMs = Math.abs(aheadMs) < WRONG_MS ? 0 : aheadMs;
  }

  now() {
    return this.#clock.now() + this.#aheadMs;
  }
}
