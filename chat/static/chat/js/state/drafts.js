// What is written and not sent: kept at once, said at most once a second, and never pulled away under the writer's hands.

const SAY_MS = 1_000;
const WRITING_MS = 3_000;
const NOTHING = Object.freeze({ text: "", version: 0, writtenAt: -Infinity, unsent: false });

/** Per conversation {text, version, writtenAt, unsent}; `version` grows when the text came from elsewhere. The last word holds on all devices. */
export class Drafts {
  #clock;
  #send;
  #changed;
  #held = new Map();
  #timers = new Map(); // conversation → timer of the next saying
  #waiting = new Map(); // conversation → timer of a text from elsewhere, which waits until nobody writes here
  #underWay = new Map(); // conversation → how many sayings are not answered
  #saidAt = new Map();

  /**
   * @param {{clock: object, changed: (conversation: number) => void, send: (command: object) => Promise<boolean> | null}} parts
   *   `send`: null without a connection, else whether it was done
   */
  constructor({ clock, send, changed }) {
    this.#clock = clock;
    this.#send = send;
    this.#changed = changed;
  }

  of(conversation) {
    return this.#held.get(conversation) ?? NOTHING;
  }

  write(conversation, text) {
    if (this.of(conversation).text === text) return;
    this.#keep(conversation, { text, writtenAt: this.#clock.now(), unsent: true });
    this.#sayInTime(conversation);
  }

  /** The message was sent: nothing is left to write, on no device. */
  clear(conversation) {
    const { text, unsent } = this.of(conversation);
    if (text === "" && !unsent) return;
    this.#keep(conversation, { text: "", writtenAt: -Infinity, unsent: true });
    this.#say(conversation);
  }

  /** Another device or the server has another text. What was written here and is not stored yet comes later, and holds. */
  hear(conversation, text) {
    const { unsent, writtenAt } = this.of(conversation);
    if (unsent || this.#underWay.get(conversation)) return;
    this.#waitNoMore(conversation);
    const quietMs = Math.abs(this.#clock.now() - writtenAt);
    if (quietMs >= WRITING_MS) this.#takeOver(conversation, text);
    else this.#waiting.set(conversation, this.#clock.wait(() => this.#takeOver(conversation, text), WRITING_MS - quietMs));
  }

  /** Back from storage: an unsent text wins over what the server knows. */
  restore(conversation, { text, unsent }) {
    this.#held.set(conversation, { ...NOTHING, text, unsent, version: 1 });
  }

  /** A connection is there: say what could not be said. */
  online() {
    for (const [conversation, held] of this.#held) if (held.unsent) this.#say(conversation);
  }

  forget(conversation) {
    this.#clock.cancel(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    this.#waitNoMore(conversation);
    this.#held.delete(conversation);
  }

  stop() {
    for (const timer of [...this.#timers.values(), ...this.#waiting.values()]) this.#clock.cancel(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }

  #keep(conversation, news) {
    this.#waitNoMore(conversation);
    this.#held.set(conversation, { ...this.of(conversation), ...news });
    this.#changed(conversation);
  }

  #takeOver(conversation, text) {
    this.#waiting.delete(conversation);
    const held = this.of(conversation);
    if (held.text !== text) this.#keep(conversation, { text, version: held.version + 1 });
  }

  #waitNoMore(conversation) {
    this.#clock.cancel(this.#waiting.get(conversation));
    this.#waiting.delete(conversation);
  }

  #sayInTime(conversation) {
    if (this.#timers.has(conversation)) return;
    const since = Math.abs(this.#clock.now() - (this.#saidAt.get(conversation) ?? -Infinity));
    this.#timers.set(conversation, this.#clock.wait(() => this.#say(conversation), Math.max(300, SAY_MS - since)));
  }

  async #say(conversation) {
    this.#clock.cancel(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    const { text, unsent } = this.of(conversation);
    const sent = unsent ? this.#send({ type: "draft", conversation, text }) : null;
    if (!sent) return;
    this.#saidAt.set(conversation, this.#clock.now());
    this.#keep(conversation, { unsent: false });
    this.#count(conversation, 1);
    const isStored = await sent;
    this.#count(conversation, -1);
    if (!isStored && this.#held.has(conversation)) this.#keep(conversation, { unsent: true }); // said again after the next welcome
  }

  #count(conversation, more) {
    this.#underWay.set(conversation, (this.#underWay.get(conversation) ?? 0) + more);
  }
}
