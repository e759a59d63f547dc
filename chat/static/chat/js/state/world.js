// The rooms of the state and how they know each other: made once, by the store.

import { loneTab } from "../connection/tab.js";
import { memoryStorage } from "../connection/storage.js";
import { Outbox } from "../connection/outbox.js";
import { putAwayIn } from "../connection/put_away.js";
import { Acks } from "./acks.js";
import { Announcement } from "./announcement.js";
import { Answers } from "./answers.js";
import { Board } from "./board.js";
import { ConnectionInfo } from "./connection_info.js";
import { Drafts } from "./drafts.js";
import { Echoes } from "./echoes.js";
import { Elsewhere } from "./elsewhere.js";
import { Intake } from "./intake.js";
import { Keeping } from "./keeping.js";
import { Notices } from "./notices.js";
import { Overlays } from "./overlays.js";
import { Pages } from "./pages.js";
import { People } from "./people.js";
import { Presence } from "./presence.js";
import { Readings } from "./readings.js";
import { ServerTime } from "./server_time.js";
import { Typing } from "./typing.js";

export class World {
  conversations = new Map(); // id → Conversation; removed when the user leaves it
  people = new People();
  overlays = new Overlays();
  settled = () => {}; // said by the intake, once per connection

  constructor({ me, socket, clock, randomId, words, preferences, serverNow = clock.now(), tab = loneTab(randomId()), storage = memoryStorage({ clock, randomId }), putAway = putAwayIn() }) {
    Object.assign(this, { me, socket, clock, randomId, tab, storage, preferences });
    const touch = (id) => this.touch(id);
    const show = (id) => this.board.touch(id);
    const send = (command) => socket.send(command);
    const request = (command) => socket.request(command);
    this.people.meet(me);
    this.serverTime = new ServerTime(clock, serverNow);
    this.info = new ConnectionInfo(this.serverTime, { deviceId: storage.deviceId, status: socket.status });
    this.elsewhere = new Elsewhere(clock);
    this.board = new Board(this);
    this.notices = new Notices(clock, words);
    this.announcement = new Announcement({ clock: { ...clock, now: () => this.serverTime.now() }, putAway });
    this.presence = new Presence(clock, (user) => this.#showPerson(user));
    this.typing = new Typing({ clock, send, changed: show });
    this.answers = new Answers({ clock, changed: show });
    this.drafts = new Drafts({ clock, changed: touch, send: (command) => this.#sendDraft(command) });
    this.readings = new Readings({ clock, request });
    this.acks = new Acks({ clock, send });
    this.keeping = new Keeping(this);
    this.outbox = new Outbox({
      storage,
      clock,
      tab,
      send: ({ clientId, conversation, text, replyTo }) =>
        request({ type: "post", conversation, client_id: clientId, text, reply_to: replyTo }),
      changed: (entry) => show(entry.conversation),
      stored: (entry, answer) => this.#landed(entry, answer),
    });
    this.echoes = new Echoes(this.outbox);
    this.pages = new Pages(this);
    this.intake = new Intake(this);
  }

  isOnline() {
    return this.socket.status.state === "online";
  }

  /** Something of this conversation changed: show it and save it. */
  touch(id) {
    this.board.touch(id);
    this.keeping.touch(id);
  }

  /** @returns {Promise<{ok: true} | {ok: false, code: string}>} with the fields of the answer; never rejects for what a server may say */
  async ask(command) {
    try {
      const { type: _type, ref: _ref, ...answer } = await this.socket.request(command);
      return { ok: true, ...answer };
    } catch (error) {
      if (!error.code) throw error;
      return { ok: false, code: error.code };
    }
  }

  /** The same, and the user is told when it fails. */
  async act(command) {
    return this.told(command.type, await this.ask(command));
  }

  told(action, result) {
    if (!result.ok) this.notices.say(result.code, { data: { action } });
    return result;
  }

  /** The address may have named a conversation before anything of it was known. */
  openedBefore(conversation) {
    if (this.board.current.value !== conversation.id) return;
    conversation.isDividerDue = true;
    if (conversation.following.cursor !== null) this.showDivider(conversation);
  }

  /** Where the unread begins, for a conversation that was opened before its messages were known. */
  showDivider(conversation) {
    if (!conversation.isDividerDue) return;
    conversation.divider ??= conversation.firstUnread();
    conversation.isDividerDue = conversation.following.phase !== "live";
  }

  stop() {
    for (const room of [this.announcement, this.intake, this.presence, this.typing, this.answers, this.drafts, this.readings, this.acks, this.outbox]) room.stop();
  }

  #sendDraft(command) {
    if (!this.isOnline()) return null;
    return this.socket.request(command).then(
      () => true,
      () => false,
    );
  }

  #landed(entry, { seq }) {
    const conversation = this.conversations.get(entry.conversation);
    if (!conversation) return;
    const { cursor } = conversation.following;
    const isHeld = conversation.timeline.get(seq) || (cursor !== null && seq <= cursor);
    if (!isHeld) this.echoes.land(entry, seq);
    this.touch(entry.conversation);
  }

  #showPerson(user) {
    for (const conversation of this.conversations.values()) {
      if (conversation.members.has(user)) this.board.touch(conversation.id);
    }
  }
}
