// Whatever the network does, a device ends with what the log says: random histories from a seeded generator.

import assert from "node:assert/strict";
import { test } from "node:test";
import { device } from "../support/device.js";
import { ANN, BOB, CAROL, FakeServer } from "../support/fake_server.js";
import { seeded } from "../support/seeded.js";

const STEPS = 120;
const SEEDS = Number(process.env.SEEDS ?? 60);
const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1);

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
  test(`Any order of deliveries, losses, breaks and reloads ends in the log's own state (seed ${seed})`, () => live(seed));
}

async function live(seed) {
  const dice = seeded(seed);
  const server = new FakeServer();
  for (const id of [7, 8]) server.log(id, [ANN, BOB, CAROL]);
  for (let index = 0; index < dice.below(90); index += 1) server.say(7, BOB, `before ${index}`);
  const world = { dice, server, posted: new Map([[7, []], [8, []]]), ann: await device({ server, random: dice.random }) };
  for (let step = 0; step < STEPS; step += 1) await dice.oneOf(STEP_KINDS)(world, step);
  await healAll([world.ann], server);
  for (const id of [7, 8]) {
    const log = server.logs.get(id);
    await compareWithLog(world.ann, log);
    const mine = log.inOrder.filter((event) => event.sender.id === ANN.id);
    assert.deepEqual(mine.map((event) => log.firstTexts.get(event.seq)), world.posted.get(id), "each post once, in order");
  }
}

const STEP_KINDS = [
  ({ dice, server }, step) => server.say(dice.oneOf([7, 8]), dice.oneOf([BOB, CAROL]), `said ${step}`),
  ({ dice, server }, step) => server.say(7, dice.oneOf([BOB, CAROL]), `said ${step}`),
  (world, step) => change(world, (log, seq) => log.change(seq, { text: `edited ${step}`, edited_at: "2026-01-31T10:00:00.000Z" })),
  (world) => change(world, (log, seq) => log.delete(seq)),
  (world) => change(world, (log, seq) => log.react(seq, world.dice.oneOf([4, 5]), world.dice.oneOf(["👍", "🎉"]), world.dice.chance(0.7))),
  post,
  post,
  ({ ann, dice }) => void (ann.store.react(7, dice.below(60) + 1, "❤️", dice.chance(0.6))),
  ({ ann, dice }) => void (ann.store.loadOlder(dice.oneOf([7, 8]))),
  ({ ann, dice }) => void (ann.store.showAround(7, dice.below(60) + 1)),
  ({ ann }) => void (ann.store.loadNewer(7)),
  ({ ann }) => ann.store.showLatest(7),
  ({ ann }) => ann.store.markRead(7, ann.conversation(7)?.lastMessage?.seq ?? 0),
  ({ ann }) => ann.store.openConversation(7),
  hold,
  hold,
  ({ ann, dice }) => ann.connection()?.deliver(dice.below(4)),
  ({ ann }) => letGo(ann.connection()),
  lose,
  repeat,
  ({ ann, dice }) => ann.connection()?.breakOff(dice.oneOf([1006, 1012, 4408])),
  ({ server, dice }) => (server.holdsAnswers = dice.chance(0.3)),
  ({ server }) => server.answerHeld(),
  ({ server, dice }) => server.refuse("post", { code: dice.oneOf(["rate_limited", "unavailable", "busy"]), retryable: true, retry_after_ms: 300 }),
  ({ ann, dice }) => ann.clock.pass(dice.below(3_000)),
  ({ ann, dice }) => ann.clock.pass(dice.below(20_000)),
  ({ ann }) => ann.clock.settle(),
  reload,
];

/** A reload would put another device in the place of the first. */
const SHARED_KINDS = STEP_KINDS.filter((kind) => kind !== reload);

function change({ dice, server }, how) {
  const log = server.logs.get(dice.oneOf([7, 8]));
  const seq = dice.below(log.head) + 1;
  const message = log.messages.get(seq);
  const event = message && !message.deleted && how(log, seq);
  if (event) server.tell(log.id, event);
}

