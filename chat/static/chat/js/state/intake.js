// What the server says, event by event, into what this device knows.

import { Conversation } from "./conversation.js";
import { steady } from "./steady.js";

const GAP_MS = 3_000; // the node explains a skipped position within moments, or never
const BEHIND_MS = 5_000;

export class Intake {
  #world;
  #entered = new Set(); // conversations that this connection has named
  #isSettled = false; // everything that this connection had to bring is here
  #gapTimer = null;
  #behindTimer = null;

  constructor(world) {
    this.#world = world;
  }

  /** What `hello` says of where this device stands. */
  cursors() {
    const held = [...this.#world.conversations.values()].filter(({ following }) => following.cursor !== null);
    return Object.fromEntries(
      held.slice(0, 1000).map(({ id, following }) => [id, { epoch: following.epoch, seq: following.cursor }]),
    );
  }

  welcome({ conversations, preferences }) {
    this.#entered.clear();
    this.#isSettled = false;
    this.#world.announcement.welcomed();
    for (const entry of conversations) this.#enter(entry);
    this.#prefer(preferences ?? {});
    this.#settleIfDone();
  }

  events(events) {
    for (const event of events) {
      if (Object.hasOwn(this.#on, event.type)) this.#on[event.type](event);
    }
  }

  /** The connection has ended. */
  ended() {
    this.#isSettled = false;
    this.#cancelDoubts();
    for (const { id, following } of this.#world.conversations.values()) {
      following.end();
      this.#world.board.touch(id);
    }
  }

  stop() {
    this.#cancelDoubts();
  }

  #cancelDoubts() {
    this.#world.clock.cancel(this.#gapTimer);
    this.#world.clock.cancel(this.#behindTimer);
    this.#gapTimer = this.#behindTimer = null;
  }

  #enter(entry) {
    const { conversations, people, presence, drafts, me, readings } = this.#world;
    const known = conversations.get(entry.id);
    const conversation = known ?? new Conversation(entry.id, me);
    conversations.set(entry.id, conversation);
    if (!known) this.#world.openedBefore(conversation);
    conversation.enter(entry);
    for (const member of entry.members ?? []) {
      people.meet(member);
      presence.set(member.id, member.online === true);
    }
    drafts.hear(entry.id, entry.draft ?? "");
    if (conversation.readUnsaid > (entry.read_seq ?? 0)) readings.say(conversation);
    this.#entered.add(entry.id);
    this.#world.touch(entry.id);
    return conversation;
  }

  #leave(id) {
    const { conversations, outbox, echoes, drafts, keeping, board } = this.#world;
    if (!conversations.delete(id)) return;
    outbox.fail(id, "not_found");
    echoes.forget(id);
    drafts.forget(id);
    keeping.forget(id);
    board.touch(id);
  }

