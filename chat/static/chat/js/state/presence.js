// Who is online; someone who goes offline is shown as online for 15 s more, since most come right back.

const GRACE_MS = 15_000;

export class Presence {
  #clock;
  #changed;
  #online = new Set();
  #leaving = new Map(); // user → timer; removed when it fires or the user comes back

  /** @param {object} clock @param {(userId: number) => void} changed */
  constructor(clock, changed) {
    this.#clock = clock;
    this.#changed = changed;
  }

  isOnline(userId) {
    return this.#online.has(userId);
  }

  set(userId, online) {
    if (online) this.#arrive(userId);
    else if (this.#online.has(userId) && !this.#leaving.has(userId)) {
      this.#leaving.set(userId, this.#clock.wait(() => this.#depart(userId), GRACE_MS));
    }
  }

  stop() {
    for (const timer of this.#leaving.values()) this.#clock.cancel(timer);
    this.#leaving.clear();
  }

  #arrive(userId) {
    this.#clock.cancel(this.#leaving.get(userId));
    this.#leaving.delete(userId);
    if (this.#online.has(userId)) return;
    this.#online.add(userId);
    this.#changed(userId);
  }

  #depart(userId) {
    this.#leaving.delete(userId);
    this.#online.delete(userId);
    this.#changed(userId);
  }
}
