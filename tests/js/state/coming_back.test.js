// Coming back is exact: live, replayed and snapshot copies are equal, and nothing is missing or doubled.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { BOB, FakeServer } from "../support/fake_server.js";

function serverWith(count) {
  const server = new FakeServer();
  server.log(7);
  for (let index = 1; index <= count; index += 1) server.say(7, BOB, `message ${index}`);
  return server;
}

test("A first visit shows the latest 50 messages of a snapshot and knows that there are older ones", async () => {
  const ann = await device({ server: serverWith(80) });
  const feed = ann.store.messages(7).value;
  assert.deepEqual([feed.items.length, feed.items[0].text, feed.items.at(-1).text, feed.hasOlder, feed.ready], [50, "message 31", "message 80", true, true]);
  assert.deepEqual([ann.conversation(7).cursor, ann.conversation(7).head, ann.conversation(7).synced], [80, 80, true]);
});

test("A live message is shown and moves the cursor", async () => {
  const ann = await device({ server: serverWith(1) });
  ann.server.say(7, BOB, "live");
  await ann.clock.settle();
  assert.deepEqual(ann.texts(7), ["message 1", "live"]);
  assert.equal(ann.conversation(7).cursor, 2);
});

test("What was missed is replayed after the cursor, in its latest state", async () => {
  const ann = await device({ server: serverWith(2) });
  ann.server.breakAll();
  ann.server.logs.get(7).change(1, { text: "edited" });
  ann.server.say(7, BOB, "missed");
  ann.server.logs.get(7).delete(2);
  await ann.clock.pass(40_000);
  assert.deepEqual(ann.said("hello").at(-1).cursors, { 7: { epoch: "e1", seq: 2 } });
  assert.deepEqual(ann.texts(7), ["edited", "", "missed"]);
  assert.deepEqual(ann.rows(7).map((row) => row.deleted), [false, true, false]);
  assert.equal(ann.conversation(7).cursor, 5);
});

test("A connection that breaks in the middle of a replay leaves the old cursor, and the next replay is whole", async () => {
  const ann = await device({ server: serverWith(2) });
  ann.server.breakAll();
  for (const text of ["one", "two", "three"]) ann.server.say(7, BOB, text);
  ann.server.isDown = false;
  const open = ann.server.take.bind(ann.server);
  ann.server.take = (socket, command) => {
    socket.isHeld = true;
    open(socket, command);
    socket.deliver(2); // the welcome and one message
    socket.breakOff(1006);
    ann.server.take = open;
  };
  await ann.clock.pass(40_000);
  assert.deepEqual(ann.said("hello").slice(-2).map((hello) => hello.cursors[7].seq), [2, 2]);
  assert.deepEqual(ann.texts(7), ["message 1", "message 2", "one", "two", "three"]);
});

test("More than 500 missed changes come as a snapshot, which replaces the copy", async () => {
  const ann = await device({ server: serverWith(3) });
  ann.server.breakAll();
  for (let index = 0; index < 600; index += 1) ann.server.say(7, BOB, `late ${index}`);
  await ann.clock.pass(40_000);
  assert.deepEqual([ann.rows(7).length, ann.texts(7)[0]], [50, "late 550"]);
  assert.equal(ann.store.messages(7).value.hasOlder, true);
});

test("Another epoch is a snapshot, and the old copy is forgotten", async () => {
  const ann = await device({ server: serverWith(3) });
  ann.server.breakAll();
  const restored = ann.server.log(7, undefined, { epoch: "e2" });
  restored.append(BOB, { client_id: "a", text: "after the restore" });
  await ann.clock.pass(40_000);
  assert.deepEqual(ann.texts(7), ["after the restore"]);
  assert.deepEqual([ann.conversation(7).epoch, ann.conversation(7).cursor], ["e2", 1]);
});

test("A message that comes twice is shown once, and an older state of it changes nothing", async () => {
  const ann = await device({ server: serverWith(1) });
  const old = ann.server.logs.get(7).messages.get(1);
  ann.server.tell(7, ann.server.logs.get(7).change(1, { text: "new" }), old, old);
  await ann.clock.settle();
  assert.deepEqual(ann.texts(7), ["new"]);
});

test("A skipped position that nobody explains makes the device come back by its cursor", async () => {
  const ann = await device({ server: serverWith(1) });
  ann.server.logs.get(7).append(BOB, { client_id: "x", text: "lost on the way" });
  ann.server.say(7, BOB, "seen");
  await ann.clock.settle();
  assert.equal(ann.conversation(7).cursor, 1);
  await ann.clock.pass(5_000);
  assert.deepEqual(ann.said("hello").at(-1).cursors, { 7: { epoch: "e1", seq: 1 } });
  assert.deepEqual(ann.texts(7), ["message 1", "lost on the way", "seen"]);
  assert.equal(ann.store.connection.value.nodeLog.at(-1).why, "gap");
});

test("A skipped position that caught_up explains is no gap", async () => {
  const ann = await device({ server: serverWith(1) });
  const log = ann.server.logs.get(7);
  log.change(1, { text: "first edit" });
  const second = log.change(1, { text: "second edit" });
  ann.server.tell(7, second, { type: "caught_up", conversation: 7, epoch: "e1", seq: 3 });
  await ann.clock.pass(10_000);
  assert.equal(ann.said("hello").length, 1);
  assert.deepEqual([ann.texts(7), ann.conversation(7).cursor], [["second edit"], 3]);
});

