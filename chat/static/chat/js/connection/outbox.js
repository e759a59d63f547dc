// My messages on their way: kept on disk first, sent in order per conversation, again and again until a server has them.

import { FIRST_MS, MOST_MS } from "./backoff.js";

const SAVE_MS = 1_000; // a disk that is slower than this does not hold a message back
const ADOPT_MS = 10_000;
const PAUSE_MS = 1_000;
const INTERNAL_TRIES = 2;

/**
 * An entry: {clientId, conversation, text, replyTo, at, order, tab, status: "queued"|"sending"|"failed", error}.
 * `send(entry)` resolves to the answer or rejects with CommandError; `changed(entry)` tells every step;
 * `stored(entry, answer)` that a server has it, after which the outbox knows it no more.
 */
export class Outbox {
  #storage;
  #clock;
  #tab;
  #send;
  #changed;
  #stored;
  #entries = new Map(); // clientId → entry; removed when stored or discarded
  #tries = new Map(); // clientId → tries since it was last queued by hand
  #saving = new Set(); // clientIds that are not on disk yet
  #busy = new Set(); // conversations with a message under way
  #pausedUntil = new Map(); // conversation → time; a missing one is free
  #allPausedUntil = 0;
  #isOnline = false;
  #lastOrder = 0;
  #timer = null;
  #adoptTimer = null;

  constructor({ storage, clock, tab, send, changed, stored }) {
    this.#storage = storage;
    this.#clock = clock;
    this.#tab = tab;
    this.#send = send;
    this.#changed = changed;
    this.#stored = stored;
  }

  get entries() {
    return [...this.#entries.values()].sort((one, other) => one.order - other.order);
  }

  get(clientId) {
    return this.#entries.get(clientId);
  }

  /** What was left unsent on disk: my own from before a reload, and those of tabs that are gone. */
  async load() {
    for (const entry of await this.#storage.outbox()) {
      this.#lastOrder = Math.max(this.#lastOrder, entry.order);
      if (entry.tab === this.#tab.id) this.#take(entry);
    }
    this.#tab.whenHeir(() => this.#adopt());
  }

  post({ clientId, conversation, text, replyTo, at }) {
    this.#lastOrder = Math.max(this.#clock.now(), this.#lastOrder + 1);
    const entry = { clientId, conversation, text, replyTo, at, order: this.#lastOrder, tab: this.#tab.id, status: "queued", error: null };
    this.#entries.set(clientId, entry);
    this.#saving.add(clientId);
    this.#changed(entry);
    this.#saved(entry).then(() => {
      this.#saving.delete(clientId);
      this.#pump();
    });
    return entry;
  }

  retry(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry?.status !== "failed") return;
    this.#tries.delete(clientId);
    this.#update(entry, { status: "queued", error: null });
    this.#storage.putOutgoing(this.#entries.get(clientId));
    this.#pump();
  }

  discard(clientId) {
    const entry = this.#entries.get(clientId);
    if (!entry || entry.status === "sending") return false;
    this.#forget(entry);
    return true;
  }

