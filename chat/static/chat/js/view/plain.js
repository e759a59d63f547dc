// A message's Markdown as one plain line, for where there is no room for more than its words. No DOM.
// What is a sign and what is not follows the server's rules: chat/wire/markdown.py.

const MOST = 600; // UTF-16 units that are looked at: some patterns need the square of it.
const FENCE = /^\s{0,3}(?:`{3,}[^`]*|~{3,}[^~]*)$/;
const BLOCK = /^\s*(?:>\s*|#{1,6}\s+|[-+*]\s+)+(?=\S)/;
const RULE = /^\s*(?:([-_*])\s*(?:\1\s*){2,}|\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*)$/; // also a table's second line
const LITERAL = /(`+)([^`](?:.*?[^`])?)\1(?!`)|\[([^[\]]*)\]\(<?(?:[^()\s]|\([^()\s]*\))*(?:\s+"[^"]*")?(?:\)|$)|<((?:https?:\/\/|mailto:)[^\s<>]*)>|\\([!-/:-@[-`{-~])|https?:\/\/[^\s<>*[\]]+/gi;
const PAIRS = [
  /(\*\*)(\S(?:.*?\S)?)\*\*/g,
  /(~~)(\S(?:.*?\S)?)~~/g,
  /(\*)([^*\s](?:[^*]*[^*\s])?)\*/g,
];
const LOW_PAIRS = [/(^|[^\p{L}\p{N}_])__(\S(?:.*?\S)?)__(?![\p{L}\p{N}_])/gu, /(^|[^\p{L}\p{N}_])_([^_\s](?:[^_]*[^_\s])?)_(?![\p{L}\p{N}_])/gu];
const LEFT_OPEN = /(^|\s)(?:\*{1,3}|~~|`+)(?=\S)/g;
const PRIVATE = /[\ue000-\uf8ff]/g; // Characters without a meaning: they stand for what is kept as it is.
const FIRST = 0xe000;

/** "**Hi** [you](https://…)\n> `x*y*`" → "Hi you x*y*"; of long texts the beginning. */
export function plainOf(text) {
  const isCut = text.length > MOST || text.endsWith("…");
  const head = text.slice(0, MOST).replace(/[\ud800-\udbff]$/, "").replace(PRIVATE, "\ufffd");
  const kept = [];
  const keep = (literal) => String.fromCharCode(FIRST + kept.push(literal) - 1);
  let line = withoutPairs(withoutLinks(withoutBlocks(head, keep), keep));
  if (isCut) line = line.replace(LEFT_OPEN, "$1");
  return oneLine(withKept(line, kept)) || oneLine(head);
}

const oneLine = (text) => text.replace(/\s+/gu, " ").trim();

/** What is kept may hold something that was kept before. */
const withKept = (line, kept) => line.replace(PRIVATE, (mark) => withKept(kept[mark.charCodeAt(0) - FIRST], kept));

/** Without the signs that begin lines; code blocks are kept as they are. */
function withoutBlocks(text, keep) {
  let inCode = false;
  const lines = text.split("\n").map((line) => {
    if (FENCE.test(line)) return (inCode = !inCode), "";
    if (inCode) return keep(line);
    return RULE.test(line) ? "" : line.replace(BLOCK, "");
  });
  return lines.join(" ");
}

/** Of links their words; code, addresses and escaped signs are kept. */
function withoutLinks(line, keep) {
  return line.replace(LITERAL, (whole, ticks, code, words, address, escaped) => {
    if (words !== undefined) return withoutLinks(words, keep);
    return keep(code ?? address ?? escaped ?? whole);
  });
}

function withoutPairs(line) {
  const high = PAIRS.reduce((text, pair) => text.replace(pair, "$2"), line);
  return LOW_PAIRS.reduce((text, pair) => text.replace(pair, "$1$2"), high);
}
