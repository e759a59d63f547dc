// How far the user has seen a conversation: up to the last row that is in view.
import { keyOf, lastVisible } from "./row_places.js";
import { findKey } from "./row_window.js";

/** The seq of the last stored message in view, or null. */
export function seenSeq(scroller, rows, items) {
  const row = lastVisible(scroller, rows);
  let index = row ? findKey(items, keyOf(row)) : -1;
  while (index >= 0 && items[index].seq === null) index--;
  return index < 0 ? null : items[index].seq;
}
