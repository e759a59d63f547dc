// The signals that the view reads, brought up to date at most once per frame.

import { batch, computed, signal } from "@preact/signals-core";
import { feedOf, EMPTY_FEED } from "./feed.js";
import { Rows } from "./rows.js";
import { steady, steadyList } from "./steady.js";
import { summaryOf } from "./summary.js";

export class Board {
  conversations = signal([]);
  totalUnread = computed(() => sum(this.conversations.value.filter((each) => !each.muted).map((each) => each.unread)));
  current = signal(null);
  loaded = signal(false);
  outboxCount = signal(0);
  failedCount = signal(0);
  storageState = signal("memory");
  devices = signal([]);
  preferences = signal({});
  #world;
  #summaries = new Map(); // conversation → what the list shows
  #feeds = new Map(); // conversation → {signal, rows, isStale, isWatched}
  #dirty = new Set();
  #isDue = false;

  constructor(world) {
    this.#world = world;
  }

  /** Something of this conversation changed: shown with the next frame. */
  touch(id) {
    this.#dirty.add(id);
    this.#schedule();
  }

  touchAll() {
    for (const id of this.#world.conversations.keys()) this.#dirty.add(id);
    this.#schedule();
  }

  feed(id) {
    const feed = this.#feeds.get(id) ?? this.#newFeed(id);
    if (feed.isStale) this.#refresh(id, feed);
    return feed.signal;
  }

  #newFeed(id) {
    const feed = { rows: new Rows(), isStale: true, isWatched: false };
    feed.signal = signal(EMPTY_FEED, {
      watched: () => (feed.isWatched = true),
      unwatched: () => (feed.isWatched = false),
    });
    this.#feeds.set(id, feed);
    return feed;
  }

  #schedule() {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#world.clock.frame(() => this.show());
  }

  /** Bring all signals up to date now. */
  show() {
    this.#isDue = false;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    batch(() => {
      for (const id of dirty) this.#showConversation(id);
      if (dirty.length) this.#showList();
      this.#showOutbox();
    });
  }

  #showConversation(id) {
    const conversation = this.#world.conversations.get(id);
    if (conversation) this.#summaries.set(id, steady(this.#summaries.get(id), summaryOf(conversation, this.#world)));
    else this.#summaries.delete(id);
    const feed = this.#feeds.get(id);
    if (!feed) return;
    feed.isStale = true;
    if (feed.isWatched || this.current.value === id) this.#refresh(id, feed);
  }

  #refresh(id, feed) {
    feed.isStale = false;
    const conversation = this.#world.conversations.get(id);
    const before = feed.signal.value;
    if (!conversation) feed.signal.value = EMPTY_FEED;
    else feed.signal.value = steadyFeed(before, feedOf(conversation, feed.rows, this.#world));
  }

  #showList() {
    const all = [...this.#summaries.values()];
    all.sort((one, other) => other.activeAt - one.activeAt || other.id - one.id);
    this.conversations.value = steadyList(this.conversations.value, all);
    this.#world.info.reached(sum(all.map((each) => each.cursor ?? 0)), sum(all.map((each) => each.head)));
  }

  #showOutbox() {
    const { entries } = this.#world.outbox;
    this.outboxCount.value = entries.filter((entry) => entry.status !== "failed").length;
    this.failedCount.value = entries.filter((entry) => entry.status === "failed").length;
    this.storageState.value = this.#world.storage.state;
  }
}

/** Rows are steady themselves: no need to look into them. */
function steadyFeed(before, after) {
  const items = steadyList(before.items, after.items);
  const isSame = items === before.items && Object.keys(after).every((key) => key === "items" || after[key] === before[key]);
  return isSame ? before : { ...after, items };
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