  /** All that came back with this connection is complete: what waited for it may go now. */
  #settleIfDone() {
    const all = [...this.#world.conversations.values()];
    if (this.#isSettled || all.some(({ following }) => following.phase === "catching_up")) return;
    this.#isSettled = true;
    for (const { id } of all) if (!this.#entered.has(id)) this.#leave(id); // not named: left while away
    this.#world.settled();
  }

  #on = {
    message: (event) => {
      const conversation = this.#world.conversations.get(event.conversation);
      if (!conversation) return;
      const became = conversation.hear(event);
      if (became !== "gathered") this.#tookMessage(conversation, event);
      if (conversation.following.hasGap) this.#doubtGap();
    },

    caught_up: ({ conversation: id, epoch, seq }) => {
      const conversation = this.#world.conversations.get(id);
      if (!conversation) return;
      if (conversation.following.phase === "live" && conversation.following.epoch !== epoch) {
        this.#world.socket.resync("gap");
        return;
      }
      const wasAround = conversation.timeline.around !== null;
      if (conversation.caughtUp(epoch, seq)) this.#cameUpToDate(conversation, wasAround);
      this.#world.acks.note(id, conversation.following.cursor);
      this.#world.touch(id);
      this.#settleIfDone();
    },

    read: ({ conversation: id, user, seq }) => {
      const conversation = this.#world.conversations.get(id);
      if (!conversation) return;
      const isNews = conversation.receipts.read(user, seq);
      const isReadElsewhere = user === this.#world.me.id && conversation.read(seq);
      if (isReadElsewhere) this.#world.elsewhere.acted();
      if (isReadElsewhere || isNews) this.#world.touch(id);
    },

    delivered: ({ conversation: id, user, seq }) => {
      const conversation = this.#world.conversations.get(id);
      if (conversation?.receipts.delivered(user, seq)) this.#world.touch(id);
    },

    draft: ({ conversation, text }) => {
      this.#world.elsewhere.acted();
      this.#world.drafts.hear(conversation, text);
    },

    typing: ({ conversation, user, on }) => {
      if (user !== this.#world.me.id) this.#world.typing.heard(conversation, user, on === true);
    },

    assistant: (event) => {
      if (this.#world.conversations.has(event.conversation)) this.#world.answers.hear(event);
    },

    presence: ({ user, online }) => this.#world.presence.set(user, online === true),

    conversation: (event) => {
      if (event.state === "left") this.#leave(event.conversation);
      else if (event.state === "joined") this.#join(event.entry);
      else this.#world.conversations.get(event.conversation)?.settle({ readSeq: event.read_seq, unread: event.unread, muted: event.muted === true });
      this.#world.touch(event.conversation);
      this.#settleIfDone(); // it may have been the last one that was waited for
    },

    device: ({ device, name, state }) => {
      const { elsewhere, storage } = this.#world;
      if (device !== storage.deviceId && state === "online") elsewhere.acted();
      if (device !== storage.deviceId && state !== "online") elsewhere.gone();
      const others = this.#world.board.devices.value.filter((each) => each.id !== device);
      this.#world.board.devices.value = [...others, { id: device, name: name ?? "", state }];
    },

    announcement: (event) => this.#world.announcement.hear(event),

    preferences: ({ language, theme }) => this.#prefer({ language, theme }),

    pong: ({ heads }) => this.#compareHeads(heads),
  };

  #prefer({ language, theme }) {
    const { preferences } = this.#world.board;
    preferences.value = steady(preferences.value, { language, theme });
  }

  #join(entry) {
    const isNew = !this.#world.conversations.has(entry.id);
    const conversation = this.#enter(entry);
    if (isNew && this.#isSettled) conversation.joinedAt = this.#world.clock.now();
  }

  #tookMessage(conversation, { sender, client_id: clientId, seq, changed_seq: changedSeq }) {
    const { me, people, typing, answers, echoes, elsewhere, overlays, acks, keeping, board, serverTime } = this.#world;
    people.meet(sender);
    answers.landed(clientId);
    if (sender.id === me.id && seq === changedSeq && !echoes.knows(clientId)) elsewhere.acted();
    if (sender.id === me.id) echoes.seen(clientId);
    else typing.heard(conversation.id, sender.id, false);
    const held = conversation.timeline.get(seq);
    if (held) overlays.settle(conversation.id, held, me.id);
    if (held && seq === changedSeq) serverTime.learn(held.at);
    acks.note(conversation.id, conversation.following.cursor);
    keeping.touch(conversation.id);
    board.touch(conversation.id);
  }

  #cameUpToDate(conversation, wasAround) {
    const { live } = conversation.timeline;
    const { me, people, answers, echoes, overlays } = this.#world;
    answers.caughtUp(conversation.id);
    for (const message of live) {
      people.meet(message.sender);
      if (message.sender.id === me.id) echoes.seen(message.clientId);
      overlays.settle(conversation.id, message, me.id);
    }
    echoes.settled(conversation.id, conversation.following.cursor);
    this.#world.showDivider(conversation);
    const wasForgotten = wasAround && conversation.timeline.around === null;
    if (wasForgotten && conversation.anchorSeq !== null) this.#world.pages.around(conversation.id, conversation.anchorSeq);
  }

  // Nothing may be missing

  #doubtGap() {
    this.#gapTimer ??= this.#world.clock.wait(() => {
      this.#gapTimer = null;
      const hasGap = [...this.#world.conversations.values()].some(({ following }) => following.hasGap);
      if (hasGap) this.#world.socket.resync("gap");
    }, GAP_MS);
  }

  #compareHeads(heads) {
    const lacking = () => Object.entries(heads).some(([id, head]) => this.#reached(Number(id)) < head);
    for (const [id, head] of Object.entries(heads)) this.#noteHead(Number(id), head);
    if (!lacking()) this.#world.info.confirmed();
    else if (this.#isSettled) this.#doubtHeads(lacking);
  }

  #doubtHeads(lacking) {
    if (this.#behindTimer !== null) return;
    this.#behindTimer = this.#world.clock.wait(() => {
      this.#behindTimer = null;
      if (lacking()) this.#world.socket.resync("gap");
    }, BEHIND_MS);
  }

  #noteHead(id, head) {
    const conversation = this.#world.conversations.get(id);
    if (!conversation || conversation.head >= head) return;
    conversation.head = head;
    this.#world.board.touch(id);
  }

  #reached(id) {
    return this.#world.conversations.get(id)?.following.cursor ?? -1;
  }
}
