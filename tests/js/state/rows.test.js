// Rows: groups, days, and the same object as long as nothing about it changed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { ANN, BOB, CAROL, FakeServer } from "../support/fake_server.js";

async function said(...messages) {
  const server = new FakeServer();
  server.log(7, [ANN, BOB, CAROL]);
  for (const [sender, at, fields = {}] of messages) server.say(7, sender, "x", { at: `2026-01-${at}.000Z`, ...fields });
  return device({ server });
}

test("A row starts a group with another sender, after 5 minutes, after a system message, and on another day", async () => {
  const ann = await said(
    [BOB, "10T12:00:00"],
    [BOB, "10T12:04:59"],
    [BOB, "10T12:09:59"],
    [CAROL, "10T12:10:00"],
    [CAROL, "10T12:10:01", { kind: "system", data: { action: "renamed", title: "Lunch" } }],
    [CAROL, "12T12:10:02"],
  );
  assert.deepEqual(ann.rows(7).map((row) => row.startsGroup), [true, false, true, true, true, true]);
  assert.deepEqual(ann.rows(7).map((row) => row.startsDay), [true, false, false, false, false, true]);
});

test("Only the row that changed is another object", async () => {
  const ann = await said([BOB, "10T12:00:00"], [BOB, "10T12:00:01"], [BOB, "10T12:00:02"]);
  const before = ann.rows(7);
  ann.server.tell(7, ann.server.logs.get(7).change(2, { text: "edited" }));
  ann.server.say(7, BOB, "new");
  await ann.clock.settle();
  assert.deepEqual(ann.rows(7).map((row, index) => row === before[index]), [true, false, true, false]);
});

test("News that changes nothing of what is shown changes no object", async () => {
  const ann = await said([BOB, "10T12:00:00"]);
  const [feed, list] = [ann.store.messages(7).value, ann.store.conversations.value];
  ann.server.tell(7, { type: "delivered", conversation: 7, user: ANN.id, seq: 0 }, { type: "presence", user: CAROL.id, online: true });
  ann.server.tell(7, ann.server.logs.get(7).messages.get(1));
  await ann.clock.settle();
  assert.equal(ann.store.messages(7).value, feed);
  assert.equal(ann.store.conversations.value, list);
});

test("A system message tells the new title and the new member at once", async () => {
  const ann = await said([BOB, "10T12:00:00"]);
  ann.server.say(7, BOB, "", { kind: "system", data: { action: "renamed", title: "Lunch" } });
  ann.server.say(7, BOB, "", { kind: "system", data: { action: "joined", user: 9, name: "Dan" } });
  await ann.clock.settle();
  const { title, memberCount, members } = ann.conversation(7);
  assert.deepEqual([title, memberCount, members.map((member) => member.name)], ["Lunch", 4, ["Ann", "Bob", "Carol", "Dan"]]);
  ann.server.say(7, BOB, "", { kind: "system", data: { action: "left", user: 9, name: "Dan" } });
  await ann.clock.settle();
  assert.equal(ann.conversation(7).memberCount, 3);
});

test("The conversation with the latest message comes first", async () => {
  const ann = await said([BOB, "10T12:00:00"]);
  ann.server.log(8);
  ann.server.breakAll();
  await ann.clock.pass(40_000);
  ann.server.say(8, BOB, "new", { at: "2026-02-01T00:00:00.000Z" });
  await ann.clock.settle();
  assert.deepEqual(ann.store.conversations.value.map((each) => each.id), [8, 7]);
  ann.server.say(7, BOB, "newer", { at: "2026-02-02T00:00:00.000Z" });
  await ann.clock.settle();
  assert.deepEqual(ann.store.conversations.value.map((each) => [each.id, each.lastMessage.text]), [[7, "newer"], [8, "new"]]);
});
