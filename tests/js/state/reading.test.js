// Unread counts, the divider, receipts and who has what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { ANN, BOB, CAROL, FakeServer } from "../support/fake_server.js";

async function annWith(count, options = {}) {
  const server = new FakeServer();
  server.log(7, [ANN, BOB, CAROL]);
  for (let index = 1; index <= count; index += 1) server.say(7, BOB, `message ${index}`);
  return device({ server, ...options });
}

test("Others' messages are unread, mine and deleted ones are not", async () => {
  const ann = await annWith(2);
  ann.store.post(7, "mine");
  ann.server.say(7, CAROL, "hi @ann, and @annabel");
  ann.server.say(7, CAROL, "hi @annabel");
  ann.server.tell(7, ann.server.logs.get(7).delete(1));
  await ann.clock.settle();
  assert.deepEqual([ann.conversation(7).unread, ann.conversation(7).mentions, ann.store.totalUnread.value], [3, 1, 3]);
  assert.equal(ann.conversation(7).unread, ann.server.logs.get(7).unreadOf(ANN.id));
});

test("Unread messages that are older than the snapshot count, and count down as they are loaded and read", async () => {
  const ann = await annWith(130);
  assert.equal(ann.conversation(7).unread, 130);
  await ann.store.loadOlder(7);
  await ann.clock.settle();
  assert.equal(ann.conversation(7).unread, 130);
  ann.store.markRead(7, 100);
  await ann.clock.settle();
  assert.equal(ann.conversation(7).unread, 30);
});

test("The count survives a reload whose record is cut to 100 messages", async () => {
  const ann = await annWith(60);
  for (let index = 0; index < 90; index += 1) ann.server.say(7, BOB, "more");
  await ann.clock.pass(1_000);
  ann.server.isDown = true;
  const again = await device({ server: ann.server, cabinet: ann.cabinet, clock: ann.clock });
  assert.deepEqual([again.rows(7).length, again.conversation(7).unread], [100, 150]);
});

test("Reading here is shown at once, said once, and clears the other device", async () => {
  const ann = await annWith(3);
  const phone = await device({ server: ann.server, clock: ann.clock });
  for (const seq of [1, 2, 3]) ann.store.markRead(7, seq);
  await ann.clock.settle();
  assert.equal(ann.conversation(7).unread, 0);
  await ann.clock.pass(500);
  assert.deepEqual(ann.said("read").map((command) => command.seq), [3]);
  assert.equal(phone.conversation(7).unread, 0);
});

test("What was read offline is said after the reconnect, also over a reload", async () => {
  const ann = await annWith(3);
  ann.server.isDown = true;
  ann.server.breakAll();
  ann.store.markRead(7, 3);
  await ann.clock.pass(2_000);
  ann.socket.stop();
  ann.server.isDown = false;
  const again = await device({ server: ann.server, cabinet: ann.cabinet, clock: ann.clock });
  assert.equal(again.conversation(7).unread, 0);
  await ann.clock.pass(1_000);
  assert.equal(ann.server.logs.get(7).marks.get(ANN.id).read_seq, 3);
});

test("The divider stands at the first unread message of the moment of opening, and stays", async () => {
  const ann = await annWith(5);
  ann.store.markRead(7, 3);
  ann.store.openConversation(7);
  ann.store.markRead(7, 5);
  ann.server.say(7, BOB, "later");
  await ann.clock.settle();
  assert.equal(ann.store.messages(7).value.unreadFrom, 4);
  ann.store.openConversation(null);
  ann.store.openConversation(7);
  await ann.clock.settle();
  assert.equal(ann.store.messages(7).value.unreadFrom, 6);
});

test("A conversation opened before it is connected gets its divider when the messages come", async () => {
  const ann = await annWith(2);
  ann.store.markRead(7, 2);
  await ann.clock.pass(1_000);
  ann.server.breakAll();
  ann.server.say(7, BOB, "new");
  ann.store.openConversation(7);
  await ann.clock.pass(40_000);
  assert.equal(ann.store.messages(7).value.unreadFrom, 3);
});

test("A page that begins with a conversation gives it its divider: at the first visit, at the next, and at what came meanwhile", async () => {
  const ann = await annWith(3, { start: false });
  ann.store.openConversation(7);
  await ann.store.start();
  await ann.clock.settle();
  assert.equal(ann.store.messages(7).value.unreadFrom, 1);
  ann.store.markRead(7, 2);
  await ann.clock.pass(5_000);
  ann.socket.stop();
  for (const [read, unreadFrom] of [[3, 3], [4, 4]]) {
    const again = await device({ server: ann.server, cabinet: ann.cabinet, clock: ann.clock, start: false });
    again.store.openConversation(7);
    await again.store.start();
    again.server.say(7, BOB, "meanwhile");
    await ann.clock.settle();
    assert.equal(again.store.messages(7).value.unreadFrom, unreadFrom);
    again.store.markRead(7, read);
    await ann.clock.pass(5_000);
    again.socket.stop();
  }
});

