// Which rows of a long conversation are in the DOM: a window that slides over them. No DOM here.

export const SIZE = 150; // At most.
export const FIRST = 50; // Enough for a tall screen: what is drawn at once; more only for who scrolls.
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

/** The `size` rows shown when `last` is the key of the last one; null, or a key that is gone, means the newest. */
export function windowOf(items, last, size = SIZE) {
  const at = last === null ? -1 : findKey(items, last);
  const end = at < 0 ? items.length : Math.max(at + 1, Math.min(size, items.length));
  return { start: Math.max(0, end - size), end };
}

/** A window grows a few rows at a time: so many together would take longer than a frame. */
export function grown(size) {
  return Math.min(SIZE, size + STEP);
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

/** The `last` with which row `index` stands in the middle of `size` rows. */
export function around(items, index, size = SIZE) {
  const end = index + size / 2;
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
