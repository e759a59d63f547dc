// Watches an open connection: asks when it is silent, gives it up when it stays silent, and notices that the machine slept.

const TICK_MS = 5_000;
const SLEPT_MS = 20_000; // a tick that comes this much too late
const ANSWER_MS = 5_000;
const SILENCE_TIMES = 3;

export class Pulse {
  #clock;
  #ping;
  #giveUp;
  #heartbeatMs = 15_000;
  #heardAt = 0;
  #tickedAt = 0;
  #timer = null;
  #doubtTimer = null;

  /** @param {{clock: object, ping: () => void, giveUp: (cause: string) => void}} parts */
  constructor({ clock, ping, giveUp }) {
    this.#clock = clock;
    this.#ping = ping;
    this.#giveUp = giveUp;
  }

  start(heartbeatSeconds) {
    this.stop();
    this.#heartbeatMs = heartbeatSeconds * 1000;
    this.#heardAt = this.#tickedAt = this.#clock.now();
    this.#timer = this.#clock.wait(() => this.#tick(), TICK_MS);
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.#trust();
    this.#timer = null;
  }

  heard() {
    this.#heardAt = this.#clock.now();
    this.#trust();
  }

  /** Something looks wrong: ask now, and give up when nothing at all comes within 5 s. */
  doubt() {
    if (this.#timer === null || this.#doubtTimer !== null) return;
    this.#doubtTimer = this.#clock.wait(() => this.#giveUp("silent"), ANSWER_MS);
    this.#ping();
  }

  #trust() {
    this.#clock.cancel(this.#doubtTimer);
    this.#doubtTimer = null;
  }

  #tick() {
    const now = this.#clock.now();
    const late = now - this.#tickedAt - TICK_MS;
    this.#tickedAt = now;
    this.#heardAt = Math.min(this.#heardAt, now); // the clock may have been put back
    this.#timer = this.#clock.wait(() => this.#tick(), TICK_MS);
    if (late > SLEPT_MS) this.doubt();
    else if (now - this.#heardAt >= SILENCE_TIMES * this.#heartbeatMs) this.#giveUp("silent");
    else if (now - this.#heardAt >= this.#heartbeatMs) this.#ping();
  }
}
