import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { texts as english } from "../../../chat/static/chat/js/words/en.js";
import { texts as chinese } from "../../../chat/static/chat/js/words/zh_hans.js";
import { hasText, language, speak, t } from "../../../chat/static/chat/js/words/index.js";

const VIEW = new URL("../../../chat/static/chat/js/view/", import.meta.url);
const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

test("both languages have the same keys", () => {
  assert.deepEqual(Object.keys(chinese), Object.keys(english));
});

test("keys are sorted, so that two people who add one do not collide", () => {
  const plain = Object.keys(english).map((key) => key.replace(/\.(one|other)$/, ""));
  assert.deepEqual(plain, plain.toSorted());
});

test("a text leaves out nothing that the other language says", () => {
  const differing = Object.keys(english).filter((key) => String(holes(english[key])) !== String(holes(chinese[key])));
  assert.deepEqual(differing, []);
});

test("no Chinese text was left in English", () => {
  const same = Object.keys(english).filter((key) => english[key] === chinese[key]);
  assert.deepEqual(same, []);
});

test("every text that a component names is there", async () => {
  await speak("en");
  const missing = [];
  for (const file of readdirSync(VIEW).filter((name) => name.endsWith(".js"))) {
    const source = readFileSync(new URL(file, VIEW), "utf8");
    for (const [, key] of source.matchAll(/\bt\("([\w.]+)"/g)) if (!hasText(key)) missing.push(`${file}: ${key}`);
  }
  assert.deepEqual(missing, []);
});

test("numbers choose the form of the language that is spoken", async () => {
  await speak("en");
  const inEnglish = [t("new_count", { count: 1 }), t("new_count", { count: 2 })];
  await speak("zh-hans");
  assert.deepEqual([...inEnglish, t("new_count", { count: 1 }), language.value], ["1 new message", "2 new messages", "1 条新消息", "zh-hans"]);
});

test("a language that there is not is English, and a value may hold braces", async () => {
  await speak("tlh");
  assert.deepEqual([language.value, t("rename"), t("talk_to", { name: "{who}" })], ["en", "Rename", "Message {who}"]);
});
