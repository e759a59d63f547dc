// How long to wait before the next try: growing, bounded, and different on every device.

export const FIRST_MS = 500;
export const MOST_MS = 30_000;
const AT_ONCE_MS = 1_000;

/** @param {() => number} random from 0 up to 1 */
export function createBackoff(random) {
  let tries = 0;
  return {
    /** 0.5 s, doubled up to 30 s, of which a random half is taken off. */
    next() {
      const full = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries, 16));
      tries += 1;
      return Math.round(full * (1 - random() / 2));
    },
    /** Within a second: for a node that restarts, whose devices shall not all come in the same moment. */
    soon: () => Math.round(AT_ONCE_MS * random()),
    reset() {
      tries = 0;
    },
  };
}
