// What is written and not sent: kept at once, said at most once a second, and never pulled away under the writer's hands.

const SAY_MS = 1_000;
const WRITING_MS = 10_000;

/** Per conversation {text, version, writtenAt, unsent}; `version` grows when the text came from elsewhere. */
export class Drafts {
  #clock;
  #send;
  #changed;
  #held = new Map();
  #timers = new Map(); // conversation → timer of the next saying
  #saidAt = new Map();

  /** @param {{clock: object, send: (command: object) => boolean, changed: (conversation: number) => void}} parts */
  constructor({ clock, send, changed }) {
    this.#clock = clock;
    this.#send = send;
    this.#changed = changed;
  }

  of(conversation) {
    return this.#held.get(conversation) ?? { text: "", version: 0, writtenAt: -Infinity, unsent: false };
  }

  write(conversation, text) {
    const held = this.of(conversation);
    if (held.text === text) return;
    this.#held.set(conversation, { ...held, text, writtenAt: this.#clock.now(), unsent: true });
    this.#changed(conversation);
    this.#sayInTime(conversation);
  }

  /** The message was sent: nothing is left to write, on no device. */
  clear(conversation) {
    const held = this.of(conversation);
    if (held.text === "" && !held.unsent) return;
    this.#held.set(conversation, { ...held, text: "", writtenAt: -Infinity, unsent: true });
    this.#changed(conversation);
    this.#say(conversation);
  }

  /** Another device or the server has another text; what is being written here stays, and wins. */
  hear(conversation, text) {
    const held = this.of(conversation);
    const isWriting = held.text !== "" && Math.abs(this.#clock.now() - held.writtenAt) < WRITING_MS;
    if (held.unsent || isWriting || held.text === text) return;
    this.#held.set(conversation, { ...held, text, version: held.version + 1 });
    this.#changed(conversation);
  }

  /** Back from storage: an unsent text wins over what the server knows. */
  restore(conversation, { text, unsent }) {
    this.#held.set(conversation, { text, unsent, version: 1, writtenAt: -Infinity });
  }

  /** What was said did not arrive. */
  unsaid(conversation) {
    const held = this.#held.get(conversation);
    if (held) this.#held.set(conversation, { ...held, unsent: true });
  }

  /** A connection is there: say what could not be said. */
  online() {
    for (const [conversation, held] of this.#held) if (held.unsent) this.#say(conversation);
  }

  forget(conversation) {
    this.#clock.cancel(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    this.#held.delete(conversation);
  }

  stop() {
    for (const timer of this.#timers.values()) this.#clock.cancel(timer);
    this.#timers.clear();
  }

  #sayInTime(conversation) {
    if (this.#timers.has(conversation)) return;
    const since = Math.abs(this.#clock.now() - (this.#saidAt.get(conversation) ?? -Infinity));
    this.#timers.set(conversation, this.#clock.wait(() => this.#say(conversation), Math.max(300, SAY_MS - since)));
  }

  #say(conversation) {
    this.#clock.cancel(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    const held = this.of(conversation);
    if (!held.unsent || !this.#send({ type: "draft", conversation, text: held.text })) return;
    this.#saidAt.set(conversation, this.#clock.now());
    this.#held.set(conversation, { ...held, unsent: false });
    this.#changed(conversation);
  }
}
