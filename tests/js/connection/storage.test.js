// What a device keeps, and what it does when the browser does not let it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryCabinet } from "../../../chat/static/chat/js/connection/cabinet_memory.js";
import { openStorage, storageIn } from "../../../chat/static/chat/js/connection/storage.js";
import { FakeClock } from "../support/fake_clock.js";
import { seededIds } from "../support/seeded.js";

const parts = () => ({ clock: new FakeClock(), randomId: seededIds(1) });

test("A device keeps its id, and two tabs that start together agree on one", async () => {
  const cabinet = new MemoryCabinet();
  const [one, two] = await Promise.all([storageIn(cabinet, parts()), storageIn(cabinet, { ...parts(), randomId: seededIds(2) })]);
  const later = await storageIn(cabinet, { ...parts(), randomId: seededIds(3) });
  assert.deepEqual([two.deviceId, later.deviceId, one.state], [one.deviceId, one.deviceId, "ok"]);
});

test("Where no database may be opened, everything works in memory, and that is said", async () => {
  const openCabinet = async () => {
    throw Object.assign(new Error("private"), { name: "SecurityError" });
  };
  const storage = await openStorage({ ...parts(), userId: 3, openCabinet });
  await storage.putOutgoing({ clientId: "a", text: "x" });
  assert.deepEqual([storage.state, await storage.outbox()], ["memory", [{ clientId: "a", text: "x" }]]);
  assert.match(storage.deviceId, /^[0-9a-f-]{36}$/);
  assert.equal((await openStorage({ ...parts(), userId: 3 })).state, "memory");
});

test("A database that never opens keeps the page waiting for 3 s, no longer", async () => {
  const { clock, randomId } = parts();
  const opening = openStorage({ clock, randomId, userId: 3, openCabinet: () => new Promise(() => {}) });
  await clock.pass(3_000);
  assert.equal((await opening).state, "memory");
});

test("A full disk is said, a broken one is left, and both are told to the listener", async () => {
  const cabinet = new MemoryCabinet();
  const storage = await storageIn(cabinet, parts());
  const told = [];
  storage.listen((state) => told.push(state));
  const failWith = (name) => (cabinet.write = async () => Promise.reject(Object.assign(new Error(name), { name })));
  failWith("QuotaExceededError");
  assert.equal(await storage.putOutgoing({ clientId: "a" }), false);
  failWith("InvalidStateError");
  await storage.putOutgoing({ clientId: "b" });
  assert.deepEqual(told, ["full", "memory"]);
});

test("Of two tabs one adopts a message", async () => {
  const cabinet = new MemoryCabinet();
  const storage = await storageIn(cabinet, parts());
  await storage.putOutgoing({ clientId: "a", tab: "gone" });
  const adopted = await Promise.all(["one", "two"].map((to) => storage.adoptOutgoing("a", { from: "gone", to })));
  assert.deepEqual(adopted, [{ clientId: "a", tab: "one" }, undefined]);
  assert.equal(await storage.adoptOutgoing("b", { from: "gone", to: "one" }), undefined);
});

test("What was saved does not change with what the page does to it afterwards", async () => {
  const storage = await storageIn(new MemoryCabinet(), parts());
  const record = { id: 7, messages: [{ seq: 1 }] };
  await storage.saveConversations([record]);
  record.messages.push({ seq: 2 });
  assert.deepEqual(await storage.conversations(), [{ id: 7, messages: [{ seq: 1 }] }]);
  await storage.saveConversations([], [7]);
  assert.deepEqual(await storage.conversations(), []);
});

/** Web Storage as a browser has it. */
function webStorage() {
  const held = new Map();
  return {
    get length() {
      return held.size;
    },
    key: (index) => [...held.keys()][index] ?? null,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => held.set(key, String(value)),
    removeItem: (key) => held.delete(key),
  };
}

test("A message written right before a reload is there after it, though the database never got it", async () => {
  const [before, after, shared] = [new MemoryCabinet(), new MemoryCabinet(), webStorage()];
  before.write = () => new Promise(() => {});
  const storage = await storageIn(before, { ...parts(), webStorage: shared });
  storage.putOutgoing({ clientId: "a", text: "just now" });
  const reloaded = await storageIn(after, { ...parts(), webStorage: shared });
  assert.deepEqual(await reloaded.outbox(), [{ clientId: "a", text: "just now" }]);
  await reloaded.putOutgoing({ clientId: "a", text: "just now" });
  assert.equal(shared.length, 0);
  assert.deepEqual(await reloaded.outbox(), [{ clientId: "a", text: "just now" }]);
});

test("What was sent or belongs to somebody else does not come back from Web Storage", async () => {
  const shared = webStorage();
  shared.setItem("somebody else's", "{}");
  shared.setItem("distchat-0:broken", "{");
  const cabinet = new MemoryCabinet();
  cabinet.write = async () => Promise.reject(Object.assign(new Error("full"), { name: "QuotaExceededError" }));
  const storage = await storageIn(cabinet, { ...parts(), webStorage: shared });
  await storage.putOutgoing({ clientId: "a" });
  await storage.removeOutgoing("a");
  const reloaded = await storageIn(new MemoryCabinet(), { ...parts(), webStorage: shared });
  assert.deepEqual(await reloaded.outbox(), []);
  await reloaded.forget();
  assert.deepEqual(shared.getItem("somebody else's"), "{}");
});
