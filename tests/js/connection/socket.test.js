// The connection: it keeps watch, comes back where it may, stays away where it must, and says why.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { BOB, FakeServer } from "../support/fake_server.js";

async function connected(options = {}) {
  const server = new FakeServer();
  server.log(7);
  return device({ server, ...options });
}

const doubtOf = ({ store }) => store.connection.value.doubt;
const stateOf = ({ store }) => [store.connection.value.state, store.connection.value.cause];

test("It says hello with the device's own id, in protocol distchat.v1, and tells the node and the latency", async () => {
  const ann = await connected();
  const [hello] = ann.said("hello");
  assert.deepEqual([hello.device, hello.device_name, hello.platform, hello.cursors], [ann.storage.deviceId, "Test", "web", {}]);
  assert.deepEqual(ann.connection().protocols, ["distchat.v1"]);
  const { state, cause, node, latencyMs, deviceId } = ann.store.connection.value;
  assert.deepEqual([state, cause, node, latencyMs, deviceId], ["online", null, "server_1", 0, ann.storage.deviceId]);
});

test("A lost connection comes back after half a second, then after growing pauses up to 30 s", async () => {
  const ann = await connected();
  ann.server.isDown = true;
  ann.server.breakAll();
  await ann.clock.settle();
  const pauses = [];
  for (let tries = 0; tries < 8; tries += 1) {
    const pause = ann.store.connection.value.retryAt - ann.clock.now();
    pauses.push(pause);
    await ann.clock.pass(pause);
  }
  assert.deepEqual(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  assert.deepEqual(stateOf(ann), ["waiting", "unreachable"]);
});

for (const [code, cause, bye, ms] of [
  [1012, "restart", { reason: "restart", reconnect_after_ms: 730 }, 730],
  [1012, "restart", null, 300],
  [4408, "too_slow", { reason: "too_slow", reconnect_after_ms: 90 }, 90],
  [4429, "flooding", { reason: "flooding", reconnect_after_ms: 10_000 }, 10_000],
  [4429, "flooding", null, 60_000],
  [1006, "restart", { reason: "restart", reconnect_after_ms: 40 }, 40],
  [1006, "lost", null, 425],
]) {
  test(`Close code ${code} ${bye ? "with" : "without"} bye comes back after ${ms} ms`, async () => {
    const ann = await connected({ random: () => 0.3 });
    ann.server.breakAll(code, bye);
    assert.deepEqual([stateOf(ann), ann.store.connection.value.retryAt - ann.clock.now()], [["waiting", cause], ms]);
    await ann.clock.pass(ms);
    assert.deepEqual([stateOf(ann), ann.store.connection.value.nodeLog.at(-1).why], [["online", null], cause]);
  });
}

for (const [code, state, cause] of [
  [4400, "refused", "broken_protocol"],
  [4401, "logged_out", "not_logged_in"],
  [4403, "revoked", "revoked"],
]) {
  test(`Close code ${code} stays away and says ${cause}`, async () => {
    const ann = await connected();
    ann.server.breakAll(code, { reason: cause });
    await ann.clock.pass(600_000);
    assert.deepEqual([stateOf(ann), ann.said("hello").length], [[state, cause], 1]);
  });
}

test("A revoked device forgets what it has stored, and cannot be brought back by a click", async () => {
  const ann = await connected();
  ann.server.say(7, BOB, "secret");
  await ann.clock.pass(1_000);
  assert.equal((await ann.cabinet.all("conversations")).length, 1);
  ann.server.isDown = true;
  ann.store.post(7, "secret too");
  ann.server.breakAll(4403, { reason: "revoked" });
  await ann.clock.pass(5_000);
  ann.store.retryNow();
  await ann.clock.pass(5_000);
  assert.deepEqual([stateOf(ann), ann.store.conversations.value, ann.rows(7)], [["revoked", "revoked"], [], []]);
  assert.deepEqual([await ann.cabinet.all("conversations"), await ann.cabinet.all("outbox"), await ann.cabinet.all("keys")], [[], [], []]);
});

test("Logged out keeps the outbox for the next login", async () => {
  const ann = await connected();
  ann.server.breakAll(4401, { reason: "not_logged_in" });
  ann.store.post(7, "for later");
  await ann.clock.pass(1_000);
  assert.deepEqual((await ann.cabinet.all("outbox")).map((entry) => entry.text), ["for later"]);
  ann.store.retryNow();
  await ann.clock.pass(1_000);
  assert.deepEqual([stateOf(ann), ann.texts(7), ann.store.outboxCount.value], [["online", null], ["for later"], 0]);
});

test("Silence is asked about after 15 s, said 3 s later, and given up 10 s after the question", async () => {
  const ann = await connected();
  const pings = () => ann.said("ping").length;
  const before = pings();
  await ann.clock.pass(14_000);
  assert.equal(pings(), before);
  await ann.clock.pass(6_000);
  assert.equal(pings(), before + 1);
  ann.connection().isHeld = true;
  await ann.clock.pass(18_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann)], [["online", null], "silent"]);
  await ann.clock.pass(7_000);
  await ann.clock.pass(1_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann)], [["online", null], null]);
  assert.deepEqual(ann.store.connection.value.nodeLog.map((line) => line.why), ["start", "silent"]);
});

