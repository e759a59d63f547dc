import assert from "node:assert/strict";
import { test } from "node:test";
import { putAwayIn } from "../../../chat/static/chat/js/connection/put_away.js";
import { device } from "../support/device.js";
import { ANN } from "../support/fake_server.js";

const ID = "8d1f6f2e-3f0b-4d52-8a3c-5b1f6f0e9c77";
const said = (clock, { id = ID, text = "We restart at noon.", forMs = 60_000 } = {}) => ({ type: "announcement", id, text, until: new Date(clock.now() + forMs).toISOString() });

async function listening() {
  const made = await device();
  made.hear = async (...events) => {
    made.server.tellUser(ANN.id, ...events);
    await made.clock.settle();
  };
  return made;
}

test("an announcement is shown until its time is over", async () => {
  const { clock, store, hear } = await listening();
  await hear(said(clock));
  assert.deepEqual(store.announcement.value, { id: ID, text: "We restart at noon." });
  await clock.pass(59_000);
  assert.notEqual(store.announcement.value, null);
  await clock.pass(1_001);
  assert.equal(store.announcement.value, null);
});

test("it is taken back, or replaced by a later one", async () => {
  const { clock, store, hear } = await listening();
  await hear(said(clock));
  await hear(said(clock, { id: "another", text: "At one." }));
  assert.equal(store.announcement.value.text, "At one.");
  await hear({ type: "announcement", id: "another" });
  assert.equal(store.announcement.value, null);
});

test("the same one again is no news", async () => {
  const { clock, store, hear } = await listening();
  await hear(said(clock));
  const first = store.announcement.value;
  await hear(said(clock));
  assert.equal(store.announcement.value, first);
});

test("what was put away does not come back, and the next one does", async () => {
  const { clock, store, hear } = await listening();
  await hear(said(clock));
  store.putAnnouncementAway();
  assert.equal(store.announcement.value, null);
  await hear(said(clock));
  assert.equal(store.announcement.value, null);
  await hear(said(clock, { id: "next" }));
  assert.equal(store.announcement.value.id, "next");
});

test("what is old, empty or no text is not shown", async () => {
  const { clock, store, hear } = await listening();
  await hear(said(clock, { forMs: -1 }), said(clock, { text: "" }), said(clock, { text: { html: "<b>" } }), { type: "announcement", id: ID, text: "x" });
  assert.equal(store.announcement.value, null);
});

test("what was taken back while this device was away goes soon after it is back", async () => {
  const { clock, store, server, hear } = await listening();
  await hear(said(clock, { forMs: 3_600_000 }));
  server.breakAll();
  await clock.pass(4_000);
  assert.notEqual(store.announcement.value, null);
  await clock.pass(6_000);
  assert.equal(store.announcement.value, null);
});

test("what is said again after a reconnect stays", async () => {
  const { clock, store, server, hear } = await listening();
  await hear(said(clock, { forMs: 3_600_000 }));
  server.breakAll();
  await clock.pass(1_000);
  await hear(said(clock, { forMs: 3_600_000 }));
  await clock.pass(60_000);
  assert.equal(store.announcement.value.id, ID);
});

test("what was put away is remembered where the browser remembers anything", () => {
  const kept = new Map();
  const store = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  putAwayIn(store).id = "x";
  assert.equal(putAwayIn(store).id, "x");
  const forbidden = putAwayIn({ getItem() { throw new Error("no"); }, setItem() { throw new Error("no"); } });
  assert.equal(forbidden.id, null);
  forbidden.id = "y";
  assert.deepEqual([forbidden.id, putAwayIn(undefined).id], ["y", null]);
});