test("A last message that was lost is noticed by the heads of a pong", async () => {
  const ann = await device({ server: serverWith(1) });
  ann.server.logs.get(7).append(BOB, { client_id: "x", text: "lost" });
  ann.store.measure();
  await ann.clock.pass(10_000);
  assert.deepEqual(ann.texts(7), ["message 1", "lost"]);
});

test("An edit of a message that is older than what is held is left to history", async () => {
  const ann = await device({ server: serverWith(80) });
  ann.server.tell(7, ann.server.logs.get(7).change(5, { text: "edited long after" }));
  await ann.clock.settle();
  assert.equal(ann.rows(7).length, 50);
  await ann.store.loadOlder(7);
  await ann.clock.settle();
  assert.equal(ann.texts(7)[4], "edited long after");
});

test("An edit that overtakes the page with its message wins", async () => {
  const ann = await device({ server: serverWith(80) });
  const connection = ann.connection();
  connection.isHeld = true;
  const loading = ann.store.loadOlder(7);
  await ann.clock.settle();
  const page = connection.queue.pop();
  connection.isHeld = false;
  ann.server.tell(7, ann.server.logs.get(7).change(5, { text: "edited" }));
  connection.receive([page]);
  await loading;
  await ann.clock.settle();
  assert.equal(ann.texts(7)[4], "edited");
});

test("A conversation that welcome does not name is gone", async () => {
  const ann = await device({ server: serverWith(1) });
  ann.server.breakAll();
  ann.server.logs.get(7).members = [BOB];
  await ann.clock.pass(40_000);
  assert.deepEqual(ann.store.conversations.value, []);
});

test("Being put out while coming back holds nothing else up", async () => {
  const ann = await device({ server: serverWith(1) });
  ann.server.log(8);
  ann.server.breakAll();
  const take = ann.server.take.bind(ann.server);
  ann.server.take = (socket, command) => {
    socket.isHeld = true;
    take(socket, command);
    const index = socket.queue.findIndex((event) => event.type === "caught_up" && event.conversation === 8);
    socket.queue[index] = { type: "conversation", conversation: 8, state: "left" };
    socket.isHeld = false;
    ann.server.logs.get(8).members = [BOB];
    ann.server.take = take;
    socket.deliver(99);
  };
  await ann.clock.pass(40_000);
  ann.store.post(7, "goes out");
  await ann.clock.settle();
  assert.deepEqual([ann.store.conversations.value.map((each) => each.id), ann.rows(7).at(-1).status], [[7], "stored"]);
});

test("What the user prefers is known from welcome and from events", async () => {
  const ann = await device({ server: serverWith(1) });
  const before = ann.store.preferences.value;
  ann.server.tellUser(ann.me.id, { type: "preferences", language: "zh-hans", theme: "dark" });
  assert.deepEqual([before, ann.store.preferences.value], [{ language: undefined, theme: undefined }, { language: "zh-hans", theme: "dark" }]);
  ann.server.breakAll();
  await ann.clock.pass(40_000);
  assert.deepEqual(ann.store.preferences.value, before);
});

test("Events of no known type and of no known shape are passed over", async () => {
  const ann = await device({ server: serverWith(1) });
  ann.connection().receive([{ type: "hologram" }, { type: "message", seq: "x" }, null, 7, { type: "constructor" }]);
  ann.connection().onmessage({ data: "no JSON" });
  ann.server.say(7, BOB, "after");
  await ann.clock.settle();
  assert.deepEqual(ann.texts(7), ["message 1", "after"]);
});

test("After a reload the stored messages are shown before anything is connected, and only what was missed is asked for", async () => {
  const first = await device({ server: serverWith(60) });
  await first.clock.pass(1_000);
  await first.store.stop();
  const { server, cabinet, clock } = first;
  server.say(7, BOB, "while away");
  const second = await device({ server, cabinet, clock, start: false });
  server.isDown = true;
  await second.store.start();
  await clock.settle();
  assert.deepEqual([second.rows(7).length, second.texts(7).at(-1), second.store.connection.value.state], [50, "message 60", "waiting"]);
  server.isDown = false;
  await clock.pass(40_000);
  assert.deepEqual(second.said("hello").at(-1).cursors, { 7: { epoch: "e1", seq: 60 } });
  assert.equal(second.texts(7).at(-1), "while away");
  assert.equal(second.storage.deviceId, first.storage.deviceId);
});

test("A stored cursor is never ahead of the stored messages, whenever the page dies", async () => {
  const ann = await device({ server: serverWith(3) });
  for (let index = 0; index < 40; index += 1) {
    ann.server.say(7, BOB, `late ${index}`);
    await ann.clock.pass(130);
    const [record] = await ann.cabinet.all("conversations");
    if (record) assert.equal(record.messages.at(-1).changedSeq >= record.cursor, true, `cursor ${record.cursor}`);
  }
  assert.deepEqual((await ann.cabinet.all("conversations")).map((record) => record.id), [7]);
});

test("Being put into a conversation shows it at once, and being put out takes it away", async () => {
  const ann = await device({ server: serverWith(1) });
  await ann.clock.pass(5_000);
  const result = await ann.store.create({ kind: "group", title: "New", members: ["bob"] });
  await ann.clock.settle();
  assert.deepEqual([result.ok, ann.store.conversations.value[0].title], [true, "New"]);
  await ann.store.leave(result.conversation);
  await ann.clock.settle();
  assert.deepEqual(ann.store.conversations.value.map((each) => each.id), [7]);
});
