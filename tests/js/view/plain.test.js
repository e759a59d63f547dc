import assert from "node:assert/strict";
import { test } from "node:test";
import { plainOf } from "../../../chat/static/chat/js/view/plain.js";

const SAID = {
  "hello": "hello",
  "**bold** `code` [link](https://example.org/a_(b))\n> quote\n```code```": "bold code link quote code",
  "***both*** and ~~gone~~ and __strong__ and _soft_": "both and gone and strong and soft",
  "**two\nlines**": "two lines",
  "# Head\n\n- one\n* two\n+ three\n1. four": "Head one two three 1. four",
  "> > - deep": "deep",
  "```python\nif x ** 2:\n    _y_ = 3 * z * 1\n```\nafter": "if x ** 2: _y_ = 3 * z * 1 after",
  "~~~\n# no head\n~~~": "# no head",
  "`**kept**` and ``a ` b``": "**kept** and a ` b",
  "[**bold** `x*y*`](https://example.org \"title\")": "bold x*y*",
  "<https://example.org/__a__> https://example.org/_b_/*": "https://example.org/__a__ https://example.org/_b_/*",
  "**https://example.org/_b_**": "https://example.org/_b_",
  "\\*not\\* \\`this\\`": "*not* `this`",
  "2 * 3 * 4, snake_case_name, a ** b, 5 > 4, -3, #tag": "2 * 3 * 4, snake_case_name, a ** b, 5 > 4, -3, #tag",
  "a\n\n---\n\nb": "a b",
  "| a | b |\n|---|:-:|\n| 1 | 2 |": "| a | b | | 1 | 2 |",
  "**你好**世界 `代码` [链接](https://example.org)，你_好_吗": "你好世界 代码 链接，你_好_吗",
  "> 引用\n**重点**": "引用 重点",
  "<script>alert(1)</script> <b>x</b> &amp;": "<script>alert(1)</script> <b>x</b> &amp;",
  "an icon \ue000 `of` one's own": "an icon \ufffd of one's own",
  "[not](a link": "[not](a link",
  "[an open](https://example.org/and/on": "an open",
  "": "",
};

test("signs of Markdown go, words and code stay", () => {
  assert.deepEqual(Object.fromEntries(Object.keys(SAID).map((text) => [text, plainOf(text)])), SAID);
});

test("what is nothing but signs is said as it was written", () => {
  for (const text of ["---", "+", "#", "> ", "```", "** **", "***"]) assert.equal(plainOf(text), text.trim());
});

test("a text that was cut has no sign that is left open", () => {
  assert.equal(plainOf("see **the very long…"), "see the very long…");
  assert.equal(plainOf(`**${"long ".repeat(1000)}**`), "long ".repeat(120).trim().slice(0, 598).trim());
});

test("a cut leaves characters whole", () => {
  const cut = plainOf(`a${"😀".repeat(400)}`);
  assert.equal(cut, `a${"😀".repeat(299)}`);
  assert.ok(cut.isWellFormed?.() ?? true);
});

test("no text takes long", () => {
  const noise = ["*", "_", "`", "[", "](", "> ", "- ", "~~", "**a ", "__a ", "|-", "[a](", "(", "\\", "``` ", "https://", "* ", "- - ", "_ ", "\n> "];
  for (const each of noise) {
    const began = process.cpuUsage();
    plainOf(each.repeat(8000));
    assert.ok(process.cpuUsage(began).user < 500_000, each);
  }
});

test("no text makes it fail, and one line comes of it", () => {
  const parts = ["*", "**", "_", "`", "```", "\n", "[", "](", ")", "> ", "- ", "a", "你", "\\", "<", ">", "~~", " ", "\ue001", "https://x"];
  let seed = 7;
  const next = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: 25 }, () => parts[Math.floor(next() * parts.length)]).join("");
    assert.doesNotMatch(plainOf(text), /[\n\ue000-\uf8ff]/);
  }
});
