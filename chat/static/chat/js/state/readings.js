// How far I have read, said to the server at most every 300 ms, and again until it is confirmed.

const SAY_MS = 300;

export class Readings {
  #clock;
  #request;
  #timers = new Map(); // conversation → timer of the next saying

  /** @param {{clock: object, request: (command: object) => Promise<object>}} parts */
  constructor({ clock, request }) {
    this.#clock = clock;
    this.#request = request;
  }

  /** `conversation.readUnsaid` has grown. */
  say(conversation) {
    if (this.#timers.has(conversation.id)) return;
    this.#timers.set(conversation.id, this.#clock.wait(() => this.#send(conversation), SAY_MS));
  }

  stop() {
    for (const timer of this.#timers.values()) this.#clock.cancel(timer);
    this.#timers.clear();
  }

  async #send(conversation) {
    this.#timers.delete(conversation.id);
    const seq = conversation.readUnsaid;
    if (seq === 0) return;
    try {
      await this.#request({ type: "read", conversation: conversation.id, seq });
      if (conversation.readUnsaid === seq) conversation.readUnsaid = 0;
    } catch (error) {
      if (error.code === "rate_limited" || error.code === "timeout") this.say(conversation);
      // everything else is said again after the next welcome
    }
  }
}
