// Who is writing where, forgotten after 6 s without news; and how often to say it of oneself.

const LIFE_MS = 6_000;
const SAY_MS = 3_000;

export class Typing {
  #clock;
  #changed;
  #send;
  #timers = new Map(); // conversation → user → timer; removed when it fires or the user stops
  #saidAt = new Map(); // conversation → when I last said that I am writing

  /** @param {{clock: object, changed: (conversation: number) => void, send: (command: object) => boolean}} parts */
  constructor({ clock, changed, send }) {
    this.#clock = clock;
    this.#changed = changed;
    this.#send = send;
  }

  /** @returns {number[]} ids of users */
  of(conversation) {
    return [...(this.#timers.get(conversation)?.keys() ?? [])];
  }

  heard(conversation, user, on) {
    const users = this.#timers.get(conversation) ?? new Map();
    const was = users.has(user);
    this.#clock.cancel(users.get(user));
    users.delete(user);
    if (on) users.set(user, this.#clock.wait(() => this.heard(conversation, user, false), LIFE_MS));
    this.#timers.set(conversation, users);
    if (was !== on) this.#changed(conversation);
  }

  say(conversation, on) {
    const now = this.#clock.now();
    const saidAt = this.#saidAt.get(conversation) ?? -Infinity;
    const isDue = on ? Math.abs(now - saidAt) >= SAY_MS : saidAt > -Infinity;
    if (!isDue || !this.#send({ type: "typing", conversation, on })) return;
    if (on) this.#saidAt.set(conversation, now);
    else this.#saidAt.delete(conversation);
  }

  stop() {
    for (const users of this.#timers.values()) for (const timer of users.values()) this.#clock.cancel(timer);
    this.#timers.clear();
  }
}
