// My messages: shown at once, sent in order, kept until a server has them, and never sent as two.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryCabinet } from "../../../chat/static/chat/js/connection/cabinet_memory.js";
import { device } from "../support/device.js";
import { BOB, FakeServer } from "../support/fake_server.js";

function office() {
  const server = new FakeServer();
  server.log(7);
  server.log(8);
  return server;
}

const statuses = (ann, id = 7) => ann.rows(id).map((row) => row.status);

test("A message is shown at once as queued, and becomes stored in the same row", async () => {
  const ann = await device({ server: office() });
  ann.server.holdsAnswers = true;
  ann.connection().isHeld = true;
  const clientId = ann.store.post(7, "hello");
  for (const task of ann.clock.frames.splice(0)) task();
  const before = ann.rows(7)[0];
  assert.deepEqual([before.status, before.seq, before.clientId, before.mine], ["queued", null, clientId, true]);
  await ann.clock.settle();
  assert.deepEqual(statuses(ann), ["sending"]);
  ann.connection().isHeld = false;
  ann.connection().deliver(9);
  ann.server.answerHeld();
  await ann.clock.settle();
  const [after] = ann.rows(7);
  assert.deepEqual([after.status, after.seq, after.key, ann.rows(7).length], ["stored", 1, before.key, 1]);
});

for (const order of ["answer first", "event first"]) {
  test(`The answer and the message itself may come in either order (${order})`, async () => {
    const ann = await device({ server: office() });
    const connection = ann.connection();
    connection.isHeld = true;
    ann.store.post(7, "hello");
    await ann.clock.settle();
    const [event, answer] = [connection.queue.find((each) => each.type === "message"), connection.queue.find((each) => each.type === "ok")];
    connection.isHeld = false;
    connection.queue = [];
    for (const each of order === "answer first" ? [answer, event] : [event, answer]) {
      connection.receive([each]);
      await ann.clock.settle();
      assert.deepEqual([ann.texts(7), statuses(ann), ann.store.outboxCount.value], [["hello"], ["stored"], 0]);
    }
    assert.deepEqual(await ann.cabinet.all("outbox"), []);
  });
}

test("What is written offline is kept, counted, and flushed in order", async () => {
  const ann = await device({ server: office() });
  ann.server.isDown = true;
  ann.server.breakAll();
  for (const text of ["one", "two", "three"]) ann.store.post(7, text);
  ann.store.post(8, "elsewhere");
  await ann.clock.pass(5_000);
  assert.deepEqual([ann.store.outboxCount.value, statuses(ann)], [4, ["queued", "queued", "queued"]]);
  ann.server.isDown = false;
  await ann.clock.pass(40_000);
  assert.deepEqual([ann.texts(7), ann.store.outboxCount.value], [["one", "two", "three"], 0]);
  assert.deepEqual(ann.server.logs.get(7).inOrder.map((event) => event.text), ["one", "two", "three"]);
});

test("The outbox survives a crash, keeps its order, and one that a server had already is not doubled", async () => {
  const ann = await device({ server: office() });
  await ann.clock.pass(1_000);
  ann.server.holdsAnswers = true;
  ann.connection().isHeld = true;
  for (const text of ["one", "two", "three", "four", "five"]) ann.store.post(7, text);
  await ann.clock.settle(); // "one" is committed; its answer never comes
  ann.connection().breakOff(1006);
  ann.server.isDown = true;
  const again = await device({ server: ann.server, cabinet: ann.cabinet, clock: ann.clock });
  assert.deepEqual(again.texts(7), ["one", "two", "three", "four", "five"]);
  ann.socket.stop();
  Object.assign(ann.server, { isDown: false, holdsAnswers: false });
  await again.clock.pass(40_000);
  assert.deepEqual(again.server.logs.get(7).inOrder.map((event) => event.text), ["one", "two", "three", "four", "five"]);
  assert.deepEqual([again.texts(7), statuses(again)], [["one", "two", "three", "four", "five"], Array(5).fill("stored")]);
});

test("A new post in the same conversation waits for the one before it", async () => {
  const ann = await device({ server: office() });
  ann.server.holdsAnswers = true;
  ann.store.post(7, "one");
  ann.store.post(7, "two");
  ann.store.post(8, "elsewhere");
  await ann.clock.settle();
  assert.deepEqual(ann.said("post").map((command) => command.text), ["one", "elsewhere"]);
});

