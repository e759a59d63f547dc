// Which of my devices I use: each hears what I do on the others, and takes nothing of its own for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { FakeClock } from "../support/fake_clock.js";
import { ANN, BOB, FakeServer } from "../support/fake_server.js";

async function twoDevices() {
  const [server, clock] = [new FakeServer(), new FakeClock()];
  server.log(7);
  const [laptop, phone] = [await device({ server, clock }), await device({ server, clock })];
  await clock.pass(1_000);
  return { server, clock, laptop, phone };
}

const heard = (...devices) => devices.map(({ store, clock }) => clock.now() - store.actedElsewhereAt());

test("Nothing is known of devices that do nothing, and what others say is not mine", async () => {
  const { server, clock, laptop, phone } = await twoDevices();
  server.say(7, BOB, "hello");
  await clock.pass(1_000);
  assert.deepEqual(heard(laptop, phone), [Infinity, Infinity]);
});

for (const [what, act] of [
  ["reads", ({ store }) => store.markRead(7, 1)],
  ["writes", ({ store }) => store.draft(7, "half")],
  ["sends", ({ store }) => store.post(7, "mine")],
]) {
  test(`What one device ${what} the other hears, and not itself`, async () => {
    const { server, clock, laptop, phone } = await twoDevices();
    server.say(7, BOB, "hello");
    await clock.pass(5_000);
    act(phone);
    await clock.pass(5_000);
    const [byLaptop, byPhone] = heard(laptop, phone);
    assert.deepEqual([byLaptop <= 5_000, byPhone], [true, Infinity]);
  });
}

test("A device that comes is in use, and one that has gone is not; this one is no other", async () => {
  const { server, clock, laptop } = await twoDevices();
  const tell = (id, state) => server.tellUser(ANN.id, { type: "device", device: id, name: "", state });
  tell(laptop.storage.deviceId, "online");
  await clock.settle();
  assert.deepEqual(heard(laptop), [Infinity]);
  tell("another", "online");
  await clock.settle();
  assert.deepEqual(heard(laptop), [0]);
  tell("another", "offline");
  await clock.settle();
  assert.deepEqual(heard(laptop), [Infinity]);
});
