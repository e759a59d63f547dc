import assert from "node:assert/strict";
import { before, test } from "node:test";
import { readAddress, addressOf } from "../../../chat/static/chat/js/view/address.js";
import { initialsOf } from "../../../chat/static/chat/js/view/avatar.js";
import { hueOf } from "../../../chat/static/chat/js/view/conversation_title.js";
import { deviceName } from "../../../chat/static/chat/js/view/device_name.js";
import { heardOf } from "../../../chat/static/chat/js/view/hearing.js";
import { matching } from "../../../chat/static/chat/js/view/matching.js";
import { provide } from "../../../chat/static/chat/js/view/page.js";
import { systemText } from "../../../chat/static/chat/js/view/system_text.js";
import { briefOf, dayOf } from "../../../chat/static/chat/js/view/time.js";
import { speak } from "../../../chat/static/chat/js/words/index.js";

before(async () => {
  await speak("en");
  provide({ store: null, page: { user: { id: 3, username: "ann", name: "Ann" }, urls: {} } });
});

test("addresses are read as they are written", () => {
  for (const [id, seq] of [[null, null], [7, null], [7, 41]]) assert.deepEqual(readAddress(addressOf(id, seq)), { id, seq });
  assert.deepEqual(readAddress("/c/seven/"), { id: null, seq: null });
});

test("days are said as people say them", () => {
  const now = new Date(2026, 2, 12, 9).getTime();
  const said = [new Date(2026, 2, 12, 0, 1), new Date(2026, 2, 11, 23, 59), new Date(2025, 11, 31)].map((day) => dayOf(day.getTime(), now));
  assert.deepEqual(said.slice(0, 2), ["Today", "Yesterday"]);
  assert.match(said[2], /2025/);
  assert.equal(briefOf(new Date(2026, 2, 11, 23, 59).getTime(), now), "Yesterday");
});

test("initials fit names of one word, of two, of none, and Chinese ones", () => {
  assert.deepEqual(["ann", "Ann Mary Lee", "", "张三 李", "😀 x"].map(initialsOf), ["A", "AL", "·", "张", "😀X"]);
});

test("a direct conversation has the colour of the one at its other end", () => {
  const members = [{ id: 3, name: "Ann" }, { id: 12, name: "Bob" }];
  const make = (kind, list) => hueOf({ id: 40, kind, members: list });
  assert.deepEqual([make("direct", members), make("direct", members.slice(0, 1)), make("group", members)], [12, 40, 40]);
});

test("what happened to a group is said from where one stands", () => {
  const row = (data, sender = { id: 4, name: "Bob" }) => ({ sender, data });
  const said = [
    row({ action: "created", title: "Friday" }),
    row({ action: "created" }),
    row({ action: "joined", user: 5, name: "Carol" }),
    row({ action: "joined", user: 3, name: "Ann" }),
    row({ action: "left", user: 4, name: "Bob" }),
    row({ action: "renamed", title: "Lunch" }),
    row({ action: "of the future" }),
  ].map(systemText);
  assert.deepEqual(said, ["Bob created Friday", "Bob started the conversation", "Bob added Carol", "Bob added you", "Bob left", "Bob renamed it to Lunch", "Bob changed something"]);
});

test("a few messages are read out, a burst is a number", () => {
  const row = (text) => ({ kind: "text", sender: { name: "Bob" }, text });
  assert.equal(heardOf([row("one"), row("two")]), "Bob: one Bob: two");
  assert.equal(heardOf(Array(40).fill(row("x"))), "40 new messages");
});

test("conversations are found by title and people, those that begin so first", () => {
  const make = (title, ...names) => ({ title, members: names.map((name) => ({ name, username: name })) });
  const all = [make("Big Friday", "bob"), make("Friday", "carol"), make("Team", "Fritz")];
  assert.deepEqual(matching(all, "fri").map((each) => each.title), ["Friday", "Big Friday", "Team"]);
  assert.deepEqual(matching(all, "fri bob").map((each) => each.title), ["Big Friday"]);
  assert.equal(matching(all, "  "), all);
});

test("a browser is called by what it is", () => {
  const edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0";
  const safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1";
  assert.deepEqual([edge, safari, "odd"].map((userAgent) => deviceName({ userAgent })), ["Edge on Windows", "Safari on iPhone", "Browser"]);
});
