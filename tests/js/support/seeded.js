// Random numbers that come again with the same seed (mulberry32).

export function seeded(seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(random() * count);
  return { random, below, oneOf: (list) => list[below(list.length)], chance: (share) => random() < share };
}

/** UUIDs that come again with the same seed, in no order. */
export function seededIds(seed) {
  const { below } = seeded(seed);
  const hex = (length) => Array.from({ length }, () => below(16).toString(16)).join("");
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
