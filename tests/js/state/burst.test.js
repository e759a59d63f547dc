// A burst of messages costs one change of the signals per frame, and little work.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { BOB, FakeServer } from "../support/fake_server.js";

const PER_SECOND = 500;
const SECONDS = 10;
const FRAMES_PER_SECOND = 60;

test("500 messages a second change each signal at most once per frame, and all arrive", async () => {
  const server = new FakeServer();
  server.log(7);
  const ann = await device({ server });
  const [changes, built] = [{ feed: 0, list: 0 }, new Set()];
  ann.store.openConversation(7);
  ann.store.messages(7).subscribe((feed) => {
    changes.feed += 1;
    for (const row of feed.items) built.add(row);
  });
  ann.store.conversations.subscribe(() => (changes.list += 1));
  await ann.clock.settle();
  const before = { ...changes };
  const frames = SECONDS * FRAMES_PER_SECOND;
  for (let frame = 0; frame < frames; frame += 1) {
    const due = Math.floor(((frame + 1) * PER_SECOND * SECONDS) / frames) - server.logs.get(7).head;
    for (let index = 0; index < due; index += 1) server.say(7, BOB, "x");
    for (const task of ann.clock.frames.splice(0)) task();
  }
  assert.deepEqual([ann.rows(7).length, ann.conversation(7).cursor], [5_000, 5_000]);
  assert.deepEqual([changes.feed - before.feed, changes.list - before.list], [frames, frames]);
  assert.equal(built.size, 5_000, "each row is made once");
});

test("Bringing 2,000 rows up to date after one change makes one row", async () => {
  const server = new FakeServer();
  server.log(7);
  const ann = await device({ server });
  for (let index = 0; index < 2_000; index += 1) server.say(7, BOB, "x");
  await ann.clock.settle();
  const before = new Set(ann.rows(7));
  server.tell(7, server.logs.get(7).change(1_000, { text: "edited" }));
  await ann.clock.settle();
  assert.deepEqual(ann.rows(7).filter((row) => !before.has(row)).map((row) => row.text), ["edited"]);
});
