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
  answers.hear(said({ state: "failed", reason: "attempts" }));
  assert.deepEqual(answers.of(7).map(({ state, reason, text }) => [state, reason, text]), [["failed", "attempts", ""]]);
  await clock.pass(60_001);
  assert.deepEqual(answers.of(7), []);
  answers.hear(said({ turn: "t2", text: "half" }));
  answers.hear(said({ turn: "t2", state: "cancelled", reason: "stopped" }));
  assert.deepEqual(answers.of(7), []);
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
  server.log(7, [ANN, { ...BOB, program: true }], { kind: "direct", title: "" });
  const ann = await device({ server });
  server.tell(7, said({ text: "At noon" }));
  await ann.clock.settle();
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
