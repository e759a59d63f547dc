// Which messages are folded. No DOM.

const LONG_CHARS = 1200;
const LONG_LINES = 18;

export function isLong(text) {
  return text.length > LONG_CHARS || text.split("\n", LONG_LINES + 1).length > LONG_LINES;
}
