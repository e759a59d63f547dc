// The scrolled messages of one conversation: a window of rows that stays where the eye is, whatever comes or goes.
import { Component, createRef } from "preact";
import { html } from "./html.js";
import { store } from "./page.js";
import { Row } from "./row.js";
import { JumpButton } from "./jump_button.js";
import { FirstRow } from "./first_row.js";
import { around, findKey, newSince, slideDown, slideUp, windowOf } from "./row_window.js";
import { keyOf, lastVisible, rowAt, topmostVisible } from "./row_places.js";
import { leftUnread } from "./screen.js";
import { moveFocus } from "./row_focus.js";
import { t } from "../words/index.js";

const NEAR = 2000;
const NEAR_SHARE = 0.25; // Of what can be scrolled: less than half, or the window would slide to and fro.
const AT_BOTTOM = 48;

export class MessageList extends Component {
  state = { last: null, left: null, active: null };
  scroller = createRef();
  rows = createRef();
  #placed = false;
  #atBottom = true;
  #frame = 0;
  #visited = 0;

  componentDidMount() {
    this.#sizes = new ResizeObserver(() => this.#settle());
    this.#sizes.observe(this.scroller.current);
    this.#sizes.observe(this.rows.current);
    this.#arrive();
  }

  componentWillUnmount() {
    this.#sizes.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  getSnapshotBeforeUpdate() {
    if (!this.#placed || this.#atBottom) return null;
    const row = topmostVisible(this.scroller.current, this.rows.current);
    return row && { key: keyOf(row), top: row.offsetTop };
  }

  componentDidUpdate(before, _, anchor) {
    if (!this.#placed || this.#isNewTarget()) return this.#arrive();
    if (this.#atBottom && this.#showsLatest()) this.#toBottom();
    else if (anchor) this.#keepInPlace(anchor);
    if (before.attentive !== this.props.attentive || before.feed !== this.props.feed) this.#look();
  }

  render({ conversation, feed, target }, { last, left, active }) {
    const { start, end } = windowOf(feed.items, last);
    const shown = feed.items.slice(start, end);
    const focusable = shown.some((row) => row.key === active) ? active : shown.at(-1)?.key;
    return html`
      <div class="scroller" ref=${this.scroller} onScroll=${this.#onScroll} role="region" aria-label=${t("messages")}>
        <ol class="rows" ref=${this.rows} onKeyDown=${this.#onKey} onPointerOver=${this.#onPoint} onPointerLeave=${this.#onLeave} onFocusIn=${this.#onPoint} onClick=${this.#onPoint}>
          ${start === 0 && html`<${FirstRow} key="first" conversation=${conversation} feed=${feed} />`}
          ${shown.map(
            (row) => html`<${Row} key=${row.key} row=${row} conversation=${conversation.id} group=${conversation.kind === "group"}
              names=${conversation.names} active=${row.key === active} focusable=${row.key === focusable}
              unread=${row.seq !== null && row.key === feed.unreadKey} target=${row.seq !== null && row.seq === target?.seq ? target.visit : 0} />`,
          )}
        </ol>
      </div>
      ${(left !== null || feed.hasNewer) && html`<${JumpButton} count=${left === null ? 0 : newSince(feed.items, left)} onJump=${this.toLatest} />`}
    `;
  }

  toLatest = () => {
    this.#atBottom = true;
    if (this.props.feed.hasNewer) store.showLatest(this.props.conversation.id);
    this.setState({ last: null, left: null }, () => this.#toBottom());
  };

  #sizes;

  #isNewTarget() {
    return this.props.target !== null && this.props.target.visit !== this.#visited;
  }

  /** The first look at a conversation, or at a message in it. */
  #arrive() {
    const { feed, target } = this.props;
    if (feed.items.length === 0) return;
    if (target && this.#isNewTarget()) return this.#showTarget(target);
    if (this.#placed) return;
    this.#placed = true;
    const divider = this.rows.current.querySelector(".unread-divider");
    if (divider) this.scroller.current.scrollTop = divider.closest("li").offsetTop - 96;
    else this.#toBottom();
    this.#look();
  }

  #showTarget({ seq, visit }) {
    const { items } = this.props.feed;
    const index = items.findIndex((row) => row.seq === seq);
    if (index < 0) return this.#placed ? undefined : this.#toBottom();
    const row = rowAt(this.rows.current, items[index].key);
    if (!row) return this.setState({ last: around(items, index), left: items.at(-1).key });
    this.#visited = visit;
    this.#placed = true;
    this.#atBottom = false;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    this.#look();
  }

  #showsLatest() {
    return windowOf(this.props.feed.items, this.state.last).end === this.props.feed.items.length;
  }

  #toBottom() {
    const scroller = this.scroller.current;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
  }

  #keepInPlace({ key, top }) {
    const row = rowAt(this.rows.current, key);
    if (row && row.offsetTop !== top) this.scroller.current.scrollTop += row.offsetTop - top;
  }

  /** After something grew or shrank without a message: a folded text, the composer, the phone's keyboard. */
  #settle() {
    if (this.#placed && this.#atBottom && this.state.last === null) this.#toBottom();
  }

  #onScroll = () => {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => ((this.#frame = 0), this.#look()));
  };

  #look() {
    const scroller = this.scroller.current;
    if (!scroller || !this.#placed) return;
    const { feed } = this.props;
    const shown = windowOf(feed.items, this.state.last);
    const above = scroller.scrollTop;
    const below = scroller.scrollHeight - scroller.clientHeight - above;
    const near = Math.max(64, Math.min(NEAR, (above + below) * NEAR_SHARE));
    const isLatest = shown.end === feed.items.length && !feed.hasNewer;
    this.#atBottom = below < AT_BOTTOM && isLatest;
    this.#leaveOrReturn(feed.items);
    if (above < near && shown.start > 0) this.setState({ last: slideUp(feed.items, shown), left: this.state.left ?? feed.items.at(-1).key });
    else if (above < near && feed.hasOlder && !feed.loadingOlder) store.loadOlder(this.props.conversation.id);
    else if (below < near && shown.end < feed.items.length) this.setState({ last: slideDown(feed.items, shown) ?? feed.items.at(-1).key });
    else if (below < near && feed.hasNewer && !feed.loadingNewer) store.loadNewer(this.props.conversation.id);
    this.#markRead();
  }

  #leaveOrReturn(items) {
    if (this.#atBottom && this.state.left !== null) this.setState({ last: null, left: null });
    if (!this.#atBottom && this.state.left === null && items.length > 0) this.setState({ last: items.at(-1).key, left: items.at(-1).key });
  }

  #markRead() {
    if (!this.props.attentive || leftUnread.value === this.props.conversation.id) return;
    const row = lastVisible(this.scroller.current, this.rows.current);
    const { items } = this.props.feed;
    let index = row ? findKey(items, keyOf(row)) : -1;
    while (index >= 0 && items[index].seq === null) index--;
    if (index >= 0) store.markRead(this.props.conversation.id, items[index].seq);
  }

  #onPoint = (event) => {
    const key = keyOf(event.target.closest("li[data-key]"));
    if (key && key !== this.state.active) this.setState({ active: key });
  };

  #onLeave = () => {
    if (!this.rows.current.contains(document.activeElement)) this.setState({ active: null });
  };

  #onKey = (event) => moveFocus(event, this.rows.current);
}
