// Keeps an object for as long as nothing about it changes, so that the view can compare with `===`.

/** @returns the object `before` when `after` says the same, else `after`; plain data only */
export function steady(before, after) {
  return isSame(before, after) ? before : after;
}

function isSame(one, other) {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]));
}

/** The same for a list whose parts are steady themselves. */
export function steadyList(before, after) {
  return before.length === after.length && after.every((item, index) => item === before[index]) ? before : after;
}
