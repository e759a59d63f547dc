import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { paced } from "../../../chat/static/chat/js/view/paced.js";

test("a burst is done at once, then at most four times a second, and at its end once more", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const done = [];
  let now = 0;
  const call = paced(() => done.push(now), 250);
  for (; now < 1000; now += 10) {
    call();
    mock.timers.tick(10);
  }
  mock.timers.tick(1000);
  assert.deepEqual(done, [0, 240, 490, 740, 990]);
  call();
  assert.equal(done.length, 6);
  mock.timers.reset();
});
