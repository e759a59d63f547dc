// The thin rim around what a browser gives: timers, network, and requests over HTTP.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../chat/static/chat/js/connection/clock.js";
import { browserNetwork } from "../../../chat/static/chat/js/connection/network.js";
import { createPreferences } from "../../../chat/static/chat/js/connection/preferences.js";

/** A host whose timers and frames run when the test says so. */
function fakeHost() {
  const [timers, frames] = [new Map(), []];
  const host = {
    Date,
    setTimeout: (task) => timers.set(timers.size + 1, task).size,
    clearTimeout: (id) => timers.delete(id),
    requestAnimationFrame: (task) => frames.push(task),
  };
  return { host, runTimers: () => [...timers.values()].forEach((task) => task()), runFrames: () => frames.splice(0).forEach((task) => task()) };
}

test("A frame runs its task once, with the next picture or, when the page is hidden, by a timer", () => {
  for (const order of [["runFrames", "runTimers"], ["runTimers", "runFrames"]]) {
    const fake = fakeHost();
    let count = 0;
    systemClock(fake.host).frame(() => (count += 1));
    assert.equal(count, 0);
    for (const run of order) fake[run]();
    assert.equal(count, 1);
  }
});

test("The network tells online, offline, another network and being looked at again, until nobody listens", () => {
  const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  const navigator = { onLine: true, connection: new EventTarget() };
  const host = Object.assign(new EventTarget(), { navigator, document });
  const network = browserNetwork(host);
  const heard = [];
  const stop = network.listen((news) => heard.push(news));
  for (const name of ["offline", "online", "pageshow"]) host.dispatchEvent(new Event(name));
  navigator.connection.dispatchEvent(new Event("change"));
  const turn = (visibilityState) => Object.assign(document, { visibilityState }).dispatchEvent(new Event("visibilitychange"));
  turn("hidden");
  turn("visible");
  stop();
  host.dispatchEvent(new Event("offline"));
  turn("visible");
  assert.deepEqual([heard, network.isOnline()], [["offline", "online", "woke", "changed", "woke"], true]);
  host.navigator.onLine = false;
  assert.equal(network.isOnline(), false);
});

test("Muting and marking as unread are posted as JSON with the CSRF token", async () => {
  const asked = [];
  const fetch = async (path, { method, headers, body }) => {
    asked.push([method, path, headers["X-CSRFToken"], headers["Content-Type"], JSON.parse(body)]);
    return { ok: true, json: async () => ({ read_seq: 4, unread: 1, muted: true }) };
  };
  const preferences = createPreferences({ fetch, csrf: "token" });
  assert.deepEqual(await preferences.mute(7, true), { ok: true, read_seq: 4, unread: 1, muted: true });
  await preferences.markUnread(7, 5);
  assert.deepEqual(asked, [
    ["POST", "/conversations/7/mute", "token", "application/json", { on: true }],
    ["POST", "/conversations/7/unread", "token", "application/json", { seq: 5 }],
  ]);
});

for (const [status, code] of [[400, "bad_command"], [403, "forbidden"], [404, "not_found"], [429, "rate_limited"], [503, "unavailable"]]) {
  test(`HTTP status ${status} is ${code}`, async () => {
    const preferences = createPreferences({ fetch: async () => ({ ok: false, status }), csrf: "token" });
    assert.deepEqual(await preferences.mute(7, true), { ok: false, code });
  });
}

test("No network, a redirect to the login page and an answer that is no JSON are disconnected", async () => {
  for (const fetch of [async () => Promise.reject(new TypeError("redirect")), async () => ({ ok: true, json: async () => JSON.parse("<html>") })]) {
    assert.deepEqual(await createPreferences({ fetch, csrf: "x" }).mute(7, true), { ok: false, code: "disconnected" });
  }
});
