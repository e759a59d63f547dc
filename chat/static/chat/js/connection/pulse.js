// Watches an open connection: asks when it is silent or doubtful, says so when no answer comes, gives it up, and notices that the machine slept.

const TICK_MS = 5_000;
const SLEPT_MS = 20_000; // a tick that comes this much too late
const ANSWER_MS = 5_000; // with a reason to doubt
const OFFLINE_ANSWER_MS = 2_000; // with the browser's word for it
const PATIENCE_MS = 10_000; // without one: a phone in a tunnel is slow, not gone
const SAY_MS = 3_000; // unanswered for so long, the user is told
const SAY_OFFLINE_MS = 500; // not at once: a server on this very machine still answers

export class Pulse {
  #clock;
  #ping;
  #giveUp;
  #doubted;
  #isWary;
  #heartbeatMs = 15_000;
  #heardAt = 0;
  #tickedAt = 0;
  #timer = null;
  #endTimer = null; // set while it is doubted
  #sayTimer = null;
  #expectTimer = null;
  #said = null;

  /**
   * @param {{clock: object, ping: () => void, giveUp: (cause: string) => void, doubted: (cause: string | null) => void, isWary: () => boolean}} parts
   *   `doubted` tells what the user should know, and null when it was a false alarm; while `isWary` silence is not trusted for long
   */
  constructor({ clock, ping, giveUp, doubted = () => {}, isWary = () => false }) {
    this.#clock = clock;
    this.#ping = ping;
    this.#giveUp = giveUp;
    this.#doubted = doubted;
    this.#isWary = isWary;
  }

  start(heartbeatSeconds) {
    this.stop();
    this.#heartbeatMs = heartbeatSeconds * 1000;
    this.#heardAt = this.#tickedAt = this.#clock.now();
    this.#timer = this.#clock.wait(() => this.#tick(), TICK_MS);
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.#trust();
  }

  heard() {
    this.#heardAt = this.#clock.now();
    this.#trust();
  }

  /** Something was sent that will be answered. */
  expect() {
    if (this.#timer !== null) this.#expectTimer ??= this.#clock.wait(() => this.doubt(), SAY_MS);
  }

  /** Something looks wrong: ask now, and give up when nothing at all comes within 5 s, or 2 s when the browser says offline. @param {"silent" | "offline"} cause */
  doubt(cause = "silent") {
    this.#ask(cause, cause === "offline" ? OFFLINE_ANSWER_MS : ANSWER_MS);
  }

  #ask(cause, answerMs) {
    const isAsked = this.#endTimer !== null;
    if (this.#timer === null || (isAsked && cause !== "offline")) return; // only the browser's word makes a doubt graver
    this.#clock.cancel(this.#sayTimer);
    this.#clock.cancel(this.#endTimer);
    this.#sayTimer = this.#clock.wait(() => this.#say(cause), cause === "offline" ? SAY_OFFLINE_MS : SAY_MS);
    this.#endTimer = this.#clock.wait(() => this.#giveUp("silent"), answerMs);
    if (!isAsked) this.#ping();
  }

  #say(cause) {
    if (this.#said === cause) return;
    this.#said = cause;
    this.#doubted(cause);
  }

  #trust() {
    for (const timer of [this.#endTimer, this.#sayTimer, this.#expectTimer]) this.#clock.cancel(timer);
    this.#endTimer = this.#sayTimer = this.#expectTimer = null;
    this.#say(null);
  }

  #tick() {
    const now = this.#clock.now();
    const late = now - this.#tickedAt - TICK_MS;
    this.#tickedAt = now;
    this.#heardAt = Math.min(this.#heardAt, now); // the clock may have been put back
    this.#timer = this.#clock.wait(() => this.#tick(), TICK_MS);
    if (late > SLEPT_MS || this.#isWary()) this.doubt();
    else if (now - this.#heardAt >= this.#heartbeatMs) this.#ask("silent", PATIENCE_MS);
  }
}