function post({ ann, dice, posted }, step) {
  const id = dice.oneOf([7, 8]);
  const text = `mine ${step}`;
  if (ann.store.post(id, text) !== null) posted.get(id).push(text);
}


function hold({ ann }) {
  const connection = ann.connection();
  if (connection) connection.isHeld = true;
}

function letGo(connection) {
  if (!connection) return;
  connection.isHeld = false;
  connection.deliver(connection.queue.length);
}

/** A message event is lost on the way: protocol says it cannot be, a proxy may think otherwise. */
function lose({ ann }) {
  const queue = ann.connection()?.queue ?? [];
  const index = queue.findIndex((event) => event.type === "message");
  const isComingBack = queue.some((event) => event.type === "caught_up" || event.type === "welcome");
  if (index >= 0 && !isComingBack) queue.splice(index, 1);
}

function repeat({ ann, dice }) {
  const connection = ann.connection();
  const old = connection?.queue.filter((event) => event.type === "message") ?? [];
  if (old.length) connection.queue.push(structuredClone(dice.oneOf(old)));
}

async function reload(world) {
  const { ann, server } = world;
  if (world.dice.chance(0.5)) await ann.clock.pass(600);
  else await ann.clock.settle();
  ann.socket.stop(); // the page is gone, without a word
  ann.connection()?.breakOff(1006);
  const { cabinet, clock } = ann;
  world.ann = await device({ server, cabinet, clock, random: world.dice.random });
}

async function healAll(devices, server) {
  server.holdsAnswers = false;
  server.refusals = [];
  for (let round = 0; round < 6; round += 1) {
    server.answerHeld();
    for (const each of devices) letGo(each.connection());
    await devices[0].clock.pass(20_000);
  }
}

async function compareWithLog(one, log) {
  const { store } = one;
  assert.deepEqual([store.connection.value.state, store.outboxCount.value, store.failedCount.value], ["online", 0, 0]);
  assert.equal(one.conversation(log.id).cursor, log.head);
  assert.equal(one.conversation(log.id).unread, log.unreadOf(one.me.id), "unread");
  store.showLatest(log.id);
  while (store.messages(log.id).value.hasOlder) {
    await store.loadOlder(log.id);
    await one.clock.settle();
  }
  assert.deepEqual(one.rows(log.id).map(essence), log.inOrder.map(essenceOfEvent));
}

const essence = ({ seq, changedSeq, text, deleted, reactions }) => ({
  seq,
  changedSeq,
  text,
  deleted,
  reactions: Object.fromEntries(reactions.map(({ emoji, users }) => [emoji, users.toSorted((a, b) => a - b)]).sort()),
});

const essenceOfEvent = ({ seq, changed_seq: changedSeq, text = "", deleted = false, reactions = {} }) => ({
  seq,
  changedSeq,
  text,
  deleted,
  reactions: Object.fromEntries(Object.entries(reactions).sort()),
});

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 4; seed += 1) {
  test(`Three devices of two people, each with a bad connection of its own, end alike (seed ${seed})`, () => liveTogether(seed));
}

async function liveTogether(seed) {
  const dice = seeded(1_000 + seed);
  const server = new FakeServer();
  for (const id of [7, 8]) server.log(id, [ANN, BOB, CAROL]);
  const first = await device({ server, random: dice.random });
  const all = [first];
  for (const me of [ANN, BOB]) all.push(await device({ server, me, clock: first.clock, random: dice.random }));
  const posted = new Map([[7, []], [8, []]]);
  for (let step = 0; step < STEPS; step += 1) await dice.oneOf(SHARED_KINDS)({ ann: dice.oneOf(all), dice, server, posted }, step);
  await healAll(all, server);
  for (const id of [7, 8]) {
    for (const each of all) await compareWithLog(each, server.logs.get(id));
    const mine = [...server.logs.get(id).firstTexts.values()].filter((text) => text.startsWith("mine"));
    assert.deepEqual(mine.toSorted(), posted.get(id).toSorted(), "each post once");
  }
}
