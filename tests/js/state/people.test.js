// Typing, presence, drafts and reactions: what is shown of others, and of my other devices.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { ANN, BOB, CAROL, FakeServer } from "../support/fake_server.js";

async function connected(options = {}) {
  const server = new FakeServer();
  server.log(7, [ANN, BOB, CAROL]);
  server.log(8, [ANN, BOB], { kind: "direct", title: "" });
  return device({ server, ...options });
}

test("Somebody who types is shown for 6 s, until they stop, or until their message is there", async () => {
  const ann = await connected();
  const typing = (on) => ann.server.tell(7, { type: "typing", conversation: 7, user: BOB.id, on });
  typing(true);
  await ann.clock.pass(5_900);
  assert.deepEqual(ann.conversation(7).typing, ["Bob"]);
  await ann.clock.pass(200);
  assert.deepEqual(ann.conversation(7).typing, []);
  typing(true);
  typing(false);
  await ann.clock.settle();
  assert.deepEqual(ann.conversation(7).typing, []);
  typing(true);
  ann.server.say(7, BOB, "there");
  await ann.clock.settle();
  assert.deepEqual(ann.conversation(7).typing, []);
});

test("Typing is said at most every 3 s, and its end once", async () => {
  const ann = await connected();
  for (let index = 0; index < 50; index += 1) {
    ann.store.typing(7, true);
    await ann.clock.pass(100);
  }
  ann.store.typing(7, false);
  ann.store.typing(7, false);
  await ann.clock.settle();
  assert.deepEqual(ann.said("typing").map((command) => command.on), [true, true, false]);
});

test("Without a connection nobody is said to be online, and with it they are again", async () => {
  const server = new FakeServer();
  server.log(7, [ANN, BOB]);
  const ann = await device({ server });
  const bob = await device({ server, me: BOB, clock: ann.clock });
  await ann.clock.settle();
  const online = () => ann.conversation(7).members.filter((member) => member.online).map((member) => member.id);
  assert.deepEqual(online(), [ANN.id, BOB.id]);
  server.isDown = true;
  server.breakAll();
  await ann.clock.pass(1_000);
  assert.deepEqual([online(), ann.conversation(7).onlineCount], [[], 0]);
  server.isDown = false;
  await ann.clock.pass(60_000);
  assert.deepEqual([online(), bob.store.connection.value.state], [[ANN.id, BOB.id], "online"]);
});

test("Somebody who goes offline and comes back within 15 s was never away", async () => {
  const ann = await connected();
  const seen = [];
  ann.store.conversations.subscribe(() => seen.push(ann.conversation(8)?.online));
  const presence = (online) => ann.server.tell(7, { type: "presence", user: BOB.id, online });
  presence(false);
  await ann.clock.pass(14_000);
  presence(true);
  await ann.clock.pass(60_000);
  assert.deepEqual(new Set(seen), new Set([true]));
  presence(false);
  await ann.clock.pass(14_900);
  assert.equal(ann.conversation(8).online, true);
  await ann.clock.pass(200);
  assert.deepEqual([ann.conversation(8).online, ann.conversation(7).onlineCount], [false, 1]);
});

test("A direct conversation is called like the other one", async () => {
  const ann = await connected();
  assert.deepEqual([ann.conversation(8).title, ann.conversation(7).title], ["Bob", "Friday"]);
});

test("A draft goes to the other device, at most once a second", async () => {
  const ann = await connected();
  const phone = await device({ server: ann.server, clock: ann.clock });
  for (let index = 1; index <= 30; index += 1) {
    ann.store.draft(7, "x".repeat(index));
    await ann.clock.pass(100);
  }
  await ann.clock.pass(2_000);
  assert.deepEqual([phone.conversation(7).draft.length, phone.conversation(7).draftVersion, ann.conversation(7).draftVersion], [30, phone.conversation(7).draftVersion, 0]);
  assert.ok(ann.said("draft").length <= 5, `${ann.said("draft").length} drafts in 5 s`);
});

test("What is being typed here is not pulled away by another device", async () => {
  const ann = await connected();
  const phone = await device({ server: ann.server, clock: ann.clock });
  phone.store.draft(7, "from the phone");
  await ann.clock.pass(500);
  for (let index = 1; index <= 40; index += 1) {
    ann.store.draft(7, "laptop ".repeat(index));
    phone.store.draft(7, `from the phone ${index % 20 === 0 ? index : ""}`);
    await ann.clock.pass(100);
    assert.equal(ann.conversation(7).draft, "laptop ".repeat(index));
  }
});

test("A text from another device that comes while one writes here is taken over when one has stopped", async () => {
  const ann = await connected();
  const phone = await device({ server: ann.server, clock: ann.clock });
  ann.store.draft(7, "I will be");
  await ann.clock.pass(1_000);
  phone.store.draft(7, "I will be late");
  await ann.clock.pass(1_000);
  assert.deepEqual([ann.conversation(7).draft, ann.conversation(7).draftVersion], ["I will be", 0]);
  await ann.clock.pass(2_000);
  assert.deepEqual([ann.conversation(7).draft, ann.conversation(7).draftVersion], ["I will be late", 1]);
  phone.store.post(7, "I will be late");
  await ann.clock.pass(4_000);
  assert.deepEqual([ann.conversation(7).draft, phone.conversation(7).draft], ["", ""]);
});

test("Of two devices that write at once, both end with the last word", async () => {
  const ann = await connected();
  const phone = await device({ server: ann.server, clock: ann.clock });
  ann.store.draft(7, "from the laptop");
  await ann.clock.pass(50);
  phone.store.draft(7, "from the phone");
  await ann.clock.pass(10_000);
  const last = ann.server.logs.get(7).marks.get(ANN.id).draft;
  assert.deepEqual([ann.conversation(7).draft, phone.conversation(7).draft], [last, last]);
});

