// A node that speaks distchat.v1 to fake sockets: enough of the protocol to prove the client against, and faults on demand.

import { FakeLog } from "./fake_log.js";

export const ANN = { id: 3, username: "ann", name: "Ann" };
export const BOB = { id: 4, username: "bob", name: "Bob" };
export const CAROL = { id: 5, username: "carol", name: "Carol" };

const REPLAY_CHANGES = 500;
const SNAPSHOT_MESSAGES = 50;

export class FakeServer {
  logs = new Map();
  connections = new Set();
  said = []; // every command, for tests that count
  refusals = []; // {type, error, times}: see `refuse`
  isDown = false;
  holdsAnswers = false; // commands are done, and the answers kept back until `answerHeld`
  node = "server_1";
  signedIn = null; // whose cookie the browser has, when it is not the page's user
  #held = [];
  #lastCount = 0;

  log(id, members = [ANN, BOB], options = {}) {
    const log = new FakeLog(id, members, options);
    this.logs.set(id, log);
    return log;
  }

  /** The next `times` commands of this type are answered with this error. */
  refuse(type, error, times = 1) {
    this.refusals.push({ type, error, times });
  }

  /** A member without a client here says something. */
  say(conversation, sender, text, fields = {}) {
    const log = this.logs.get(conversation);
    this.#lastCount += 1;
    const clientId = fields.client_id ?? `ffffffff-0000-4000-8000-${String(this.#lastCount).padStart(12, "0")}`;
    const { event, seq } = log.append(sender, { text, ...fields, client_id: clientId });
    this.tell(conversation, event);
    return seq;
  }

  /** To everyone who is in the conversation and live. */
  tell(conversation, ...events) {
    const members = new Set(this.logs.get(conversation).members.map((member) => member.id));
    for (const each of this.connections) if (each.user && members.has(each.user.id)) each.receive(events);
  }

  tellUser(user, ...events) {
    for (const each of this.connections) if (each.user?.id === user) each.receive(events);
  }

  /** Every connection breaks; `code` 1006 says nothing, as when the node is killed. */
  breakAll(code = 1006, bye = null) {
    for (const each of [...this.connections]) each.breakOff(code, bye);
  }

  answerHeld() {
    const held = this.#held;
    this.#held = [];
    for (const tell of held) tell();
  }

  open(user) {
    return (url, protocols) => {
      const socket = new FakeSocket(this, this.signedIn ?? user, url, protocols);
      queueMicrotask(() => socket.begin());
      return socket;
    };
  }

  // What a client says

  take(socket, command) {
    this.said.push(command);
    const refusal = this.refusals.find((each) => each.type === command.type && each.times > 0);
    if (refusal) {
      refusal.times -= 1;
      socket.receive([{ type: "error", ref: command.ref, retryable: false, detail: "", ...refusal.error }]);
      return;
    }
    const answer = this.#on[command.type](socket, command);
    if (!answer || command.ref === undefined) return;
    const tell = () => socket.receive([{ ref: command.ref, ...answer }]);
    if (this.holdsAnswers && command.type !== "hello") this.#held.push(tell);
    else tell();
  }

