// The log of one conversation as a node keeps it: positions without gaps, each message in its latest state.

export class FakeLog {
  head = 0;
  messages = new Map();
  byClientId = new Map();
  firstTexts = new Map(); // seq → what was posted, whatever became of it
  #id = 900;

  constructor(id, members, { kind = "group", title = "Friday", epoch = "e1" } = {}) {
    Object.assign(this, { id, members, kind, title, epoch });
    this.marks = new Map(members.map((member) => [member.id, { read_seq: 0, draft: "", muted: false }]));
  }

  append(sender, fields) {
    const known = this.byClientId.get(fields.client_id);
    if (known) return { event: null, seq: known, duplicate: true };
    const seq = (this.head += 1);
    const at = new Date(Date.UTC(2026, 0, 31, 9) + seq * 1000).toISOString();
    const { id, name } = sender;
    const event = { type: "message", conversation: this.id, seq, changed_seq: seq, id: (this.#id += 1), kind: "text", sender: { id, name }, at, ...fields };
    if (event.reply_to === null) delete event.reply_to;
    this.messages.set(seq, event);
    this.byClientId.set(fields.client_id, seq);
    this.firstTexts.set(seq, fields.text);
    return { event, seq, duplicate: false };
  }

  change(seq, fields) {
    const event = { ...this.messages.get(seq), ...fields, changed_seq: (this.head += 1) };
    for (const [key, value] of Object.entries(event)) if (value === undefined) delete event[key];
    this.messages.set(seq, event);
    return event;
  }

  delete(seq) {
    return this.change(seq, { deleted: true, text: undefined, html: undefined, reactions: undefined });
  }

  react(seq, user, emoji, on) {
    const reactions = { ...this.messages.get(seq).reactions };
    const users = new Set(reactions[emoji] ?? []);
    if (users.has(user) === on) return null;
    users[on ? "add" : "delete"](user);
    if (users.size) reactions[emoji] = [...users].sort();
    else delete reactions[emoji];
    return this.change(seq, { reactions: Object.keys(reactions).length ? reactions : undefined });
  }

  /** By position, as a replay tells them. */
  after(position) {
    return [...this.messages.values()].filter((event) => event.changed_seq > position).sort((one, other) => one.changed_seq - other.changed_seq);
  }

  get inOrder() {
    return [...this.messages.values()].sort((one, other) => one.seq - other.seq);
  }

  unreadOf(user) {
    const { read_seq: read } = this.marks.get(user);
    return this.inOrder.filter((event) => event.seq > read && event.kind === "text" && !event.deleted && event.sender.id !== user).length;
  }

  entryFor(user, resume) {
    const { read_seq: readSeq, draft, muted } = this.marks.get(user);
    const members = this.members.map((member) => ({ ...member, read_seq: this.marks.get(member.id).read_seq, online: true }));
    const { id, kind, title, epoch, head } = this;
    const unread = this.unreadOf(user);
    const entry = { id, kind, title, epoch, head, read_seq: readSeq, unread, draft, member_count: members.length, members, resume };
    return muted ? { ...entry, muted } : entry;
  }
}
