import assert from "node:assert/strict";
import { test } from "node:test";
import { Answers } from "../../../chat/static/chat/js/state/answers.js";
import { device } from "../support/device.js";
import { FakeClock } from "../support/fake_clock.js";
import { ANN, BOB, CAROL, FakeServer } from "../support/fake_server.js";

const said = (more) => ({ type: "assistant", conversation: 7, turn: "t1", attempt: 1, state: "streaming", offset: 0, text: "", trigger: 3, ...more });

function listening() {
  const clock = new FakeClock();
  const changed = [];
  const answers = new Answers({ clock, changed: (id) => changed.push(id) });
  const texts = () => answers.of(7).map(({ text }) => text);
  return { clock, changed, answers, texts };
}

test("pieces are put together by code points, and one that was missed waits for the whole", () => {
  const { answers, texts } = listening();
  answers.hear(said({ text: "😀 one" }));
  answers.hear(said({ offset: 5, text: " two" }));
  assert.deepEqual(texts(), ["😀 one two"]);
  answers.hear(said({ offset: 20, text: "lost" }));
  assert.deepEqual(texts(), ["😀 one two"]);
  answers.hear(said({ offset: 0, text: "😀 one two three" }));
  assert.deepEqual(texts(), ["😀 one two three"]);
});

test("a higher attempt replaces the text, without a flicker while it says the same again", () => {
  const { answers, texts } = listening();
  answers.hear(said({ text: "Well, this is" }));
  answers.hear(said({ attempt: 2, state: "thinking" }));
  answers.hear(said({ attempt: 2, text: "Well," }));
  assert.deepEqual(texts(), ["Well, this is"]);
  answers.hear(said({ attempt: 2, offset: 5, text: " that" }));
  assert.deepEqual(texts(), ["Well, that"]);
});

test("what a lower attempt says late does not count", () => {
  const { answers, texts } = listening();
  answers.hear(said({ attempt: 2, text: "new" }));
  answers.hear(said({ attempt: 1, text: "old" }));
  assert.deepEqual(texts(), ["new"]);
});

test("an answer that has become a message is gone, whatever comes late", () => {
  for (const end of [(answers) => answers.landed("t1"), (answers) => answers.hear(said({ state: "done", seq: 4 }))]) {
    const { answers, texts } = listening();
    answers.hear(said({ text: "all" }));
    end(answers);
    answers.hear(said({ text: "late" }));
    assert.deepEqual(texts(), []);
  }
});

test("an end without an answer says why for a while, but not to whoever has stopped it", async () => {
  const { answers, clock } = listening();
  answers.hear(said({ text: "half" }));
  answers.hear(said({ state: "cancelled", reason: "busy" }));
  assert.deepEqual(answers.of(7).map(({ state, reason, text }) => [state, reason, text]), [["cancelled", "busy", ""]]);
  await clock.pass(60_001);
  assert.deepEqual(answers.of(7), []);
  answers.hear(said({ turn: "t2", text: "half" }));
  answers.hear(said({ turn: "t2", state: "cancelled", reason: "stopped" }));
  assert.deepEqual(answers.of(7), []);
});

test("an answer that waits for another one is shown as long as it waits", async () => {
  const { answers, clock } = listening();
  answers.hear(said({ state: "thinking", reason: "queued" }));
  await clock.pass(3_600_000);
  assert.equal(answers.of(7)[0].reason, "queued");
  answers.hear(said({ text: "Now" }));
  await clock.pass(20_001);
  assert.deepEqual(answers.of(7), []);
});

test("an answer that ended while this device was away is gone when it is back, and one that goes on is told anew", async () => {
  const server = new FakeServer();
  server.log(7, [ANN, { ...BOB, program: true }], { kind: "direct", title: "" });
  const ann = await device({ server });
  server.tell(7, said({ text: "At noon" }));
  await ann.clock.settle();
  server.breakAll();
  server.say(7, BOB, "At noon, I think", { client_id: "t1" });
  await ann.clock.pass(5_000);
  const texts = () => ann.store.messages(7).value.items.map(({ text }) => text);
  assert.deepEqual(texts(), ["At noon, I think"]);
});