test("rate_limited is sent again after the time that the server names, and not before", async () => {
  const ann = await device({ server: office() });
  ann.server.refuse("post", { code: "rate_limited", retryable: true, retry_after_ms: 4_000 });
  ann.store.post(7, "patience");
  await ann.clock.pass(3_900);
  assert.deepEqual([ann.said("post").length, statuses(ann)], [1, ["queued"]]);
  await ann.clock.pass(200);
  assert.deepEqual([ann.said("post").length, statuses(ann)], [2, ["stored"]]);
});

for (const code of ["unavailable", "busy", "not_ready"]) {
  test(`${code} is sent again with the same client_id`, async () => {
    const ann = await device({ server: office() });
    ann.server.refuse("post", { code, retryable: true }, 2);
    const clientId = ann.store.post(7, "again");
    await ann.clock.pass(10_000);
    assert.deepEqual(ann.said("post").map((command) => command.client_id), [clientId, clientId, clientId]);
    assert.deepEqual(statuses(ann), ["stored"]);
  });
}

test("internal is sent once more and then fails", async () => {
  const ann = await device({ server: office() });
  ann.server.refuse("post", { code: "internal", retryable: true }, 9);
  ann.store.post(7, "unlucky");
  await ann.clock.pass(120_000);
  assert.deepEqual([ann.said("post").length, statuses(ann), ann.rows(7)[0].error], [2, ["failed"], "internal"]);
});

for (const code of ["not_found", "too_long", "forbidden", "conflict"]) {
  test(`${code} fails at once, stays over a reload, and holds nothing else back`, async () => {
    const ann = await device({ server: office() });
    ann.server.refuse("post", { code, retryable: false });
    ann.store.post(7, "refused");
    ann.store.post(7, "fine");
    await ann.clock.settle();
    assert.deepEqual([ann.store.failedCount.value, ann.store.outboxCount.value], [1, 0]);
    assert.deepEqual(ann.rows(7).map((row) => [row.text, row.status, row.error]), [["fine", "stored", null], ["refused", "failed", code]]);
    await ann.clock.pass(1_000);
    const again = await device({ server: ann.server, cabinet: ann.cabinet, clock: ann.clock });
    assert.deepEqual(again.rows(7).map((row) => [row.text, row.status]), [["fine", "stored"], ["refused", "failed"]]);
  });
}

test("Retry sends a failed message again, Discard takes it away, for good", async () => {
  const ann = await device({ server: office() });
  ann.server.refuse("post", { code: "forbidden", retryable: false }, 2);
  const [first, second] = [ann.store.post(7, "first"), ann.store.post(7, "second")];
  await ann.clock.settle();
  ann.store.retry(first);
  ann.store.discard(second);
  await ann.clock.settle();
  assert.deepEqual([ann.texts(7), statuses(ann), await ann.cabinet.all("outbox")], [["first"], ["stored"], []]);
});

test("No answer is no failure: the connection is doubted, and the message sent again", async () => {
  const ann = await device({ server: office() });
  ann.server.holdsAnswers = true;
  ann.connection().isHeld = true;
  ann.store.post(7, "into silence");
  await ann.clock.pass(17_000);
  assert.equal(ann.said("hello").length, 2);
  ann.server.holdsAnswers = false;
  await ann.clock.pass(60_000);
  assert.deepEqual([ann.texts(7), statuses(ann), ann.server.logs.get(7).head], [["into silence"], ["stored"], 1]);
});

test("A post whose answer was lost is known by its message, and not sent again", async () => {
  const ann = await device({ server: office() });
  ann.server.holdsAnswers = true;
  ann.store.post(7, "answer lost");
  await ann.clock.settle();
  ann.server.breakAll();
  ann.server.holdsAnswers = false;
  await ann.clock.pass(40_000);
  assert.deepEqual([ann.said("post").length, ann.texts(7), statuses(ann)], [1, ["answer lost"], ["stored"]]);
});

test("A stored message that comes back with no later snapshot is not shown for ever", async () => {
  const ann = await device({ server: office() });
  const connection = ann.connection();
  connection.isHeld = true;
  ann.store.post(7, "answered, and never seen");
  await ann.clock.settle();
  connection.queue = connection.queue.filter((event) => event.type !== "message");
  connection.deliver(9);
  await ann.clock.settle();
  assert.deepEqual(statuses(ann), ["stored"]);
  ann.server.breakAll();
  for (let index = 0; index < 600; index += 1) ann.server.say(7, BOB, "flood");
  await ann.clock.pass(40_000);
  assert.deepEqual(new Set(ann.texts(7)), new Set(["flood"]));
});

