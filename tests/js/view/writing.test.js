import assert from "node:assert/strict";
import { test } from "node:test";
import { isSend } from "../../../chat/static/chat/js/view/composer_keys.js";
import { completed, proposed, wordAt } from "../../../chat/static/chat/js/view/mention_word.js";
import { mentionsIn } from "../../../chat/static/chat/js/view/mentions.js";
import { isLong } from "../../../chat/static/chat/js/view/text_length.js";
import { usernamesIn } from "../../../chat/static/chat/js/view/usernames.js";

const press = (changes) => ({ key: "Enter", shiftKey: false, altKey: false, isComposing: false, keyCode: 13, ...changes });

test("Enter sends; with Shift or Alt it breaks the line", () => {
  assert.deepEqual([{}, { shiftKey: true }, { altKey: true }, { key: "a" }].map((each) => isSend(press(each))), [true, false, false, false]);
});

test("the Enter that ends a composition sends nothing, in Safari neither", () => {
  assert.deepEqual([isSend(press({ isComposing: true })), isSend(press({ keyCode: 229 }))], [false, false]);
});

test("the word behind @ is what the caret stands after", () => {
  const word = (text) => wordAt(text, text.length);
  assert.deepEqual(["@", "hi @bo", "mail@bo", "@bo x", "", "你好，@b"].map(word), ["", "bo", null, null, null, "b"]);
});

test("a chosen name replaces what was typed of it, and the rest stays", () => {
  assert.deepEqual(completed("hi @bo, ok?", 6, "bob"), { text: "hi @bob , ok?", caret: 8 });
});

test("members are proposed by username or name, never oneself", () => {
  const members = [{ id: 1, username: "ann", name: "Ann" }, { id: 2, username: "bob", name: "Anders" }, { id: 3, username: "carol", name: "Carol" }];
  assert.deepEqual(proposed(members, "AN", 1).map((each) => each.id), [2]);
});

test("only members are mentions, and what stands around them is kept", () => {
  const names = new Set(["ann", "bob.b"]);
  const texts = (text) => mentionsIn(text, names).map((piece) => [piece.text, piece.name]);
  assert.deepEqual(texts("@ann, @bob.b. and @carol x@ann"), [["@ann", "ann"], [", ", null], ["@bob.b", "bob.b"], [". and @carol x@ann", null]]);
  assert.deepEqual(mentionsIn("@ann", undefined), [{ text: "@ann", name: null }]);
});

test("a message is folded for many characters or for many lines", () => {
  assert.deepEqual([isLong("x".repeat(1200)), isLong("x".repeat(1201)), isLong("x\n".repeat(17)), isLong("x\n".repeat(18))], [false, true, false, true]);
});

test("usernames are read as people type them", () => {
  assert.deepEqual(usernamesIn(" @ann, bob；carol、 ann\n"), ["ann", "bob", "carol"]);
  assert.deepEqual(usernamesIn(" , "), []);
});
