// The answers that the assistant is giving, put together from their pieces (docs/protocol.md, "assistant").

const QUIET_MS = 20_000; // while somebody works on a turn all of it comes again once a second
const NOTE_MS = 60_000; // why there is no answer stays to be read so long; a failure, until there is something newer
const ENDED_KEPT = 100;

export class Answers {
  #clock;
  #changed;
  #turns = new Map(); // turn → Turn; removed at its end, or when nothing is heard
  #timers = new Map(); // turn → when to forget it
  #ended = new Set(); // the latest turns that are over: what comes late for them does not count

  /** @param {{clock: object, changed: (conversation: number) => void}} parts */
  constructor({ clock, changed }) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** @returns {{turn, trigger, asker, attempt, state, step, reason, text, at}[]} those of a conversation, in the order in which they began */
  of(conversation) {
    return [...this.#turns.values()].filter((each) => each.conversation === conversation);
  }

  /** Take one `assistant` event. */
  hear(event) {
    const { turn, conversation, attempt, state } = event;
    const held = this.#turns.get(turn);
    if (this.#ended.has(turn) || (held && attempt < held.attempt)) return;
    this.#makeGood(event);
    if (state === "done") return this.#end(turn, conversation);
    if (state === "failed" || state === "cancelled") return this.#endWithout(event, held);
    this.#put({ ...heardOf(event, held, this.#clock.now()), ...wordsOf(event, held) }, event.reason === "queued" ? null : QUIET_MS);
  }

  /** The answer is a message now. */
  landed(turn) {
    const held = this.#turns.get(turn);
    if (held) this.#end(turn, held.conversation);
  }

  /** This device has come back: what is to be known of answers there is told anew. */
  caughtUp(conversation) {
    for (const { turn } of this.of(conversation)) {
      this.#ended.delete(turn);
      this.#forget(turn, conversation);
    }
  }

  stop() {
    for (const timer of this.#timers.values()) this.#clock.cancel(timer);
    this.#timers.clear();
    this.#turns.clear();
  }

  #endWithout(event, held) {
    this.#over(event.turn);
    if (event.reason === "stopped") return this.#forget(event.turn, event.conversation);
    this.#put({ ...heardOf(event, held, this.#clock.now()), text: "", stale: "", raw: "" }, event.state === "failed" ? null : NOTE_MS);
  }

  /** A failure is no longer shown once there is something newer. */
  #makeGood({ turn, conversation, trigger = 0 }) {
    for (const held of this.of(conversation)) {
      if (held.state === "failed" && held.turn !== turn && held.trigger <= trigger) this.#forget(held.turn, conversation);
    }
  }

  #end(turn, conversation) {
    for (const held of this.of(conversation)) if (held.reason === "steered") this.#forget(held.turn, conversation);
    this.#over(turn);
    this.#forget(turn, conversation);
  }

  #over(turn) {
    this.#ended.add(turn);
    if (this.#ended.size > ENDED_KEPT) this.#ended.delete(this.#ended.values().next().value);
  }

  #put(turn, life) {
    this.#turns.set(turn.turn, turn);
    this.#clock.cancel(this.#timers.get(turn.turn));
    if (life !== null) this.#timers.set(turn.turn, this.#clock.wait(() => this.#forget(turn.turn, turn.conversation), life));
    this.#changed(turn.conversation);
  }

  #forget(turn, conversation) {
    this.#clock.cancel(this.#timers.get(turn));
    this.#timers.delete(turn);
    if (this.#turns.delete(turn)) this.#changed(conversation);
  }
}

function heardOf({ turn, conversation, trigger = null, asker, attempt, state, step = null, reason = null }, held, now) {
  return { turn, conversation, trigger, asker: asker ?? held?.asker ?? null, attempt, state, step, reason, at: held?.at ?? now };
}

/**
 * The text of this attempt (`raw`) and the one to show: what an earlier attempt has said stays until the new one says
 * something else, so that nothing flickers when another node says the same again.
 */
function wordsOf({ attempt, offset, text: piece }, held) {
  const isNew = !held || attempt > held.attempt;
  const raw = joined(isNew ? "" : held.raw, offset, piece);
  const stale = isNew ? (held?.text ?? "") : held.stale;
  return { raw, stale, text: stale.startsWith(raw) ? stale : raw };
}

/** `piece` at `offset`, in code points; one that begins beyond what is held is left out. */
function joined(held, offset, piece) {
  if (offset === 0) return piece;
  const points = Array.from(held);
  if (offset > points.length) return held;
  return (offset === points.length ? held : points.slice(0, offset).join("")) + piece;
}
