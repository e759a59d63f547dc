import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST, SIZE, STEP, around, grown, newSince, slideDown, slideUp, wantedAt, windowOf } from "../../../chat/static/chat/js/view/row_window.js";

const rows = (count, mine = false) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, mine }));

test("a short conversation is shown whole", () => {
  assert.deepEqual(windowOf(rows(7), null), { start: 0, end: 7 });
  assert.deepEqual(windowOf([], null), { start: 0, end: 0 });
});

test("of a long one the newest are shown", () => {
  assert.deepEqual(windowOf(rows(2000), null), { start: 2000 - SIZE, end: 2000 });
});

test("a last row that has gone means the newest", () => {
  assert.deepEqual(windowOf(rows(2000), "gone"), { start: 2000 - SIZE, end: 2000 });
});

test("new messages leave a window alone that was left behind", () => {
  const before = windowOf(rows(500), "k499");
  assert.deepEqual(windowOf(rows(900), "k499"), before);
});

test("sliding up and up ends at the first row, with a full window", () => {
  const items = rows(1000);
  let shown = windowOf(items, null);
  let steps = 0;
  while (shown.start > 0) {
    const next = windowOf(items, slideUp(items, shown));
    assert.equal(shown.start - next.start, Math.min(STEP, shown.start));
    shown = next;
    steps++;
  }
  assert.deepEqual([shown, steps], [{ start: 0, end: SIZE }, Math.ceil((1000 - SIZE) / STEP)]);
});

test("sliding down and down ends at the newest, which null stands for", () => {
  const items = rows(400);
  let last = "k149";
  const seen = [];
  while (last !== null) {
    seen.push(windowOf(items, last).end);
    last = slideDown(items, windowOf(items, last));
  }
  assert.deepEqual([seen[0], seen.at(-1), windowOf(items, null).end], [150, 390, 400]);
});

test("the window around a message holds it, wherever it is", () => {
  const items = rows(1000);
  const holds = (index) => {
    const { start, end } = windowOf(items, around(items, index));
    return start <= index && index < end && end - start === SIZE;
  };
  assert.deepEqual([0, 74, 500, 930, 999].map(holds), [true, true, true, true, true]);
});

test("a window begins small, and grows by a few rows at a time upwards until it is full", () => {
  const items = rows(2000);
  const starts = [];
  for (let size = FIRST; starts.at(-1) !== 2000 - SIZE; size = grown(size)) starts.push(windowOf(items, null, size).start);
  assert.deepEqual(starts, [1950, 1930, 1910, 1890, 1870, 1850]);
  assert.equal(grown(SIZE), SIZE);
});

test("a small window around a message holds it too", () => {
  const items = rows(1000);
  const shown = [0, 500, 999].map((index) => windowOf(items, around(items, index, FIRST), FIRST));
  assert.deepEqual(shown, [{ start: 0, end: 50 }, { start: 475, end: 525 }, { start: 950, end: 1000 }]);
});

test("what is new is what others wrote", () => {
  const items = [...rows(3), { key: "a", mine: true }, { key: "b", mine: false }, { key: "c", mine: false }];
  assert.deepEqual([newSince(items, "k2"), newSince(items, "c"), newSince(items, "gone")], [2, 0, 0]);
});

test("near an end the window slides, and at its own end the server is asked", () => {
  const feed = { items: rows(500), hasOlder: true, loadingOlder: false, hasNewer: true, loadingNewer: false };
  const asks = (place, shown, changes) => wantedAt(place, shown, { ...feed, ...changes });
  const top = { above: 0, below: 6000 };
  const end = { above: 6000, below: 0 };
  assert.deepEqual(
    [asks(top, { start: 9, end: 159 }), asks(top, { start: 0, end: 150 }), asks(top, { start: 0, end: 150 }, { loadingOlder: true })],
    ["up", "older", null],
  );
  assert.deepEqual(
    [asks(end, { start: 9, end: 159 }), asks(end, { start: 350, end: 500 }), asks(end, { start: 350, end: 500 }, { hasNewer: false })],
    ["down", "newer", null],
  );
});

test("however low the rows are, a place is never near both ends of what can be scrolled", () => {
  const feed = { items: rows(500), hasOlder: true, hasNewer: true };
  const shown = { start: 100, end: 250 };
  const both = [300, 1000, 5000].flatMap((height) => [0.3, 0.5, 0.7].map((share) => wantedAt({ above: height * share, below: height * (1 - share) }, shown, feed)));
  assert.deepEqual(both, Array(9).fill(null));
});
