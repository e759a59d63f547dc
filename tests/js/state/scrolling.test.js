// The past: page by page, around a permalink, and back to the live end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { BOB, FakeServer } from "../support/fake_server.js";

async function annWith(count) {
  const server = new FakeServer();
  server.log(7);
  for (let index = 1; index <= count; index += 1) server.say(7, BOB, `message ${index}`);
  const ann = await device({ server });
  ann.feed = () => ann.store.messages(7).value;
  ann.range = () => [ann.rows(7)[0].seq, ann.rows(7).at(-1).seq, ann.rows(7).length];
  return ann;
}

test("Scrolling up ends at the first message, and says so", async () => {
  const ann = await annWith(120);
  const ranges = [];
  while (ann.feed().hasOlder) {
    await ann.store.loadOlder(7);
    await ann.clock.settle();
    ranges.push(ann.range());
  }
  assert.deepEqual(ranges, [[21, 120, 100], [1, 120, 120]]);
  assert.deepEqual(await ann.store.loadOlder(7), { ok: true });
  assert.equal(ann.said("history").length, 2);
});

test("Asking twice for the same page asks once, and loadingOlder tells", async () => {
  const ann = await annWith(120);
  ann.store.loadOlder(7);
  ann.store.loadOlder(7);
  for (const task of ann.clock.frames.splice(0)) task();
  assert.equal(ann.feed().loadingOlder, true);
  await ann.clock.settle();
  assert.deepEqual([ann.feed().loadingOlder, ann.said("history").length], [false, 1]);
});

test("A page that is lost with its connection can be asked for again", async () => {
  const ann = await annWith(120);
  ann.connection().isHeld = true;
  const loading = ann.store.loadOlder(7);
  await ann.clock.settle();
  ann.connection().breakOff(1006);
  assert.deepEqual(await loading, { ok: false, code: "disconnected" });
  await ann.clock.pass(40_000);
  await ann.store.loadOlder(7);
  await ann.clock.settle();
  assert.deepEqual(ann.range(), [21, 120, 100]);
});

test("A permalink shows the part around its message, which grows until it joins the live end", async () => {
  const ann = await annWith(400);
  assert.deepEqual(await ann.store.showAround(7, 100), { ok: true });
  await ann.clock.settle();
  assert.deepEqual([ann.range(), ann.feed().mode, ann.feed().anchorSeq, ann.feed().hasNewer, ann.feed().hasOlder], [[71, 130, 60], "around", 100, true, true]);
  await ann.store.loadOlder(7);
  await ann.clock.settle();
  assert.deepEqual(ann.range(), [21, 130, 110]);
  const ends = [];
  while (ann.feed().hasNewer) {
    await ann.store.loadNewer(7);
    await ann.clock.settle();
    ends.push(ann.range()[1]);
  }
  assert.deepEqual([ends, ann.range(), ann.feed().mode], [[230, 330, 400], [21, 400, 380], "live"]);
  ann.server.say(7, BOB, "live again");
  await ann.clock.settle();
  assert.deepEqual(ann.range(), [21, 401, 381]);
});

test("A permalink near the end joins it at once; one to nothing is not_found; one that is held asks nobody", async () => {
  const ann = await annWith(100);
  await ann.store.showAround(7, 40);
  await ann.clock.settle();
  assert.deepEqual([ann.range(), ann.feed().mode], [[11, 100, 90], "live"]);
  assert.deepEqual(await ann.store.showAround(7, 999), { ok: false, code: "not_found" });
  const asked = ann.said("history").length;
  assert.deepEqual(await ann.store.showAround(7, 60), { ok: true });
  await ann.clock.settle();
  assert.deepEqual([ann.said("history").length, ann.feed().anchorSeq], [asked, 60]);
});

test("While an older part is shown, it is kept up to date, and new messages wait at the live end", async () => {
  const ann = await annWith(300);
  await ann.store.showAround(7, 100);
  ann.server.tell(7, ann.server.logs.get(7).change(101, { text: "edited" }));
  ann.server.say(7, BOB, "new");
  await ann.clock.settle();
  assert.deepEqual([ann.rows(7).find((row) => row.seq === 101).text, ann.range()[1]], ["edited", 130]);
  ann.store.showLatest(7);
  await ann.clock.settle();
  assert.deepEqual([ann.texts(7).at(-1), ann.feed().anchorSeq, ann.feed().mode], ["new", null, "live"]);
});

test("A page that knows of an edit before its event brings it to the live end too", async () => {
  const ann = await annWith(100);
  const connection = ann.connection();
  connection.isHeld = true;
  ann.server.tell(7, ann.server.logs.get(7).change(55, { text: "edited" }));
  const around = ann.store.showAround(7, 40);
  await ann.clock.settle();
  const [event, page] = connection.queue;
  connection.isHeld = false;
  connection.queue = [];
  connection.receive([page]);
  await around;
  connection.receive([event]);
  await ann.clock.settle();
  assert.equal(ann.rows(7).find((row) => row.seq === 55).text, "edited");
});

test("Posting goes back to the live end", async () => {
  const ann = await annWith(300);
  await ann.store.showAround(7, 100);
  ann.store.post(7, "mine");
  await ann.clock.settle();
  assert.deepEqual([ann.feed().mode, ann.texts(7).at(-1)], ["live", "mine"]);
});

test("A snapshot while an older part is shown brings that part back", async () => {
  const ann = await annWith(300);
  await ann.store.showAround(7, 100);
  ann.server.breakAll();
  for (let index = 0; index < 600; index += 1) ann.server.say(7, BOB, "flood");
  await ann.clock.pass(40_000);
  assert.deepEqual([ann.feed().mode, ann.feed().anchorSeq, ann.range()], ["around", 100, [71, 130, 60]]);
  ann.store.showLatest(7);
  await ann.clock.settle();
  assert.deepEqual(ann.range(), [851, 900, 50]);
});

test("A page that was on its way over a jump is put nowhere", async () => {
  const ann = await annWith(400);
  const connection = ann.connection();
  connection.isHeld = true;
  const older = ann.store.loadOlder(7);
  const around = ann.store.showAround(7, 100);
  await ann.clock.settle();
  const [olderPage, aroundPage] = connection.queue.filter((event) => event.type === "page");
  connection.isHeld = false;
  connection.queue = [];
  connection.receive([aroundPage]);
  await around;
  connection.receive([olderPage]);
  await older;
  await ann.clock.settle();
  assert.deepEqual(ann.range(), [71, 130, 60]);
  ann.store.showLatest(7);
  await ann.clock.settle();
  assert.deepEqual(ann.range(), [351, 400, 50]);
});
