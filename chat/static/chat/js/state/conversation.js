// One conversation as this device knows it: who is in it, its messages, and how far they were read.

import { Following } from "./following.js";
import { isNews, messageOf } from "./message.js";
import { Receipts } from "./receipts.js";
import { Timeline } from "./timeline.js";

/** Of what `record` makes; another one is not understood, and the conversation comes as a snapshot. */
export const RECORD_VERSION = 2;
const SNAPSHOT_MESSAGES = 50;
const STORED_MESSAGES = 100;

export class Conversation {
  following = new Following();
  timeline = new Timeline();
  receipts = new Receipts();
  members = new Map(); // user → {id, username, name, role}; the first 50, and whom messages told of
  kind = "group";
  title = "";
  memberCount = 0;
  head = 0;
  entered = 0; // the head at `welcome`: its entry tells already what happened up to here
  readSeq = 0; // mine, on all devices
  readUnsaid = 0; // mine, which no server has confirmed yet
  muted = false;
  divider = null; // where the unread began when the conversation was opened
  isDividerDue = false; // opened before its messages were known
  anchorSeq = null; // of a permalink
  joinedAt = 0; // when I was put into it while connected, in milliseconds; 0 before
  isOwner = false;
  #me;
  #unreadSaid = 0; // by the server, until the messages are here
  #unreadBelow = 0; // unread messages that are older than what is held

  constructor(id, me) {
    this.id = id;
    this.#me = me;
  }

  // What the server says

  /** @param {object} entry of `welcome` or `joined` */
  enter(entry) {
    this.kind = entry.kind;
    this.title = entry.title ?? "";
    this.memberCount = entry.member_count ?? entry.members.length;
    this.head = entry.head;
    this.entered = entry.head;
    this.#unreadSaid = entry.unread ?? 0;
    this.readSeq = Math.max(this.readUnsaid, entry.read_seq ?? 0);
    this.muted = entry.muted === true;
    this.members = new Map();
    for (const member of entry.members ?? []) this.meet(member);
    this.following.begin(entry.epoch, entry.resume);
  }

  meet({ id, username = "", name, role = "member", program = false, built_in: builtIn = false, read_seq: readSeq = 0 }) {
    this.members.set(id, { id, username, name, role, program, builtIn });
    this.receipts.read(id, readSeq);
    if (id === this.#me.id) this.isOwner = role === "owner";
  }

  /** @returns {string} what became of it, see Timeline.apply; "gathered" while catching up */
  hear(event) {
    const message = messageOf(event, this.#me);
    if (!this.following.offer(message)) return "gathered";
    return this.#take(message);
  }

  /** @returns {boolean} whether this ended a catching up */
  caughtUp(epoch, seq) {
    const done = this.following.caughtUp(epoch, seq);
    this.head = done ? seq : Math.max(this.head, seq);
    if (!done) return false;
    if (done.resume === "snapshot") this.#replace(done.messages);
    else for (const message of done.messages) this.#take(message);
    this.#settleUnread();
    return true;
  }

  #replace(messages) {
    const firstSeq = messages[0]?.seq ?? 0;
    const window = messages.filter((message) => message.seq >= firstSeq);
    const latest = new Map();
    for (const message of window) {
      if (!(latest.get(message.seq)?.changedSeq >= message.changedSeq)) latest.set(message.seq, message);
    }
    const sorted = [...latest.values()].sort((one, other) => one.seq - other.seq);
    this.timeline.replace(sorted, sorted.length >= SNAPSHOT_MESSAGES && firstSeq > 1);
  }

  #take(message) {
    this.head = Math.max(this.head, message.changedSeq);
    const became = this.timeline.apply(message);
    if (became === "new" && message.kind === "system") this.#readMinutes(message);
    return became;
  }

