// Everything that the view knows and can do: signals to read, actions to call. README.md tells their shapes.

import { Conversation, RECORD_VERSION } from "./conversation.js";
import { memberOf } from "./summary.js";
import { World } from "./world.js";

const TEXT_CHARS = 8_000;
const MEMBERS_PAGE = 200;

/** @param {object} parts see README.md @returns {Store} */
export function createStore(parts) {
  return new Store(parts);
}

class Store {
  #world;
  #deviceName;
  #platform;
  #wasOnline = false;

  constructor({ deviceName = "", platform = "web", ...parts }) {
    const world = new World(parts);
    this.#world = world;
    this.#deviceName = deviceName;
    this.#platform = platform;
    const { conversations, totalUnread, current, loaded, outboxCount, failedCount, storageState, devices, preferences } = world.board;
    Object.assign(this, { conversations, totalUnread, current, loaded, outboxCount, failedCount, storageState, devices, preferences });
    this.connection = world.info.shown;
    this.notices = world.notices.shown;
    this.announcement = world.announcement.shown;
    world.settled = () => this.#settled();
    world.storage.listen((state) => (storageState.value = state));
    storageState.value = world.storage.state;
    world.socket.listen({
      hello: () => this.#hello(),
      isMe: (user) => user?.id === world.me.id,
      opened: (welcome, cause) => this.#opened(welcome, cause),
      events: (events) => world.intake.events(events),
      changed: (status) => this.#statusChanged(status),
    });
  }

  // Coming and going

  /** Shows what is stored, then connects. */
  async start() {
    for (const record of await this.#world.storage.conversations()) this.#restore(record);
    await this.#world.outbox.load();
    this.#world.board.touchAll();
    this.#world.board.show();
    this.loaded.value = true;
    this.#world.socket.start();
  }

  async stop() {
    this.#world.socket.stop();
    this.#world.stop();
    await this.flush();
  }

  /** Save now: for a page that is about to go. */
  flush() {
    return this.#world.keeping.flush();
  }

  retryNow() {
    this.#world.socket.retryNow();
  }

  /** Milliseconds since 1970 by the server's clock, wherever this machine's stands. */
  now() {
    return this.#world.serverTime.now();
  }

  /** When I last did something on another of my devices, by this machine's clock; -Infinity when that is unknown. */
  actedElsewhereAt() {
    return this.#world.elsewhere.actedAt;
  }

  measure() {
    this.#world.socket.measure();
  }

  async signOutLocally() {
    this.#world.socket.stop();
    await this.#forgetEverything();
  }

  #hello() {
    const { storage, intake } = this.#world;
    return { device: storage.deviceId, device_name: this.#deviceName, platform: this.#platform, cursors: intake.cursors() };
  }

  #opened(welcome, cause) {
    this.#world.info.opened(welcome.node ?? "", cause);
    this.#world.intake.welcome(welcome);
  }