  #logFor(socket, id) {
    const log = this.logs.get(id);
    return log?.members.some((member) => member.id === socket.member.id) ? log : null;
  }

  #inLog(action) {
    return (socket, command) => {
      const log = this.#logFor(socket, command.conversation);
      return log ? action(log, socket.member, command, socket) : { type: "error", code: "not_found", retryable: false };
    };
  }

  #onMessage(action) {
    return this.#inLog((log, member, command) => {
      const message = log.messages.get(command.seq);
      if (!message) return { type: "error", code: "not_found", retryable: false };
      if (message.deleted) return { type: "error", code: "conflict", retryable: false };
      const event = action(log, member, command) ?? message; // nothing to change, nothing to tell
      if (event !== message) this.tell(log.id, event);
      return { type: "ok", conversation: log.id, seq: event.seq, changed_seq: event.changed_seq };
    });
  }

  #on = {
    hello: (socket, command) => {
      socket.user = socket.member;
      socket.device = command.device;
      const mine = [...this.logs.values()].filter((log) => this.#logFor(socket, log.id));
      const entries = mine.map((log) => log.entryFor(socket.user.id, this.#resumeOf(log, command.cursors[log.id])));
      const { id, username, name } = socket.user;
      socket.receive([{ type: "welcome", ref: command.ref, node: this.node, user: { id, username, name }, heartbeat_seconds: 15, conversations: entries }]);
      for (const log of mine) socket.receive(this.#missed(log, command.cursors[log.id]));
    },
    post: this.#inLog((log, member, { client_id, text, reply_to }) => {
      const { event, seq, duplicate } = log.append(member, { client_id, text, reply_to });
      if (event) this.tell(log.id, event);
      return { type: "ok", conversation: log.id, seq, duplicate };
    }),
    edit: this.#onMessage((log, _, { seq, text }) => log.change(seq, { text, edited_at: "2026-01-31T10:00:00.000Z" })),
    delete: this.#onMessage((log, _, { seq }) => log.delete(seq)),
    react: this.#onMessage((log, member, { seq, emoji, on }) => log.react(seq, member.id, emoji, on)),
    read: this.#inLog((log, member, { seq }) => {
      const mark = log.marks.get(member.id);
      mark.read_seq = Math.max(mark.read_seq, Math.min(seq, log.head));
      this.tell(log.id, { type: "read", conversation: log.id, user: member.id, seq: mark.read_seq });
      return { type: "ok" };
    }),
    draft: this.#inLog((log, member, { text }, socket) => {
      log.marks.get(member.id).draft = text;
      for (const each of this.connections) {
        if (each !== socket && each.user?.id === member.id) each.receive([{ type: "draft", conversation: log.id, text, device: socket.device }]);
      }
      return { type: "ok" };
    }),
    history: this.#inLog((log, _, { before = null, around = null, limit = 50 }) => {
      const all = log.inOrder;
      if (around === null) {
        const older = all.filter((event) => before === null || event.seq < before);
        return { type: "page", messages: older.slice(-limit), has_more: older.length > limit };
      }
      const half = Math.max(1, Math.floor(limit / 2));
      const [older, newer] = [all.filter((event) => event.seq <= around), all.filter((event) => event.seq > around)];
      const messages = [...older.slice(-half), ...newer.slice(0, limit - half)];
      return { type: "page", messages, has_more: older.length > half, has_newer: newer.length > limit - half };
    }),
    create: (socket, { kind, title = "" }) => {
      const log = this.log(100 + this.logs.size, [socket.member, BOB], { kind, title });
      this.tellUser(socket.member.id, { type: "conversation", conversation: log.id, state: "joined", entry: log.entryFor(socket.member.id, "snapshot") }, this.#caughtUp(log));
      return { type: "ok", conversation: log.id, duplicate: false };
    },
    leave: this.#inLog((log, member) => {
      log.members = log.members.filter((each) => each.id !== member.id);
      this.tellUser(member.id, { type: "conversation", conversation: log.id, state: "left" });
      return { type: "ok", conversation: log.id, seq: log.head };
    }),
    members: this.#inLog((log, _, { after = 0, limit = 200 }) => {
      const rest = log.entryFor(log.members[0].id, "replay").members.filter((member) => member.id > after);
      return { type: "members", conversation: log.id, members: rest.slice(0, limit), has_more: rest.length > limit };
    }),
    typing: () => ({ type: "ok" }),
    open: () => ({ type: "ok" }),
    ack: () => ({ type: "ok" }),
    rename: () => ({ type: "ok" }),
    ping: (socket) => {
      const mine = [...this.logs.values()].filter((log) => this.#logFor(socket, log.id));
      return { type: "pong", heads: Object.fromEntries(mine.map((log) => [log.id, log.head])) };
    },
  };

  #resumeOf(log, cursor) {
    const fits = cursor && cursor.epoch === log.epoch && cursor.seq <= log.head && log.after(cursor.seq).length <= REPLAY_CHANGES;
    return fits ? "replay" : "snapshot";
  }

  #missed(log, cursor) {
    const replay = this.#resumeOf(log, cursor) === "replay";
    return [...(replay ? log.after(cursor.seq) : log.inOrder.slice(-SNAPSHOT_MESSAGES)), this.#caughtUp(log)];
  }

  #caughtUp(log) {
    return { type: "caught_up", conversation: log.id, epoch: log.epoch, seq: log.head };
  }
}

/** What the client takes for a WebSocket. Events wait in `queue` while it is held. */
class FakeSocket {
  user = null; // known since hello
  device = "";
  queue = [];
  isHeld = false;
  #server;

  constructor(server, member, url, protocols) {
    Object.assign(this, { member, url, protocols });
    this.#server = server;
  }

  begin() {
    if (this.#server.isDown) {
      this.onclose?.({ code: 1006 });
      return;
    }
    this.#server.connections.add(this);
    this.onopen();
  }

  /** From the server. */
  receive(events) {
    this.queue.push(...structuredClone(events));
    if (!this.isHeld) this.deliver(this.queue.length);
  }

  deliver(count) {
    const frame = this.queue.splice(0, count);
    if (frame.length) this.onmessage({ data: JSON.stringify(frame) });
  }

  breakOff(code, bye = null) {
    if (bye) this.receive([{ type: "bye", ...bye }]);
    this.#server.connections.delete(this);
    this.onclose({ code });
  }

  // From the client

  send(text) {
    if (!this.#server.connections.has(this)) return;
    for (const command of [JSON.parse(text)].flat()) this.#server.take(this, command);
  }

  close() {
    this.#server.connections.delete(this);
  }
}