test("A message that nobody answers makes the connection doubtful, and it arrives by the next one", async () => {
  const ann = await connected();
  await ann.clock.pass(1_000);
  ann.server.holdsAnswers = true;
  ann.connection().isHeld = true;
  ann.store.post(7, "into the void");
  await ann.clock.pass(6_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann), ann.store.outboxCount.value], [["online", null], "silent", 1]);
  ann.server.holdsAnswers = false;
  await ann.clock.pass(3_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann), ann.texts(7), ann.store.outboxCount.value], [["online", null], null, ["into the void"], 0]);
});

test("Retry now does not wait for the end of a doubt", async () => {
  const ann = await connected();
  ann.connection().isHeld = true;
  ann.network.say("offline");
  await ann.clock.pass(1_500);
  assert.equal(doubtOf(ann), "offline");
  ann.store.retryNow();
  await ann.clock.settle();
  assert.deepEqual([stateOf(ann), doubtOf(ann), ann.said("hello").length], [["online", null], null, 2]);
});

test("While messages come nobody pings", async () => {
  const ann = await connected();
  const before = ann.said("ping").length;
  for (let second = 0; second < 60; second += 1) {
    ann.server.say(7, BOB, "busy");
    await ann.clock.pass(1_000);
  }
  assert.equal(ann.said("ping").length, before);
});

test("After sleep the connection is asked at once, and given up within 5 s", async () => {
  const ann = await connected();
  await ann.clock.pass(2_000);
  ann.connection().isHeld = true;
  ann.clock.jump(3_600_000);
  await ann.clock.pass(6_000);
  assert.deepEqual([stateOf(ann), ann.store.connection.value.nodeLog.at(-1).why], [["online", null], "silent"]);
});

test("A connection that still answers after sleep is kept", async () => {
  const ann = await connected();
  await ann.clock.pass(2_000);
  ann.clock.jump(3_600_000);
  await ann.clock.pass(60_000);
  assert.deepEqual([stateOf(ann), ann.said("hello").length], [["online", null], 1]);
});

test("A clock that is put back an hour breaks nothing", async () => {
  const ann = await connected();
  ann.clock.jump(-3_600_000);
  await ann.clock.pass(100_000);
  assert.deepEqual([stateOf(ann), ann.said("hello").length], [["online", null], 1]);
});

test("Offline is said while the connection still seems to live, and given up after 2 s without an answer", async () => {
  const ann = await connected();
  ann.connection().isHeld = true;
  ann.network.say("offline");
  await ann.clock.pass(1_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann)], [["online", null], "offline"]);
  ann.server.isDown = true;
  await ann.clock.pass(1_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann)], [["offline", "offline"], null]);
});

test("A browser first tells of another network, then of none: the graver word holds, and one ping asks for both", async () => {
  const ann = await connected();
  const before = ann.said("ping").length;
  ann.connection().isHeld = true;
  ann.network.say("changed");
  ann.network.say("offline");
  await ann.clock.pass(1_000);
  assert.deepEqual([doubtOf(ann), ann.said("ping").length], ["offline", before + 1]);
  ann.server.isDown = true;
  await ann.clock.pass(1_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann)], [["offline", "offline"], null]);
});

test("While the browser says offline, a node that falls silent later is noticed within 10 s", async () => {
  const ann = await connected();
  ann.network.say("offline");
  await ann.clock.pass(7_000);
  assert.deepEqual([stateOf(ann), doubtOf(ann)], [["online", null], null]);
  ann.connection().isHeld = true;
  ann.server.isDown = true;
  await ann.clock.pass(10_000);
  assert.deepEqual(stateOf(ann), ["offline", "offline"]);
});

