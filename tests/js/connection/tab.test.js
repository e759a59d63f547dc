// Which tab is which, and which one inherits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openTab } from "../../../chat/static/chat/js/connection/tab.js";
import { turns } from "../support/fake_clock.js";
import { seededIds } from "../support/seeded.js";

/** Web Locks of one browser: exclusive, in order of asking (https://w3c.github.io/web-locks/). */
class FakeLocks {
  #held = new Set();
  #waiting = [];

  async request(name, ...rest) {
    const [options, hold] = rest.length === 2 ? rest : [{}, rest[0]];
    if (this.#held.has(name)) {
      if (options.ifAvailable) return hold(null);
      await new Promise((resolve) => this.#waiting.push({ name, resolve }));
    }
    this.#held.add(name);
    await hold({ name });
    this.#held.delete(name);
    const index = this.#waiting.findIndex((each) => each.name === name);
    if (index >= 0) this.#waiting.splice(index, 1)[0].resolve();
    return undefined;
  }

  query = async () => ({ held: [...this.#held].map((name) => ({ name })) });
}

const session = (held = {}) => ({ getItem: (key) => held[key] ?? null, setItem: (key, value) => (held[key] = value), held });

test("A reload keeps the id of the tab, a duplicate gets another", async () => {
  const [locks, randomId, kept] = [new FakeLocks(), seededIds(1), session()];
  const first = await openTab({ locks, session: kept, randomId });
  const duplicate = await openTab({ locks, session: session({ ...kept.held }), randomId });
  assert.notEqual(duplicate.id, first.id);
  first.close();
  await turns();
  assert.equal((await openTab({ locks, session: kept, randomId })).id, first.id);
});

test("The first tab is the heir, and the next one when it has gone", async () => {
  const [locks, randomId] = [new FakeLocks(), seededIds(1)];
  const [one, two] = [await openTab({ locks, session: session(), randomId }), await openTab({ locks, session: session(), randomId })];
  const heirs = [];
  two.whenHeir(() => heirs.push("two"));
  await turns();
  assert.deepEqual([one.isHeir(), two.isHeir(), await two.isAlive(one.id), heirs], [true, false, true, []]);
  one.close();
  await turns();
  assert.deepEqual([two.isHeir(), await two.isAlive(one.id), heirs], [true, false, ["two"]]);
});

test("Without locks and without session storage a tab is alone", async () => {
  const forbidden = {
    getItem() {
      throw new Error("denied");
    },
    setItem() {
      throw new Error("denied");
    },
  };
  const tab = await openTab({ session: forbidden, randomId: seededIds(1) });
  assert.deepEqual([tab.isHeir(), await tab.isAlive(tab.id), await tab.isAlive("other")], [true, true, false]);
});

test("Locks that the browser refuses are as good as none", async () => {
  const locks = { request: async () => Promise.reject(new Error("insecure")), query: async () => ({ held: [] }) };
  const tab = await openTab({ locks, session: session(), randomId: seededIds(1) });
  await turns();
  assert.equal(tab.isHeir(), true);
});
