// The past, fetched a page at a time.

import { messageOf } from "./message.js";

const PAGE = 50;
const AROUND = 60;
const NEWER = 200; // `around` the newest one shown brings half of it beyond

export class Pages {
  #world;
  #loading = new Set(); // "conversation:end" of pages on their way

  constructor(world) {
    this.#world = world;
  }

  isLoading(id, end) {
    return this.#loading.has(`${id}:${end}`);
  }

  older(id) {
    return this.#fetch(id, "older", ({ timeline }) => {
      const isLive = timeline.around === null;
      const hasOlder = isLive ? timeline.hasOlder : timeline.around.hasOlder;
      return hasOlder ? { before: timeline.shown[0]?.seq ?? null, limit: PAGE } : null;
    }, (conversation, messages, page) => {
      conversation.timeline.addOlder(messages, page.has_more);
      conversation.grewOlder(messages);
    });
  }

  newer(id) {
    const asked = ({ timeline }) => (timeline.around ? { around: timeline.around.list.at(-1).seq, limit: NEWER } : null);
    return this.#fetch(id, "newer", asked, ({ timeline }, messages, page) => timeline.addNewer(messages, page.has_newer === true));
  }

  async around(id, seq) {
    const conversation = this.#world.conversations.get(id);
    if (!conversation) return { ok: false, code: "not_found" };
    const { timeline } = conversation;
    conversation.anchorSeq = seq;
    if (timeline.get(seq)) {
      if (timeline.around && seq >= timeline.floor) timeline.showLatest();
      this.#world.board.touch(id);
      return { ok: true };
    }
    const take = (_, messages, page) => {
      if (!messages.some((message) => message.seq === seq)) return { ok: false, code: "not_found" };
      timeline.showAround(messages, { hasOlder: page.has_more, hasNewer: page.has_newer === true, anchor: seq });
      return { ok: true };
    };
    return this.#fetch(id, "around", () => ({ around: seq, limit: AROUND }), take);
  }

  async #fetch(id, end, asked, take) {
    const key = `${id}:${end}`;
    const conversation = this.#world.conversations.get(id);
    const part = conversation && asked(conversation);
    if (!part || this.#loading.has(key)) return { ok: Boolean(conversation) };
    const { timeline } = conversation;
    const shown = timeline.shown[0]?.seq;
    const life = timeline.life;
    this.#loading.add(key);
    timeline.awaitPage();
    this.#world.board.touch(id);
    try {
      const page = await this.#world.ask({ type: "history", conversation: id, ...part });
      if (!page.ok) return page;
      const hasMoved = timeline.life !== life || (end === "older" && timeline.shown[0]?.seq !== shown);
      if (hasMoved) return { ok: true }; // a snapshot or a jump came in between: this page fits nowhere now
      const messages = page.messages.map((event) => messageOf(event, this.#world.me));
      return take(conversation, messages, page) ?? { ok: true };
    } finally {
      timeline.pageEnded();
      this.#loading.delete(key);
      this.#world.board.touch(id);
      this.#world.keeping.touch(id);
    }
  }
}
