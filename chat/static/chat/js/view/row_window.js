// Which rows of a long conversation are in the DOM: a window that slides over them. No DOM here.

export const SIZE = 150;
export const STEP = 20;

const NEAR = 2000;
const NEAR_SHARE = 0.25; // Of what can be scrolled: less than half, or the window would slide to and fro.
const NEAR_LEAST = 64; // Where everything fits into the view, both ends are near.

/** What the scrolled place asks for, `above` and `below` in pixels: "up", "older", "down", "newer" or null. */
export function wantedAt({ above, below }, { start, end }, feed) {
  const near = Math.max(NEAR_LEAST, Math.min(NEAR, (above + below) * NEAR_SHARE));
  if (above < near && start > 0) return "up";
  if (above < near && feed.hasOlder && !feed.loadingOlder) return "older";
  if (below < near && end < feed.items.length) return "down";
  if (below < near && feed.hasNewer && !feed.loadingNewer) return "newer";
  return null;
}

/** The rows shown when `last` is the key of the last one; null, or a key that is gone, means the newest. */
export function windowOf(items, last) {
  const at = last === null ? -1 : findKey(items, last);
  const end = at < 0 ? items.length : Math.max(at + 1, Math.min(SIZE, items.length));
  return { start: Math.max(0, end - SIZE), end };
}

/** The `last` that moves the window towards older rows. */
export function slideUp(items, { start, end }) {
  const by = Math.min(STEP, start);
  return items[end - by - 1].key;
}

/** The `last` that moves the window towards newer rows; null once the newest are shown. */
export function slideDown(items, { end }) {
  const next = end + STEP;
  return next >= items.length ? null : items[next - 1].key;
}

/** The `last` with which row `index` stands in the middle. */
export function around(items, index) {
  const end = index + SIZE / 2;
  return end >= items.length ? null : items[end - 1].key;
}

/** How many rows of others came after the one with the key `seen`. */
export function newSince(items, seen) {
  const at = findKey(items, seen);
  if (at < 0) return 0;
  let count = 0;
  for (let index = at + 1; index < items.length; index++) if (!items[index].mine) count++;
  return count;
}

/** From the end, where most questions point. */
export function findKey(items, key) {
  for (let index = items.length - 1; index >= 0; index--) if (items[index].key === key) return index;
  return -1;
}
