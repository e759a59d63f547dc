import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../../../chat/static/chat/js/cluster/asking.js";
import { happeningsBetween } from "../../../chat/static/chat/js/cluster/happenings.js";
import { Link } from "../../../chat/static/chat/js/cluster/link.js";
import { Scene } from "../../../chat/static/chat/js/cluster/scene.js";
import { speak } from "../../../chat/static/chat/js/cluster/words.js";
import { FakeClock } from "../support/fake_clock.js";
import { node, picture } from "./made.js";

const told = (before, after) => happeningsBetween(before, after).map(({ kind, node: name = "" }) => `${kind} ${name}`.trim());

test("the first picture is no news", () => {
  assert.deepEqual(told(null, picture(node("a", { state: "gone" }))), []);
});

test("what changes with a node is told once", () => {
  const well = picture(node("a"), node("b"));
  assert.deepEqual(told(well, well), []);
  assert.deepEqual(told(well, picture(node("a"), node("b"), node("c"))), ["appeared c"]);
  assert.deepEqual(told(well, picture(node("a", { state: "gone" }), node("b", { state: "drained" }))), ["gone a", "drained b"]);
  assert.deepEqual(told(picture(node("a", { state: "drained" })), picture(node("a"))), ["undrained a"]);
  assert.deepEqual(told(picture(node("a", { state: "gone" })), picture(node("a"))), ["back a"]);
  assert.deepEqual(told(well, picture(node("a", { state: "leaving" }), node("b", { state: "left" }))), ["leaving a", "left b"]);
  assert.deepEqual(told(well, picture(node("a", { life: "new" }), node("b"))), ["restarted a"]);
  assert.deepEqual(told(well, picture(node("a", { degraded: ["layer"] }), node("b"))), ["degraded a"]);
  assert.deepEqual(told(picture(node("a", { degraded: ["layer"] })), picture(node("a"))), ["well a"]);
  assert.deepEqual(told(well, picture(node("a"), node("b"), node("b", { life: "new" }))), ["restarted b", "twins b"]);
});

test("what changes with a store or an announcement is told", () => {
  const before = picture(node("a"));
  const after = { ...before, redis: [{ ...before.redis[0], up: false }], database: { up: false, reason: "x" } };
  assert.deepEqual(told(before, after), ["store_down Redis 10.0.0.9:6379", "store_down PostgreSQL"]);
  assert.deepEqual(told(after, before), ["store_up Redis 10.0.0.9:6379", "store_up PostgreSQL"]);
  const announced = { ...before, announcement: { id: "1", text: "x" } };
  assert.deepEqual(told(before, announced), ["announced"]);
  assert.deepEqual(told(announced, before), ["announcement_over"]);
  const early = picture(node("a"));
  delete early.redis;
  delete early.database;
  assert.deepEqual(told(early, before), []);
});

test("a scene keeps the latest happenings first, and hands flows on", () => {
  const scene = new Scene(() => 7);
  const flows = [];
  scene.onFlows = (each) => flows.push(each.length);
  scene.show(picture(node("a")));
  scene.show(picture(node("a", { state: "gone" }), node("b")));
  scene.show(picture(node("a", { state: "gone" }), node("b", { counters: { messages: 1 } })));
  assert.deepEqual(scene.happenings.value.map(({ kind, at }) => [kind, at]), [["appeared", 7], ["gone", 7]]);
  assert.deepEqual(flows, [0, 0, 1]);
  assert.equal(scene.history.of("connections").length, 3);
  for (let i = 0; i < 100; i += 1) scene.show(picture(node("a", { state: i % 2 ? "open" : "drained" })));
  assert.equal(scene.happenings.value.length, 30);
});

class FakeSocket {
  isClosed = false;
  close() {
    this.isClosed = true;
  }
}

function link() {
  const clock = new FakeClock();
  const sockets = [];
  const seen = [];
  const made = new Link({
    url: "ws://here/ws/cluster/",
    open: () => sockets[sockets.push(new FakeSocket()) - 1],
    clock,
    random: () => 0,
    shown: ({ nodes }) => seen.push(nodes.length),
    changed: (state) => seen.push(state),
  });
  made.start();
  const say = (data) => sockets.at(-1).onmessage({ data });
  return { made, clock, sockets, seen, say };
}

test("pictures are shown, and nothing else is", () => {
  const { seen, say } = link();
  say(JSON.stringify(picture(node("a"))));
  for (const rubbish of ["", "{", "null", "[]", '{"type":"picture"}', '{"type":"other","nodes":[]}']) say(rubbish);
  assert.deepEqual(seen, ["live", 1]);
});

test("a broken link comes back, with growing pauses", async () => {
  const { clock, sockets, seen, say } = link();
  sockets[0].onclose({ code: 1006 });
  await clock.pass(499);
  assert.equal(sockets.length, 1);
  await clock.pass(1);
  sockets[1].onclose({ code: 1006 });
  await clock.pass(999);
  assert.equal(sockets.length, 2);
  await clock.pass(1);
  say(JSON.stringify(picture()));
  assert.deepEqual(seen, ["lost", "lost", "live", 0]);
});

test("who may not look any more is not brought back", async () => {
  const { clock, sockets, seen } = link();
  sockets[0].onclose({ code: 4403 });
  await clock.pass(100_000);
  assert.deepEqual([sockets.length, seen], [1, ["refused"]]);
});

test("a silent socket is given up", async () => {
  const { clock, sockets, seen, say } = link();
  say(JSON.stringify(picture()));
  await clock.pass(5_999);
  assert.equal(sockets[0].isClosed, false);
  await clock.pass(1);
  assert.deepEqual([sockets[0].isClosed, seen.at(-1)], [true, "lost"]);
  await clock.pass(500);
  assert.equal(sockets.length, 2);
});

test("a page that is looked at again does not wait", () => {
  const { made, sockets } = link();
  made.hurry();
  assert.equal(sockets.length, 1);
  sockets[0].onclose({ code: 1012 });
  made.hurry();
  assert.equal(sockets.length, 2);
  made.stop();
  assert.equal(sockets[1].isClosed, true);
});

test("what is asked for goes with the token, and a refusal comes back in words", async () => {
  speak({ language: "en", words: { error_conflict: "Not now.", error_rate_limited: "Wait {seconds} s.", error_failed: "Not done.", error_unreachable: "Nobody there." } });
  const asked = [];
  const answering = (status, body) => async (url, { method, body: fields, headers }) => {
    asked.push([url, method, String(fields), headers["X-CSRFToken"]]);
    return new Response(body, { status });
  };
  assert.equal(await ask("/order/", { life: "a b", what: "drain" }, "token", answering(200, "{}")), "");
  assert.deepEqual(asked, [["/order/", "POST", "life=a+b&what=drain", "token"]]);
  assert.equal(await ask("/", {}, "", answering(409, '{"error":"conflict"}')), "Not now.");
  assert.equal(await ask("/", {}, "", answering(429, '{"error":"rate_limited","retry_after_ms":1500}')), "Wait 2 s.");
  assert.equal(await ask("/", {}, "", answering(500, "<h1>")), "Not done.");
  assert.equal(await ask("/", {}, "", async () => { throw new TypeError("gone"); }), "Nobody there.");
});
