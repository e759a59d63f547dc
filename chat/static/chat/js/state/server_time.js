// What time it is for the server, for a machine whose clock is wrong: so that a message does not show another day before it is stored.

const WRONG_MS = 60_000; // less may be the way from there to here

export class ServerTime {
  #clock;
  #aheadMs = 0;

  constructor(clock) {
    this.#clock = clock;
  }

  /** A message that was posted `at` has just arrived. */
  learn(at) {
    const aheadMs = at - this.#clock.now();
    this.#aheadMs = Math.abs(aheadMs) < WRONG_MS ? 0 : aheadMs;
  }

  now() {
    return this.#clock.now() + this.#aheadMs;
  }
}
