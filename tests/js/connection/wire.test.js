// Frames in and out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { packFrames, parseFrame } from "../../../chat/static/chat/js/connection/wire.js";

const caughtUp = { type: "caught_up", conversation: 7, epoch: "e1", seq: 1 };

for (const bad of ["", "{", "null", "7", '"x"', "{}", '{"type":"ok"}', undefined, "[[]]", '[null, 3, "x", {}]', '[{"type":"toString"}]', '[{"type":"__proto__"}]']) {
  test(`A frame of ${String(bad)} holds no events`, () => assert.deepEqual(parseFrame(bad), []));
}

for (const event of [
  { type: "message", conversation: 7, seq: 1, changed_seq: "1", sender: { id: 1 } },
  { type: "message", conversation: 7, seq: 1, changed_seq: 1 },
  { type: "caught_up", conversation: "7", epoch: "e1", seq: 1 },
  { type: "page", messages: [{}] },
  { type: "welcome", conversations: [{ id: 7 }] },
  { type: "conversation", conversation: 7, state: "joined" },
  { type: "pong", heads: [] },
]) {
  test(`${JSON.stringify(event)} is passed over, and its neighbours are not`, () => {
    assert.deepEqual(parseFrame(JSON.stringify([caughtUp, event, caughtUp])), [caughtUp, caughtUp]);
  });
}

test("Commands that fit go in one frame, in order", () => {
  assert.deepEqual(packFrames([{ type: "ping" }, { type: "open", conversation: 7 }]), ['[{"type":"ping"},{"type":"open","conversation":7}]']);
  assert.deepEqual(packFrames([]), []);
});

test("No frame is larger than 64 KiB of UTF-8 or holds more than 256 commands", () => {
  const long = Array.from({ length: 40 }, (_, ref) => ({ type: "post", ref, text: "漢".repeat(2_000) }));
  const many = Array.from({ length: 600 }, (_, ref) => ({ type: "ping", ref }));
  const frames = packFrames([...long, ...many]);
  assert.deepEqual(frames.flatMap((text) => JSON.parse(text)), [...long, ...many]);
  for (const text of frames) {
    assert.ok(Buffer.byteLength(text) <= 65_536);
    assert.ok(JSON.parse(text).length <= 256);
  }
});
