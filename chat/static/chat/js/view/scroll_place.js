// Where the eye is in a scrolled history, and keeping it there while rows come and go.
import { keyOf, rowAt, topmostVisible } from "./row_places.js";

const AT_BOTTOM_PX = 48;

export class ScrollPlace {
  scroller = null;
  rows = null;
  atBottom = true;
  #bottom = 0; // where `toBottom` last put the scroller

  /** Pixels that are out of view above and below. */
  get distances() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return { above: scrollTop, below: scrollHeight - clientHeight - scrollTop };
  }

  /** Notes whether this is the end; `isLatest`: whether below the last row nothing else would come. */
  note({ isLatest }) {
    this.atBottom = isLatest && this.distances.below < AT_BOTTOM_PX;
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#bottom = this.scroller.scrollTop;
  }

  /** Somebody scrolled up from the end, and the scroll event has not been looked at yet. To be asked before rows change. */
  noteLeaving() {
    if (this.scroller.scrollTop < this.#bottom - 1 && this.distances.below >= AT_BOTTOM_PX) this.atBottom = false;
  }

  /** The topmost row in view, to be handed to `keep` after the rows have changed. */
  anchor() {
    const row = topmostVisible(this.scroller, this.rows);
    return row && { key: keyOf(row), top: row.offsetTop };
  }

  keep({ key, top }) {
    const row = rowAt(this.rows, key);
    if (row && row.offsetTop !== top) this.scroller.scrollTop += row.offsetTop - top;
  }

  /** The unread divider near the upper edge; false when there is none. */
  toDivider() {
    const divider = this.rows.querySelector(".unread-divider");
    if (divider) this.scroller.scrollTop = divider.closest("li").offsetTop - 96;
    return divider !== null;
  }

  /** A row in the middle, with the focus; false when it is not among those in the DOM. */
  toRow(key) {
    const row = rowAt(this.rows, key);
    row?.scrollIntoView({ block: "center" });
    row?.focus({ preventScroll: true });
    return row !== null;
  }
}