test("a question that was taken into another answer is said to be until that is given", () => {
  const { answers } = listening();
  answers.hear(said({ text: "half" }));
  answers.hear(said({ turn: "t2", trigger: 4, state: "cancelled", reason: "steered" }));
  assert.deepEqual(answers.of(7).map(({ turn, reason }) => [turn, reason]), [["t1", null], ["t2", "steered"]]);
  answers.landed("t1");
  assert.deepEqual(answers.of(7), []);
});

test("a failure is shown until there is something newer, and again when the node tells of it again", async () => {
  const { answers, clock } = listening();
  const shown = () => answers.of(7).map(({ turn, state }) => [turn, state]);
  const failed = said({ state: "failed", reason: "attempts", asker: 3 });
  answers.hear(failed);
  answers.hear(said({ turn: "t0", trigger: 2, state: "done" }));
  await clock.pass(3_600_000);
  assert.deepEqual(shown(), [["t1", "failed"]]);
  answers.caughtUp(7);
  assert.deepEqual(shown(), []);
  answers.hear(failed);
  assert.deepEqual(shown(), [["t1", "failed"]]);
  answers.hear(said({ turn: "t2", state: "thinking" }));
  answers.hear(failed);
  assert.deepEqual(shown(), [["t2", "thinking"]]);
});

test("a question that was not answered may be asked again by whoever asked, and by an owner of the group", async () => {
  const server = new FakeServer();
  server.log(7, [{ ...ANN, role: "owner" }, BOB, { ...CAROL, program: true }]);
  const devices = [await device({ server, me: ANN }), await device({ server, me: BOB })];
  const seen = async (...events) => {
    server.tell(7, ...events);
    for (const { clock } of devices) await clock.settle();
    return devices.map(({ store }) => store.messages(7).value.items.map(({ askAgain, data }) => [data.trigger, askAgain]));
  };
  assert.deepEqual(await seen(said({ state: "failed", asker: 4 })), [[[3, true]], [[3, true]]]);
  assert.deepEqual(await seen(said({ turn: "t2", trigger: 4, asker: 3, state: "failed" })), [[[4, true]], [[4, false]]]);
  assert.deepEqual(await seen(said({ turn: "t3", trigger: 5, asker: 3, text: "Well" })), [[[5, false]], [[5, false]]]);
});

test("a turn of which nothing more is heard is forgotten, and each change is told", async () => {
  const { answers, clock, changed } = listening();
  answers.hear(said({ state: "thinking", step: "search_history" }));
  assert.equal(answers.of(7)[0].step, "search_history");
  await clock.pass(20_001);
  assert.deepEqual(answers.of(7), []);
  assert.deepEqual(changed, [7, 7]);
});

test("an answer is a row at the end of the conversation, until its message is there", async () => {
  const server = new FakeServer();
  server.log(7, [ANN, { ...BOB, program: true, built_in: true }], { kind: "direct", title: "" });
  const ann = await device({ server });
  server.tell(7, said({ text: "At noon" }));
  await ann.clock.settle();
  assert.equal(ann.store.messages(7).value.items.at(-1).data.builtIn, true);
  const members = (await ann.store.members(7)).members;
  assert.deepEqual(members.map(({ program, builtIn }) => [program, builtIn]), [[false, false], [true, true]]);
  const rows = () => ann.store.messages(7).value.items.map(({ kind, text, sender }) => [kind, text, sender.name]);
  assert.deepEqual(rows().at(-1), ["answer", "At noon", "Bob"]);
});

test("a stopped answer may be asked for again by whoever asked, and by an owner of the group", async () => {
  const server = new FakeServer();
  const robot = { ...CAROL, program: true };
  server.log(7, [{ ...ANN, role: "owner" }, BOB, robot]);
  for (const asker of [ANN, BOB]) {
    const question = server.say(7, asker, "@carol Why?");
    server.say(7, robot, "Because", { reply_to: question, data: { stopped: true } });
    server.say(7, robot, "Because so", { reply_to: question });
  }
  const offered = async (me) => {
    const { store } = await device({ server, me });
    return store.messages(7).value.items.map(({ askAgain }) => askAgain);
  };
  assert.deepEqual(await offered(ANN), [false, true, false, false, true, false]);
  assert.deepEqual(await offered(BOB), [false, false, false, false, true, false]);
});
