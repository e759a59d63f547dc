// Saves what changed: conversations with their cursors at most twice a second, all in one transaction.

const SAVE_MS = 500;

export class Keeping {
  #world;
  #dirty = new Set();
  #left = new Set();
  #timer = null;
  #saving = Promise.resolve();

  constructor(world) {
    this.#world = world;
  }

  touch(id) {
    this.#dirty.add(id);
    this.#timer ??= this.#world.clock.wait(() => this.flush(), SAVE_MS);
  }

  forget(id) {
    this.#left.add(id);
    this.touch(id);
  }

  /** Save now what changed; resolves when it is on disk. */
  flush() {
    this.#world.clock.cancel(this.#timer);
    this.#timer = null;
    const records = [...this.#dirty].flatMap((id) => this.#recordOf(id));
    const left = [...this.#left].filter((id) => !this.#world.conversations.has(id));
    this.#dirty.clear();
    this.#left.clear();
    this.#saving = this.#saving.then(() => this.#world.storage.saveConversations(records, left));
    return this.#saving;
  }

  #recordOf(id) {
    const conversation = this.#world.conversations.get(id);
    if (!conversation || conversation.following.cursor === null) return [];
    const { text, unsent } = this.#world.drafts.of(id);
    return [{ ...conversation.record(), draft: { text, unsent } }];
  }
}
