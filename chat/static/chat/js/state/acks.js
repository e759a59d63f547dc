// Tells the server at most once a second how far this device has processed its conversations.

const SAY_MS = 1_000;
const MOST = 1_000;

export class Acks {
  #clock;
  #send;
  #reached = new Map(); // conversation → position not said yet
  #timer = null;

  /** @param {{clock: object, send: (command: object) => boolean}} parts */
  constructor({ clock, send }) {
    this.#clock = clock;
    this.#send = send;
  }

  note(conversation, position) {
    if (position === null) return;
    this.#reached.set(String(conversation), position);
    this.#timer ??= this.#clock.wait(() => this.#say(), SAY_MS);
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.#reached.clear();
  }

  #say() {
    this.#timer = null;
    const said = [...this.#reached].slice(0, MOST);
    if (said.length && this.#send({ type: "ack", cursors: Object.fromEntries(said) })) {
      for (const [conversation] of said) this.#reached.delete(conversation);
    }
    if (this.#reached.size && said.length === MOST) this.#timer = this.#clock.wait(() => this.#say(), SAY_MS);
  }
}