test("With a clock that is wrong by days, a message still shows the server's day before it is stored", async () => {
  const ann = await device({ server: office() });
  ann.clock.jump(5 * 86_400_000);
  await ann.clock.pass(60_000);
  ann.server.say(7, BOB, "what day is it");
  await ann.clock.settle();
  ann.server.holdsAnswers = true;
  ann.connection().isHeld = true;
  ann.store.post(7, "today");
  await ann.clock.settle();
  const [theirs, mine] = ann.rows(7);
  assert.deepEqual([mine.at - theirs.at, mine.startsDay, mine.status], [0, false, "sending"]);
});

test("Nothing visible and more than 8,000 characters are not posted", async () => {
  const ann = await device({ server: office() });
  assert.deepEqual([ann.store.post(7, " \n"), ann.store.post(7, "x".repeat(8_001)), ann.store.post(99, "nowhere")], [null, null, null]);
  assert.notEqual(ann.store.post(7, "😀".repeat(8_000)), null);
});

test("A full disk is said, and the message goes out all the same", async () => {
  const cabinet = new MemoryCabinet();
  const ann = await device({ server: office(), cabinet });
  const write = cabinet.write.bind(cabinet);
  cabinet.write = async () => {
    throw Object.assign(new Error("no room"), { name: "QuotaExceededError" });
  };
  ann.store.post(7, "still sent");
  await ann.clock.pass(2_000);
  assert.deepEqual([ann.store.storageState.value, statuses(ann)], ["full", ["stored"]]);
  cabinet.write = write;
  ann.store.post(7, "room again");
  await ann.clock.pass(2_000);
  assert.equal(ann.store.storageState.value, "ok");
});

test("A disk that never answers holds a message back for a second, no longer", async () => {
  const cabinet = new MemoryCabinet();
  const ann = await device({ server: office(), cabinet });
  cabinet.write = () => new Promise(() => {});
  ann.store.post(7, "patient");
  await ann.clock.pass(1_100);
  assert.deepEqual([ann.texts(7), statuses(ann)], [["patient"], ["stored"]]);
});

class Locks {
  alive = new Set();

  tab(id, isHeir) {
    this.alive.add(id);
    return { id, isHeir: () => isHeir, whenHeir: (task) => isHeir && task(), isAlive: async (other) => this.alive.has(other) };
  }
}

test("Of two tabs each sends its own messages, and one takes over from the other when that is gone", async () => {
  const [server, locks, cabinet] = [office(), new Locks(), new MemoryCabinet()];
  const one = await device({ server, cabinet, tab: locks.tab("one", true) });
  const two = await device({ server, cabinet, clock: one.clock, tab: locks.tab("two", false) });
  server.isDown = true;
  server.breakAll();
  one.store.post(7, "from one");
  two.store.post(7, "from two");
  await one.clock.pass(1_000);
  assert.deepEqual([one.texts(7), two.texts(7)], [["from one"], ["from two"]]);
  two.socket.stop();
  locks.alive.delete("two");
  server.isDown = false;
  await one.clock.pass(60_000);
  assert.deepEqual(server.said.filter((command) => command.type === "post").map((command) => command.text).sort(), ["from one", "from two"]);
  assert.deepEqual([one.texts(7).toSorted(), await cabinet.all("outbox")], [["from one", "from two"], []]);
});

test("Without locks two tabs may both send a message, and it is still one", async () => {
  const [server, cabinet] = [office(), new MemoryCabinet()];
  const one = await device({ server, cabinet });
  server.isDown = true;
  server.breakAll();
  one.store.post(7, "mine");
  await one.clock.settle();
  const two = await device({ server, cabinet, clock: one.clock });
  server.isDown = false;
  await one.clock.pass(60_000);
  assert.deepEqual([server.logs.get(7).head, one.texts(7), two.texts(7)], [1, ["mine"], ["mine"]]);
});

test("Messages for a conversation that one is no longer in fail instead of waiting for ever", async () => {
  const ann = await device({ server: office() });
  ann.server.isDown = true;
  ann.server.breakAll();
  ann.store.post(7, "too late");
  ann.server.logs.get(7).members = [BOB];
  ann.server.isDown = false;
  await ann.clock.pass(60_000);
  assert.deepEqual([ann.store.outboxCount.value, ann.store.failedCount.value, ann.said("post").length], [0, 1, 0]);
});