test("A divider that was seen before the connection stays where it was", async () => {
  const ann = await annWith(4);
  ann.store.markRead(7, 2);
  await ann.clock.pass(1_000);
  ann.server.breakAll();
  ann.server.say(7, BOB, "new");
  ann.store.openConversation(7);
  ann.store.markRead(7, 4);
  await ann.clock.pass(40_000);
  assert.equal(ann.store.messages(7).value.unreadFrom, 3);
});

test("What another device marked as unread while this one was away is unread here too", async () => {
  const ann = await annWith(4);
  ann.store.markRead(7, 4);
  await ann.clock.pass(1_000);
  ann.server.breakAll();
  ann.server.logs.get(7).marks.get(ANN.id).read_seq = 1;
  await ann.clock.pass(40_000);
  assert.deepEqual([ann.conversation(7).unread, ann.server.logs.get(7).marks.get(ANN.id).read_seq], [3, 1]);
});

test("Marking as unread goes back, on all devices, and reading goes forward again", async () => {
  const server = new FakeServer();
  const preferences = {
    markUnread: async (id, seq) => {
      const mark = server.logs.get(id).marks.get(ANN.id);
      mark.read_seq = seq - 1;
      const said = { read_seq: seq - 1, unread: server.logs.get(id).unreadOf(ANN.id), muted: false };
      server.tellUser(ANN.id, { type: "conversation", conversation: id, state: "changed", ...said });
      return { ok: true, ...said };
    },
  };
  server.log(7);
  for (let index = 1; index <= 4; index += 1) server.say(7, BOB, `message ${index}`);
  const ann = await device({ server, preferences });
  const phone = await device({ server, clock: ann.clock });
  ann.store.markRead(7, 4);
  await ann.clock.pass(1_000);
  assert.deepEqual(await ann.store.markUnread(7, 3), { ok: true, read_seq: 2, unread: 2, muted: false });
  await ann.clock.settle();
  assert.deepEqual([ann.conversation(7).unread, phone.conversation(7).unread, ann.store.messages(7).value.unreadFrom], [2, 2, 3]);
  ann.store.markRead(7, 4);
  await ann.clock.pass(1_000);
  assert.deepEqual([ann.conversation(7).unread, phone.conversation(7).unread], [0, 0]);
});

test("Muting is shown at once, takes the conversation out of the total, and is taken back when it fails", async () => {
  const answers = [{ ok: true }, { ok: false, code: "unavailable" }];
  const ann = await annWith(2, { preferences: { mute: async () => answers.shift() } });
  await ann.store.mute(7, true);
  await ann.clock.settle();
  assert.deepEqual([ann.conversation(7).muted, ann.store.totalUnread.value, ann.store.notices.value], [true, 0, []]);
  const muting = ann.store.mute(7, false);
  assert.deepEqual(await muting, { ok: false, code: "unavailable" });
  await ann.clock.settle();
  assert.deepEqual([ann.conversation(7).muted, ann.store.notices.value.map((notice) => notice.code)], [true, ["unavailable"]]);
  await ann.clock.pass(8_000);
  assert.deepEqual(ann.store.notices.value, []);
});

test("My message goes from stored to delivered to read, and whoHas says by whom", async () => {
  const ann = await annWith(0);
  ann.store.post(7, "hello");
  await ann.clock.settle();
  const status = () => ann.rows(7)[0].status;
  const who = () => Object.fromEntries(Object.entries(ann.store.whoHas(7, 1)).map(([key, list]) => [key, list.map((member) => member.name)]));
  assert.deepEqual([status(), who()], ["stored", { delivered: [], read: [], waiting: ["Bob", "Carol"] }]);
  ann.server.tell(7, { type: "delivered", conversation: 7, user: ANN.id, seq: 1 });
  ann.server.tell(7, { type: "delivered", conversation: 7, user: BOB.id, seq: 1 });
  await ann.clock.settle();
  assert.deepEqual([status(), who()], ["delivered", { delivered: ["Bob"], read: [], waiting: ["Carol"] }]);
  ann.server.tell(7, { type: "read", conversation: 7, user: CAROL.id, seq: 1 });
  ann.server.tell(7, { type: "delivered", conversation: 7, user: BOB.id, seq: 0 });
  await ann.clock.settle();
  assert.deepEqual([status(), who()], ["read", { delivered: ["Bob"], read: ["Carol"], waiting: [] }]);
});

test("An ack is said once a second while messages come, and never while nothing comes", async () => {
  const ann = await annWith(1);
  await ann.clock.pass(5_000);
  const before = ann.said("ack").length;
  for (let index = 0; index < 30; index += 1) {
    ann.server.say(7, BOB, "x");
    await ann.clock.pass(100);
  }
  await ann.clock.pass(60_000);
  assert.deepEqual([before, ann.said("ack").slice(before).map((command) => command.cursors[7])], [1, [11, 21, 31]]);
});
