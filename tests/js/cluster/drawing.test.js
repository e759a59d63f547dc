import assert from "node:assert/strict";
import { test } from "node:test";
import { Dots } from "../../../chat/static/chat/js/cluster/dots.js";
import { flowsBetween, MOST_DOTS, radiusOf, startsOf } from "../../../chat/static/chat/js/cluster/flow.js";
import { along, layoutOf, MOST_DEVICES, pathOf } from "../../../chat/static/chat/js/cluster/layout.js";
import { node, picture } from "./made.js";

const A = "a".padEnd(32, "0");

test("one message makes one dot on each of its ways", () => {
  const before = picture(node("a"));
  const after = picture(node("a", { counters: { messages: 1, changes: 1, published: 1, deliveries: 3 } }));
  assert.deepEqual(flowsBetween(before, after), [
    { life: A, way: "up", messages: 1, dots: 1 },
    { life: A, way: "store", messages: 1, dots: 1 },
    { life: A, way: "out", messages: 1, dots: 1 },
    { life: A, way: "down", messages: 3, dots: 3 },
  ]);
});

test("nothing moves without a picture before, after a restart, or where counters went back", () => {
  const after = picture(node("a", { counters: { messages: 5 } }));
  assert.deepEqual(flowsBetween(null, after), []);
  assert.deepEqual(flowsBetween(picture(node("a", { life: "another" })), after), []);
  assert.deepEqual(flowsBetween(picture(node("a", { counters: { messages: 9 } })), after), []);
});

test("thousands are a few larger dots", () => {
  const [flow] = flowsBetween(picture(node("a")), picture(node("a", { counters: { deliveries: 6000 } })));
  assert.deepEqual([flow.messages, flow.dots], [6000, MOST_DOTS]);
  assert.equal(radiusOf(1), 3);
  assert.ok(radiusOf(1000) > radiusOf(10));
  assert.ok(radiusOf(1e12) <= 7);
});

test("what comes in starts before what goes on from it, and dots spread over the second", () => {
  const starts = (way, dots = 1) => startsOf({ way, dots }, () => 0);
  assert.ok(starts("up")[0] < starts("out")[0] && starts("out")[0] < starts("in")[0]);
  assert.deepEqual(starts("up", 3), [0, 300, 600]);
});

test("everything has its place, at any width and for any number", () => {
  for (const width of [0, 320, 390, 1280, 4000]) {
    for (const count of [0, 1, 3, 9, 60]) {
      const nodes = Array.from({ length: count }, (_, index) => ({ life: String(index), connections: index * 10 }));
      const layout = layoutOf({ width, nodes, stores: ["database", "r1", "r2"] });
      assert.ok(layout.width >= width);
      for (const boxes of [layout.nodes, layout.stores]) {
        boxes.forEach(({ x, width: size }, index) => {
          assert.ok(x >= 0 && x + size <= layout.width && size >= 80, `${width} ${count}`);
          if (index) assert.ok(x > boxes[index - 1].x + boxes[index - 1].width);
        });
      }
      for (const { devices } of layout.nodes) assert.ok(devices.length <= MOST_DEVICES && devices.every(({ y }) => y < layout.height));
      assert.equal(layout.ways.size, count * (3 + 2 * 2));
      assert.ok([...layout.ways.values()].flat().every(Number.isFinite));
    }
  }
});

test("a dot begins at one end of its way and ends at the other", () => {
  const way = [0, 0, 0, 50, 100, 50, 100, 100];
  assert.deepEqual([along(way, 0), along(way, 0.5), along(way, 1)], [{ x: 0, y: 0 }, { x: 50, y: 50 }, { x: 100, y: 100 }]);
  assert.equal(pathOf(way), "M0 0C0 50 100 50 100 100");
});

class FakeHost {
  now = 0;
  frames = [];
  circles = new Set();
  performance = { now: () => this.now };
  document = { createElementNS: () => new FakeCircle(this) };
  requestAnimationFrame = (task) => this.frames.push(task);
  cancelAnimationFrame = () => (this.frames = []);

  pass(ms) {
    this.now += ms;
    for (const task of this.frames.splice(0)) task(this.now);
  }
}

class FakeCircle {
  constructor(host) {
    this.host = host;
    this.attributes = {};
    host.circles.add(this);
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  remove() {
    this.host.circles.delete(this);
  }
}

test("dots travel, arrive, and leave nothing behind", () => {
  const host = new FakeHost();
  const dots = new Dots({ append() {} }, host);
  dots.ways = new Map([["a/up", [0, 0, 0, 0, 0, 100, 0, 100]], ["a/out/0", [0, 0, 0, 0, 9, 9, 9, 9]], ["a/out/1", [0, 0, 0, 0, 9, 9, 9, 9]]]);
  dots.send([{ life: "a", way: "up", messages: 1, dots: 1 }, { life: "a", way: "out", messages: 1, dots: 1 }, { life: "gone", way: "up", messages: 9, dots: 9 }]);
  assert.equal(host.circles.size, 3);
  host.pass(900);
  const [first] = host.circles;
  assert.equal(first.attributes.visibility, "visible");
  host.pass(5000);
  assert.deepEqual([host.circles.size, host.frames.length], [0, 0]);
});

test("a flood makes no more dots than can be drawn, and stopping takes them all away", () => {
  const host = new FakeHost();
  const dots = new Dots({ append() {} }, host);
  dots.ways = new Map([["a/up", [0, 0, 0, 0, 0, 100, 0, 100]]]);
  for (let i = 0; i < 100; i += 1) dots.send([{ life: "a", way: "up", messages: 99, dots: 6 }]);
  assert.equal(host.circles.size, 240);
  dots.stop();
  assert.deepEqual([host.circles.size, host.frames.length], [0, 0]);
});