test("Another network is doubted at once", async () => {
  const ann = await connected();
  ann.connection().isHeld = true;
  ann.network.say("changed");
  await ann.clock.pass(6_000);
  assert.deepEqual([stateOf(ann), ann.store.connection.value.nodeLog.at(-1).why], [["online", null], "silent"]);
});

test("What hangs since before the network came back is begun anew", async () => {
  const ann = await connected();
  ann.server.isDown = true;
  ann.network.say("offline");
  ann.server.breakAll();
  ann.server.isDown = false;
  const take = ann.server.take.bind(ann.server);
  ann.server.take = () => {};
  await ann.clock.pass(1_000);
  assert.equal(ann.store.connection.value.state, "connecting");
  ann.server.take = take;
  ann.network.say("online");
  await ann.clock.settle();
  assert.deepEqual(stateOf(ann), ["online", null]);
});

test("Who is signed out is tried again when the page is looked at again, and not before", async () => {
  const ann = await connected();
  ann.server.breakAll(4401, { reason: "not_logged_in" });
  ann.store.post(7, "for later");
  await ann.clock.pass(60_000);
  ann.network.say("online");
  await ann.clock.settle();
  assert.deepEqual(stateOf(ann), ["logged_out", "not_logged_in"]);
  ann.network.say("woke");
  await ann.clock.pass(1_000);
  assert.deepEqual([stateOf(ann), ann.texts(7)], [["online", null], ["for later"]]);
});

test("When somebody else is signed in by now, nothing is sent, nothing is shown, and everything is kept", async () => {
  const ann = await connected();
  ann.server.log(8, [BOB]);
  ann.server.say(8, BOB, "not for ann");
  ann.server.isDown = true;
  ann.server.breakAll();
  ann.store.post(7, "mine");
  ann.store.draft(7, "half a thought");
  await ann.clock.pass(1_000);
  ann.server.isDown = false;
  ann.server.signedIn = BOB;
  await ann.clock.pass(600_000);
  assert.deepEqual(stateOf(ann), ["logged_out", "other_user"]);
  assert.deepEqual([ann.said("post"), ann.said("draft"), ann.said("read"), ann.conversation(8)], [[], [], [], undefined]);
  assert.deepEqual((await ann.cabinet.all("outbox")).map((entry) => entry.text), ["mine"]);
  ann.server.signedIn = null;
  ann.store.retryNow();
  await ann.clock.pass(1_000);
  assert.deepEqual([stateOf(ann), ann.texts(7), ann.store.outboxCount.value], [["online", null], ["mine"], 0]);
});

test("Offline is said, and online comes back at once", async () => {
  const ann = await connected();
  ann.server.isDown = true;
  ann.network.say("offline");
  ann.server.breakAll();
  await ann.clock.settle();
  assert.deepEqual(stateOf(ann), ["offline", "offline"]);
  ann.server.isDown = false;
  ann.network.say("online");
  await ann.clock.settle();
  assert.deepEqual(stateOf(ann), ["online", null]);
});

test("A browser that says offline while the node still answers stays connected", async () => {
  const ann = await connected();
  ann.network.say("offline");
  await ann.clock.pass(10_000);
  assert.deepEqual([stateOf(ann), ann.said("hello").length], [["online", null], 1]);
});

test("Retry now does not wait", async () => {
  const ann = await connected();
  ann.server.isDown = true;
  ann.server.breakAll();
  await ann.clock.pass(20_000);
  ann.server.isDown = false;
  ann.store.retryNow();
  await ann.clock.settle();
  assert.deepEqual(stateOf(ann), ["online", null]);
});

test("A hello that is never welcomed is given up after 10 s", async () => {
  const ann = await connected({ start: false });
  const take = ann.server.take.bind(ann.server);
  ann.server.take = () => {};
  await ann.store.start();
  await ann.clock.pass(10_000);
  assert.deepEqual(stateOf(ann), ["waiting", "unreachable"]);
  ann.server.take = take;
  await ann.clock.pass(40_000);
  assert.deepEqual(stateOf(ann), ["online", null]);
});

test("An address that the browser refuses is no crash", async () => {
  const ann = await connected({ start: false });
  ann.server.open = null;
  const { createSocket } = await import("../../../chat/static/chat/js/connection/socket.js");
  const open = () => {
    throw new SyntaxError("insecure");
  };
  const socket = createSocket({ url: "ws://x/", open, clock: ann.clock, random: () => 0 });
  socket.start();
  assert.deepEqual([socket.status.state, socket.status.cause], ["waiting", "unreachable"]);
  await assert.rejects(socket.request({ type: "ping" }), { code: "disconnected" });
  socket.stop();
});