  /** The node has brought everything: now it takes commands. */
  #settled() {
    const { socket, outbox, drafts, board } = this.#world;
    if (board.current.value !== null) socket.send({ type: "open", conversation: board.current.value });
    outbox.online();
    drafts.online();
    socket.measure();
  }

  #statusChanged(status) {
    const { info, intake, outbox, board } = this.#world;
    info.changed(status);
    const isOnline = status.state === "online";
    if (this.#wasOnline && !isOnline) {
      outbox.offline();
      intake.ended();
    }
    if (this.#wasOnline !== isOnline) board.touchAll();
    this.#wasOnline = isOnline;
    if (status.state === "revoked") this.#forgetEverything();
  }

  #restore({ draft, ...record }) {
    if (record.version !== RECORD_VERSION) return;
    const { me, conversations, people, drafts } = this.#world;
    const conversation = new Conversation(record.id, me);
    conversation.restore(record);
    conversations.set(record.id, conversation);
    this.#world.openedBefore(conversation);
    if (draft?.text || draft?.unsent) drafts.restore(record.id, draft);
    for (const member of record.members) people.meet(member);
  }

  async #forgetEverything() {
    const { conversations, outbox, storage, board } = this.#world;
    this.#world.stop();
    board.touchAll();
    conversations.clear();
    outbox.forgetAll();
    board.current.value = null;
    await storage.forget();
  }

  // Reading

  messages(id) {
    return this.#world.board.feed(id);
  }

  openConversation(id) {
    const { board, socket, conversations } = this.#world;
    if (board.current.value === id) return;
    board.current.value = id;
    socket.send({ type: "open", conversation: id });
    const conversation = conversations.get(id);
    if (!conversation) return;
    Object.assign(conversation, { divider: null, isDividerDue: true, anchorSeq: null });
    conversation.timeline.showLatest();
    if (conversation.following.phase !== "catching_up") this.#world.showDivider(conversation);
    board.touch(id);
  }

  loadOlder(id) {
    return this.#world.pages.older(id);
  }

  loadNewer(id) {
    return this.#world.pages.newer(id);
  }

  async showAround(id, seq) {
    return this.#world.told("history", await this.#world.pages.around(id, seq));
  }

  showLatest(id) {
    const conversation = this.#world.conversations.get(id);
    if (!conversation) return;
    conversation.timeline.showLatest();
    conversation.anchorSeq = null;
    this.#world.board.touch(id);
  }

  markRead(id, seq) {
    const conversation = this.#world.conversations.get(id);
    if (!conversation?.read(seq)) return;
    conversation.readUnsaid = conversation.readSeq;
    this.#world.readings.say(conversation);
    this.#world.touch(id);
  }

  async markUnread(id, seq) {
    const conversation = this.#world.conversations.get(id);
    if (!conversation) return { ok: false, code: "not_found" };
    const result = this.#world.told("unread", await this.#prefer((preferences) => preferences.markUnread(id, seq)));
    if (result.ok && Number.isSafeInteger(result.read_seq)) {
      conversation.settle({ readSeq: result.read_seq, unread: result.unread, muted: result.muted });
      conversation.divider = conversation.firstUnread();
      this.#world.touch(id);
    }
    return result;
  }

  async mute(id, on) {
    const conversation = this.#world.conversations.get(id);
    if (!conversation) return { ok: false, code: "not_found" };
    const before = conversation.muted;
    conversation.muted = on;
    this.#world.touch(id);
    const result = this.#world.told("mute", await this.#prefer((preferences) => preferences.mute(id, on)));
    if (!result.ok) conversation.muted = before;
    this.#world.touch(id);
    return result;
  }

  async #prefer(say) {
    const { preferences } = this.#world;
    return preferences ? say(preferences) : { ok: false, code: "unsupported" };
  }

  whoHas(id, seq) {
    const conversation = this.#world.conversations.get(id);
    const found = { delivered: [], read: [], waiting: [] };
    for (const member of conversation?.members.values() ?? []) {
      if (member.id === this.#world.me.id || member.program) continue;
      const shown = memberOf(member, conversation, this.#world);
      found[shown.readSeq >= seq ? "read" : shown.deliveredSeq >= seq ? "delivered" : "waiting"].push(shown);
    }
    return found;
  }

  // Writing

  post(id, text, { replyTo = null } = {}) {
    const { conversations, outbox, randomId, drafts, typing, serverTime } = this.#world;
    const said = text.replaceAll("\0", "").trimEnd();
    if (!conversations.has(id) || said.trim() === "" || lengthOf(said) > TEXT_CHARS) return null;
    const clientId = randomId();
    outbox.post({ clientId, conversation: id, text: said, replyTo, at: serverTime.now() });
    this.showLatest(id);
    drafts.clear(id);
    typing.say(id, false);
    return clientId;
  }

  retry(clientId) {
    this.#world.outbox.retry(clientId);
  }

  discard(clientId) {
    this.#world.outbox.discard(clientId);
  }

  edit(id, seq, text) {
    return this.#world.act({ type: "edit", conversation: id, seq, text: text.replaceAll("\0", "").trimEnd() });
  }

  remove(id, seq) {
    return this.#world.act({ type: "delete", conversation: id, seq });
  }

  async react(id, seq, emoji, on) {
    const { overlays, board, conversations, me } = this.#world;
    overlays.choose(id, seq, emoji, on);
    board.touch(id);
    const result = await this.#world.act({ type: "react", conversation: id, seq, emoji, on });
    const held = conversations.get(id)?.timeline.get(seq);
    if (!result.ok || !held) overlays.forget(id, seq, emoji);
    else if (held.changedSeq >= result.changed_seq) overlays.settle(id, held, me.id);
    board.touch(id);
    return result;
  }

  /** How the assistant behaves in a conversation: {ok, speaks, policy, instructions}. */
  assistantOf(id) {
    return this.#prefer((preferences) => preferences.assistant(id));
  }

  async chooseAssistant(id, chosen) {
    return this.#world.told("assistant", await this.#prefer((preferences) => preferences.chooseAssistant(id, chosen)));
  }

  /** End an answer of the assistant that is being given. */
  stopAnswer(id, turn) {
    return this.#world.act({ type: "stop", conversation: id, turn });
  }

  /** Have the assistant's answer at `seq` given again, in its place. */
  regenerate(id, seq) {
    return this.#world.act({ type: "regenerate", conversation: id, seq });
  }

  draft(id, text) {
    if (lengthOf(text) <= TEXT_CHARS) this.#world.drafts.write(id, text);
  }

  typing(id, on) {
    this.#world.typing.say(id, on);
  }

  dismiss(key) {
    this.#world.notices.dismiss(key);
  }

  putAnnouncementAway() {
    this.#world.announcement.putAway();
  }

  // Conversations and who is in them

  create({ kind, title, members }) {
    const command = { type: "create", kind, members };
    return this.#world.ask(kind === "group" ? { ...command, title } : command);
  }

  rename(id, title) {
    return this.#world.ask({ type: "rename", conversation: id, title });
  }

  invite(id, members) {
    return this.#world.ask({ type: "invite", conversation: id, members });
  }

  leave(id) {
    return this.#world.act({ type: "leave", conversation: id });
  }

  removeMember(id, user) {
    return this.#world.act({ type: "remove", conversation: id, user });
  }

  /** All members, page by page. */
  async members(id) {
    const found = [];
    for (;;) {
      const after = found.at(-1)?.id ?? 0;
      const page = await this.#world.act({ type: "members", conversation: id, after, limit: MEMBERS_PAGE });
      if (!page.ok) return page;
      found.push(...page.members);
      if (!page.has_more || page.members.length === 0) break;
    }
    return { ok: true, members: this.#meet(id, found) };
  }

  #meet(id, found) {
    const { conversations, people, presence, me } = this.#world;
    const conversation = conversations.get(id);
    if (!conversation) return [];
    for (const member of found) {
      people.meet(member);
      presence.set(member.id, member.online === true);
      conversation.receipts.read(member.id, member.read_seq ?? 0);
      if (member.id === me.id) conversation.isOwner = member.role === "owner";
      if (conversation.members.has(member.id)) conversation.meet(member);
    }
    this.#world.touch(id);
    return found.map(({ id: user, username = "", name, role = "member", program, built_in: builtIn }) =>
      memberOf({ id: user, username, name, role, program, builtIn }, conversation, this.#world),
    );
  }
}

/** Unicode code points, as the server counts. */
function lengthOf(text) {
  return text.length <= TEXT_CHARS ? text.length : Array.from(text).length;
}
