// Ids without crypto.randomUUID.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createUuids } from "../../../chat/static/chat/js/connection/uuid.js";

test("Random bytes become a version 4 UUID in lower case", () => {
  assert.equal(createUuids((bytes) => bytes.fill(0xff))(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.equal(createUuids((bytes) => bytes.fill(0))(), "00000000-0000-4000-8000-000000000000");
});

test("A thousand ids are a thousand", () => {
  const randomId = createUuids((bytes) => crypto.getRandomValues(bytes));
  assert.equal(new Set(Array.from({ length: 1_000 }, randomId)).size, 1_000);
});
