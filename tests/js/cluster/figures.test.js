import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, count, duration, percent, rate, time } from "../../../chat/static/chat/js/cluster/format.js";
import { History, lineThrough } from "../../../chat/static/chat/js/cluster/history.js";
import { levelOf } from "../../../chat/static/chat/js/cluster/levels.js";
import { isLastOpen, totalsOf, twins } from "../../../chat/static/chat/js/cluster/totals.js";
import { speak, t } from "../../../chat/static/chat/js/cluster/words.js";
import { node } from "./made.js";

speak({ language: "en", words: { days: "{n} d", hours: "{n} h", minutes: "{n} min", seconds: "{n} s", of: "{part} of {whole}" } });

test("figures are short, and what is not known is a dash", () => {
  assert.deepEqual([count(0), count(1234), count(1_234_567), count(null)], ["0", "1,234", "1.2M", "–"]);
  assert.deepEqual([rate(0.25), rate(9.94), rate(63.4), rate(undefined)], ["0.3", "9.9", "63", "–"]);
  assert.deepEqual([bytes(0), bytes(1024), bytes(1536), bytes(161_000_000), bytes(null)], ["0 B", "1 KiB", "1.5 KiB", "154 MiB", "–"]);
  assert.deepEqual([time(0), time(0.0042), time(0.25), time(1.25), time(70), time(NaN)], ["0 ms", "4.2 ms", "250 ms", "1.3 s", "70 s", "–"]);
  assert.deepEqual([percent(0.032), percent(1.5), percent(null)], ["3.2 %", "150 %", "–"]);
});

test("a long time is told by its two largest units", () => {
  const told = [0, 59, 60, 3599, 3600, 90_000, 10 * 86_400 + 7].map(duration);
  assert.deepEqual(told, ["0 s", "59 s", "1 min", "59 min 59 s", "1 h", "1 d 1 h", "10 d"]);
  assert.equal(duration(null), "–");
});

test("words are filled in, and what has none shows its key", () => {
  assert.equal(t("of", { part: 1, whole: "{part}" }), "1 of {part}");
  assert.equal(t("constructor"), "constructor");
});

test("the whole is the sum of who is there, and the worst of the lags", () => {
  const nodes = [
    node("a", { connections: 3, rates: { messages: 1.5, deliveries: 10 }, loop_lag_seconds: 0.2 }),
    node("b", { connections: 4, rates: { messages: 2, deliveries: 20 }, publish_lag_seconds: 0.4, state: "drained" }),
    node("c", { connections: 100, rates: null, state: "gone", loop_lag_seconds: 9 }),
    node("d", { connections: 100, rates: null, state: "left" }),
  ];
  const { there, open, gone, connections, messages, deliveries, publishLag, loopLag } = totalsOf(nodes);
  assert.deepEqual({ there, open, gone, connections, messages, deliveries, publishLag, loopLag }, { there: 2, open: 1, gone: 1, connections: 7, messages: 3.5, deliveries: 30, publishLag: 0.4, loopLag: 0.2 });
  assert.equal(totalsOf([]).loopLag, null);
  assert.equal(totalsOf([node("a", { rates: null })]).messages, null);
});

test("two that live under one name are noticed, and the last one that takes devices", () => {
  const one = node("a");
  const other = node("a", { life: "x" });
  assert.deepEqual(twins([one, other, node("b")]), ["a"]);
  assert.deepEqual(twins([one, { ...other, state: "gone" }]), []);
  assert.equal(isLastOpen(one, [one, node("b", { state: "drained" }), node("c", { state: "gone" })]), true);
  assert.equal(isLastOpen(one, [one, node("b")]), false);
});

test("a level says from when on a figure is worth a look", () => {
  assert.deepEqual([0, 0.1, 0.5].map((value) => levelOf("loop_lag_seconds", value)), ["good", "warn", "bad"]);
  assert.deepEqual([levelOf("loop_lag_seconds", null), levelOf("unknown", 1e9)], ["good", "good"]);
});

test("a minute is kept, and of nodes that are no more nothing", () => {
  const history = new History();
  for (let second = 0; second < 100; second += 1) history.add({ a: second, b: 1 });
  assert.equal(history.of("a").length, 60);
  assert.deepEqual([history.of("a")[0], history.of("a").at(-1)], [40, 99]);
  history.forgetUnseen();
  history.add({ a: 100 });
  history.forgetUnseen();
  assert.deepEqual([history.of("a").length, history.of("b")], [60, []]);
});

test("a counter that has grown in the last minute is known by how much", () => {
  const history = new History();
  assert.equal(history.grownOf("gap_reads"), 0);
  for (const value of [7, 7, 9]) history.add({ gap_reads: value });
  assert.equal(history.grownOf("gap_reads"), 2);
  for (let second = 0; second < 60; second += 1) history.add({ gap_reads: 9 });
  assert.equal(history.grownOf("gap_reads"), 0);
});

test("a line ends at the right, reaches the top, and has a gap where nothing is known", () => {
  const box = { width: 10, height: 12, most: 11 };
  assert.equal(lineThrough([5], box), "");
  assert.equal(lineThrough([0, 5, 10], box), "M8 11L9 6L10 1");
  assert.equal(lineThrough([1, null, 1, 0], box), "M7 1M9 1L10 11");
  assert.equal(lineThrough([0, 0], box), "M9 11L10 11");
});