  /** The message was seen among the conversation's messages: a server has it, whatever became of the answer. */
  acknowledge(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry) this.#forget(entry);
  }

  forgetAll() {
    this.#entries.clear();
  }

  /** The user is no longer a member: these can never be sent. */
  fail(conversation, error) {
    for (const entry of this.entries) if (entry.conversation === conversation) this.#failed(entry, error);
  }

  online() {
    this.#isOnline = true;
    this.#pausedUntil.clear();
    this.#pump();
    this.#adopt();
  }

  offline() {
    this.#isOnline = false;
  }

  stop() {
    this.#isOnline = false;
    this.#clock.cancel(this.#timer);
    this.#clock.cancel(this.#adoptTimer);
  }

  #saved(entry) {
    return new Promise((resolve) => {
      const timer = this.#clock.wait(resolve, SAVE_MS);
      this.#storage.putOutgoing(entry).then(() => {
        this.#clock.cancel(timer);
        resolve();
        // a discard or an answer may have come before the disk was done
        if (!this.#entries.has(entry.clientId)) this.#storage.removeOutgoing(entry.clientId);
      });
    });
  }

  #pump() {
    if (!this.#isOnline) return;
    const now = this.#clock.now();
    const waits = [];
    for (const entry of this.#firsts()) {
      const wait = Math.max(this.#allPausedUntil, this.#pausedUntil.get(entry.conversation) ?? 0) - now;
      if (wait > 0) waits.push(wait);
      else if (!this.#saving.has(entry.clientId)) this.#deliver(entry);
    }
    this.#clock.cancel(this.#timer);
    if (waits.length) this.#timer = this.#clock.wait(() => this.#pump(), Math.min(...waits));
  }

  /** The next message of every conversation that has none under way. */
  #firsts() {
    const firsts = new Map();
    for (const entry of this.entries) {
      const isNext = entry.status === "queued" && !this.#busy.has(entry.conversation) && !firsts.has(entry.conversation);
      if (isNext) firsts.set(entry.conversation, entry);
    }
    return firsts.values();
  }

  async #deliver(entry) {
    this.#busy.add(entry.conversation);
    const sending = this.#update(entry, { status: "sending" });
    try {
      const answer = await this.#send(sending);
      const held = this.#entries.get(entry.clientId);
      if (held) {
        this.#forget(held);
        this.#stored(held, answer);
      }
    } catch (error) {
      this.#refused(entry.clientId, error);
    }
    this.#busy.delete(entry.conversation);
    this.#pump();
  }

  #refused(clientId, error) {
    const entry = this.#entries.get(clientId);
    if (!entry) return;
    const tries = (this.#tries.get(clientId) ?? 0) + 1;
    if (error.code !== "disconnected") this.#tries.set(clientId, tries);
    if (!error.retryable || (error.code === "internal" && tries >= INTERNAL_TRIES)) {
      this.#failed(entry, error.code ?? "internal");
      return;
    }
    this.#pause(entry.conversation, error, tries);
    this.#update(entry, { status: "queued" });
  }

  #pause(conversation, error, tries) {
    const now = this.#clock.now();
    const growing = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries, 16));
    if (error.code === "disconnected") return;
    if (error.code === "rate_limited") this.#allPausedUntil = now + (error.retryAfterMs ?? PAUSE_MS);
    else this.#pausedUntil.set(conversation, now + (error.retryAfterMs ?? growing));
  }

  #failed(entry, code) {
    const failed = this.#update(entry, { status: "failed", error: code });
    this.#storage.putOutgoing(failed);
  }

  #update(entry, news) {
    const updated = { ...entry, ...news };
    this.#entries.set(entry.clientId, updated);
    this.#changed(updated);
    return updated;
  }

  #forget(entry) {
    this.#entries.delete(entry.clientId);
    this.#tries.delete(entry.clientId);
    this.#storage.removeOutgoing(entry.clientId);
    this.#changed(entry);
  }

  #take(entry) {
    const status = entry.status === "failed" ? "failed" : "queued";
    const taken = { ...entry, status };
    this.#entries.set(entry.clientId, taken);
    this.#changed(taken);
  }

  async #adopt() {
    this.#clock.cancel(this.#adoptTimer);
    if (!this.#tab.isHeir()) return;
    this.#adoptTimer = this.#clock.wait(() => this.#adopt(), ADOPT_MS);
    for (const entry of await this.#storage.outbox()) {
      if (this.#entries.has(entry.clientId) || (await this.#tab.isAlive(entry.tab))) continue;
      const adopted = await this.#storage.adoptOutgoing(entry.clientId, { from: entry.tab, to: this.#tab.id });
      if (adopted) this.#take(adopted);
    }
    this.#pump();
  }
}