test("A draft that could not be said survives a reload and is said later", async () => {
  const ann = await connected();
  await ann.clock.pass(1_000);
  ann.server.isDown = true;
  ann.server.breakAll();
  ann.store.draft(7, "unsent");
  await ann.clock.pass(2_000);
  ann.socket.stop();
  const again = await device({ server: ann.server, cabinet: ann.cabinet, clock: ann.clock });
  assert.equal(again.conversation(7).draft, "unsent");
  ann.server.isDown = false;
  await ann.clock.pass(40_000);
  assert.deepEqual([again.conversation(7).draft, ann.server.logs.get(7).marks.get(ANN.id).draft], ["unsent", "unsent"]);
});

test("Posting clears the draft on all devices", async () => {
  const ann = await connected();
  const phone = await device({ server: ann.server, clock: ann.clock });
  ann.store.draft(7, "hello");
  await ann.clock.pass(2_000);
  ann.store.post(7, "hello");
  await ann.clock.pass(2_000);
  assert.deepEqual([ann.conversation(7).draft, phone.conversation(7).draft], ["", ""]);
});

test("A reaction is shown at once, and taken back when it is refused", async () => {
  const ann = await connected();
  ann.server.say(7, BOB, "nice");
  await ann.clock.settle();
  ann.server.holdsAnswers = true;
  const reactions = () => ann.rows(7)[0].reactions;
  ann.server.refuse("react", { code: "limit", retryable: false });
  ann.connection().isHeld = true;
  const refused = ann.store.react(7, 1, "👍", true);
  for (const task of ann.clock.frames.splice(0)) task();
  assert.deepEqual(reactions(), [{ emoji: "👍", count: 1, mine: true, who: ["Ann"], users: [ANN.id] }]);
  await ann.clock.settle();
  ann.connection().isHeld = false;
  ann.connection().deliver(9);
  assert.deepEqual(await refused, { ok: false, code: "limit" });
  await ann.clock.settle();
  assert.deepEqual([reactions(), ann.store.notices.value[0].code], [[], "limit"]);
});

test("A reaction does not flicker when the answer comes before the message", async () => {
  const ann = await connected();
  ann.server.say(7, BOB, "nice");
  await ann.clock.settle();
  const seen = [];
  ann.store.messages(7).subscribe((feed) => seen.push(feed.items[0].reactions.length));
  const connection = ann.connection();
  connection.isHeld = true;
  const done = ann.store.react(7, 1, "👍", true);
  await ann.clock.settle();
  const [event, answer] = connection.queue;
  connection.isHeld = false;
  connection.queue = [];
  connection.receive([answer]);
  await ann.clock.settle();
  connection.receive([event]);
  await ann.clock.settle();
  await done;
  assert.deepEqual(seen.slice(seen.indexOf(1)), Array(seen.length - seen.indexOf(1)).fill(1));
  ann.server.tell(7, ann.server.logs.get(7).react(1, ANN.id, "👍", false)); // taken back on another device
  await ann.clock.settle();
  assert.deepEqual(ann.rows(7)[0].reactions, []);
});

test("A reaction that was there already leaves nothing behind", async () => {
  const ann = await connected();
  ann.server.say(7, BOB, "nice");
  ann.server.tell(7, ann.server.logs.get(7).react(1, ANN.id, "👍", true));
  await ann.store.react(7, 1, "👍", true);
  ann.server.tell(7, ann.server.logs.get(7).react(1, ANN.id, "👍", false));
  await ann.clock.settle();
  assert.deepEqual(ann.rows(7)[0].reactions, []);
});

test("A reply quotes its message, also after it was edited and deleted", async () => {
  const ann = await connected();
  ann.server.say(7, BOB, `long ${"x".repeat(200)}`);
  ann.store.post(7, "answer", { replyTo: 1 });
  await ann.clock.settle();
  const quote = () => ann.rows(7)[1].replyTo;
  assert.deepEqual([quote().name, quote().excerpt.length, quote().deleted], ["Bob", 121, false]);
  ann.server.tell(7, ann.server.logs.get(7).change(1, { text: "short" }));
  await ann.clock.settle();
  assert.equal(quote().excerpt, "short");
  ann.server.tell(7, ann.server.logs.get(7).delete(1));
  await ann.clock.settle();
  assert.deepEqual(quote(), { seq: 1, name: "Bob", excerpt: "", deleted: true });
});

test("A failed command is answered and said, and nothing throws when there is no connection", async () => {
  const ann = await connected();
  ann.server.isDown = true;
  ann.server.breakAll();
  for (const result of await Promise.all([
    ann.store.edit(7, 1, "x"),
    ann.store.remove(7, 1),
    ann.store.rename(7, "x"),
    ann.store.invite(7, ["x"]),
    ann.store.leave(7),
    ann.store.removeMember(7, 4),
    ann.store.members(7),
    ann.store.create({ kind: "direct", members: ["x"] }),
    ann.store.react(7, 1, "👍", true),
    ann.store.showAround(7, 99),
  ])) {
    assert.deepEqual(result, { ok: false, code: "disconnected" });
  }
  assert.equal(ann.store.notices.value.length, 5);
});

test("All members come, page by page", async () => {
  const server = new FakeServer();
  server.log(7, [ANN, ...Array.from({ length: 450 }, (_, index) => ({ id: 10 + index, username: `u${index}`, name: `User ${index}` }))]);
  const ann = await device({ server });
  const { ok, members } = await ann.store.members(7);
  assert.deepEqual([ok, members.length, members.at(-1).name, ann.said("members").length], [true, 451, "User 449", 3]);
});