  /** A system message tells what changed about the conversation itself. */
  #readMinutes({ data, seq }) {
    if (!data || seq <= this.entered) return;
    if (data.action === "renamed") this.title = data.title ?? this.title;
    if (data.action === "joined" && !this.members.has(data.user)) {
      this.memberCount += 1;
      this.meet({ id: data.user, name: data.name ?? "" });
    }
    if (data.action === "left" || data.action === "removed") {
      if (this.members.delete(data.user)) this.memberCount -= 1;
      this.receipts.forget(data.user);
    }
  }

  /** Whether I may stop, and have given again, an answer to a question of this user. */
  mayAskAgain(asker) {
    return this.kind === "direct" || this.isOwner || asker === this.#me.id;
  }

  // Reading

  get unread() {
    return this.following.phase === "catching_up" ? this.#unreadSaid : this.#unreadBelow + this.#count((message) => isNews(message, this.#me.id));
  }

  get mentions() {
    return this.#count((message) => message.mentionsMe && isNews(message, this.#me.id));
  }

  /** @returns {boolean} whether that is news */
  read(seq) {
    if (seq <= this.readSeq) return false;
    this.readSeq = seq;
    if (this.#holdsUnread) this.#unreadBelow = 0;
    return true;
  }

  /** Marked as unread, or muted: what holds now, even where it goes back. */
  settle({ readSeq, unread, muted }) {
    this.readSeq = readSeq;
    this.readUnsaid = 0;
    this.muted = muted;
    this.#unreadBelow = 0;
    if (!this.#holdsUnread) this.#unreadBelow = Math.max(0, unread - this.unread);
  }

  /** Whether every unread message is among those that are held. */
  get #holdsUnread() {
    return !this.timeline.hasOlder || this.readSeq >= this.timeline.floor - 1;
  }

  /** Where the divider stands: the first unread message that is held. */
  firstUnread() {
    const { live } = this.timeline;
    let first = null;
    for (let index = live.length - 1; index >= 0 && live[index].seq > this.readSeq; index -= 1) {
      if (isNews(live[index], this.#me.id)) first = live[index].seq;
    }
    return first;
  }

  /** Older messages were added below what was held. */
  grewOlder(messages) {
    this.#unreadBelow = this.timeline.hasOlder ? Math.max(0, this.#unreadBelow - this.#newsAmong(messages)) : 0;
  }

  #newsAmong(messages) {
    return messages.filter((message) => message.seq > this.readSeq && isNews(message, this.#me.id)).length;
  }

  #settleUnread() {
    const entered = this.#count((message) => isNews(message, this.#me.id) && message.seq <= this.entered);
    this.#unreadBelow = this.#holdsUnread ? 0 : Math.max(0, this.#unreadSaid - entered);
  }

  #count(isCounted) {
    const { live } = this.timeline;
    let count = 0;
    for (let index = live.length - 1; index >= 0 && live[index].seq > this.readSeq; index -= 1) {
      if (isCounted(live[index])) count += 1;
    }
    return count;
  }

  // Keeping

  /** Cursor and messages together: see README.md. */
  record() {
    const messages = this.timeline.live.slice(-STORED_MESSAGES);
    const isCut = messages.length < this.timeline.live.length;
    return {
      version: RECORD_VERSION,
      id: this.id,
      kind: this.kind,
      title: this.title,
      memberCount: this.memberCount,
      members: [...this.members.values()],
      epoch: this.following.epoch,
      cursor: this.following.cursor,
      head: this.head,
      readSeq: this.readSeq,
      readUnsaid: this.readUnsaid,
      unreadBelow: Math.max(0, this.unread - this.#newsAmong(messages)),
      muted: this.muted,
      isOwner: this.isOwner,
      receipts: this.receipts.record(),
      messages,
      hasOlder: this.timeline.hasOlder || isCut,
    };
  }

  restore(record) {
    const { kind, title, memberCount, members, head, readSeq, readUnsaid, muted, isOwner } = record;
    Object.assign(this, { kind, title, memberCount, head, readSeq, readUnsaid, muted, isOwner });
    this.members = new Map(members.map((member) => [member.id, member]));
    this.following.epoch = record.epoch;
    this.following.cursor = record.cursor;
    this.receipts.restore(record.receipts);
    this.timeline.replace(record.messages, record.hasOlder);
    this.#unreadBelow = record.unreadBelow;
  }
}
