import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { signal } from "@preact/signals-core";
import { followAddress, go, goBack, readAddress } from "../../../chat/static/chat/js/view/address.js";
import { provide } from "../../../chat/static/chat/js/view/page.js";
import { close, dialog, narrow, panel, show, togglePanel } from "../../../chat/static/chat/js/view/screen.js";
import { FakeHistory } from "../support/fake_history.js";
import { seeded } from "../support/seeded.js";

const browser = new FakeHistory();
const current = signal(null);
globalThis.history = browser;
globalThis.location = { get pathname() { return browser.path; } };
globalThis.addEventListener = (name, listener) => name === "popstate" && browser.listeners.push(listener);
provide({ store: { current, openConversation: (id) => (current.value = id) }, page: { user: { id: 3 } } });
followAddress();

const open = () => [current.value, panel.value, dialog.value?.name ?? null];
const steps = () => browser.entries.map(({ state, path }) => `${path}${state?.over ?? ""}`);

beforeEach(async () => {
  close();
  panel.value = null;
  narrow.value = true;
  await browser.isStill();
  browser.entries = [{ state: null, path: "/" }];
  browser.at = 0;
  go(null);
  go(7);
});

test("back closes the window, then the panel, then leaves the conversation", async () => {
  togglePanel("members");
  await browser.isStill();
  show("settings");
  await browser.isStill();
  const seen = [];
  for (let step = 0; step < 3; step++) {
    browser.back();
    await browser.isStill();
    seen.push(open());
  }
  assert.deepEqual(seen, [[7, "members", null], [7, null, null], [null, null, null]]);
});

test("what is closed in another way leaves nothing behind that back would have to pass", async () => {
  togglePanel("members");
  await browser.isStill();
  show("settings");
  await browser.isStill();
  close();
  panel.value = null;
  await browser.isStill();
  assert.deepEqual([browser.path, browser.state, browser.at], ["/c/7/", { inside: true }, 1]);
});

test("a window that opens from another one has the same entry", async () => {
  show("message_menu");
  await browser.isStill();
  close();
  show("delete_message");
  await browser.isStill();
  assert.deepEqual([steps(), open()], [["/", "/c/7/", "/c/7/1"], [7, null, "delete_message"]]);
});

test("a window that opens while the browser still walks away from another one stays", async () => {
  show("settings");
  await browser.isStill();
  close();
  await Promise.resolve();
  show("keys");
  await browser.isStill();
  await browser.isStill();
  assert.deepEqual([steps(), open()], [["/", "/c/7/", "/c/7/1"], [7, null, "keys"]]);
});

test("a conversation that is opened from a window takes the window's place", async () => {
  show("new_conversation");
  await browser.isStill();
  go(8);
  await browser.isStill();
  assert.deepEqual([steps(), open()], [["/", "/c/7/", "/c/8/"], [8, null, null]]);
});

test("a conversation that is opened while the browser walks is opened when it has arrived", async () => {
  show("switcher");
  await browser.isStill();
  close();
  await Promise.resolve();
  go(8);
  await browser.isStill();
  assert.deepEqual([steps(), open()], [["/", "/c/7/", "/c/8/"], [8, null, null]]);
});

test("forward to what was closed comes back by itself", async () => {
  show("settings");
  await browser.isStill();
  browser.back();
  await browser.isStill();
  browser.go(1);
  await browser.isStill();
  await browser.isStill();
  assert.deepEqual([browser.at, open()], [1, [7, null, null]]);
});

test("where there is room, back leaves the conversation and the history has nothing else", async () => {
  narrow.value = false;
  togglePanel("connection");
  show("settings");
  await browser.isStill();
  assert.deepEqual(steps(), ["/", "/c/7/"]);
  browser.back();
  await browser.isStill();
  assert.deepEqual(open(), [null, "connection", null]);
});

test("whatever is done in whatever haste, address, page and history agree in the end", async () => {
  const { oneOf, chance } = seeded(11);
  const acts = [
    () => show("settings"), () => show("keys"), close, () => togglePanel("members"), () => togglePanel("connection"),
    () => go(7), () => go(8), () => go(8, 41), () => go(null), goBack, () => browser.back(), () => browser.go(1), () => browser.go(-2),
    () => (narrow.value = !narrow.value),
  ];
  for (let round = 0; round < 500; round++) {
    oneOf(acts)();
    if (chance(0.4)) continue;
    for (let turn = 0; turn < 4; turn++) await browser.isStill();
    const covers = narrow.value ? Number(panel.value !== null) + Number(dialog.value !== null) : 0;
    assert.equal(browser.state?.over ?? 0, covers, `round ${round}`);
    assert.equal(readAddress(browser.path).id, current.value, `round ${round}`);
  }
});
