// The scrolled messages of one conversation: a window of rows that stays where the eye is, whatever comes or goes.
import { Component } from "preact";
import { html } from "./html.js";
import { store } from "./page.js";
import { FirstRow } from "./first_row.js";
import { JumpButton } from "./jump_button.js";
import { Row } from "./row.js";
import { moveFocus } from "./row_focus.js";
import { keyOf } from "./row_places.js";
import { FIRST, SIZE, around, findKey, grown, newSince, slideDown, slideUp, wantedAt, windowOf } from "./row_window.js";
import { ScrollPlace } from "./scroll_place.js";
import { seenSeq } from "./seen.js";
import { dialog, leftUnread } from "./screen.js";
import { t } from "../words/index.js";

export class MessageList extends Component {
  /** `size`: rows in the DOM; `last`: key of the last one (null: the newest); `left`: the newest row when one left the end (null: at the end). */
  state = { size: FIRST, last: null, left: null, active: null };
  #place = new ScrollPlace();
  #placed = false;
  #visited = 0;
  #frame = 0;
  #sizes = new ResizeObserver(() => this.#settle());

  componentDidMount() {
    this.#sizes.observe(this.#place.scroller);
    this.#sizes.observe(this.#place.rows);
    this.#arrive();
  }

  componentWillUnmount() {
    this.#sizes.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  getSnapshotBeforeUpdate() {
    if (this.#placed) this.#place.noteLeaving();
    return this.#placed && !this.#place.atBottom ? this.#place.anchor() : null;
  }

  componentDidUpdate(before, { size }, anchor) {
    if (this.#placed && this.#hasLateDivider(before)) this.#placed = false;
    if (!this.#placed || this.#isNewTarget) return this.#arrive();
    if (before.sent !== this.props.sent) return this.#toLatest();
    if (this.#place.atBottom && this.#window.end === this.props.feed.items.length) this.#place.toBottom();
    else if (anchor) this.#place.keep(anchor);
    if (before.attentive !== this.props.attentive || before.feed !== this.props.feed) this.#look();
    else if (size < this.state.size) this.#onScroll(); // It may have to grow more, and not scroll by it.
  }

  render({ conversation, feed, target }, { left, active }) {
    const { start, end } = this.#window;
    const shown = feed.items.slice(start, end);
    const focusable = shown.some((row) => row.key === active) ? active : shown.at(-1)?.key;
    return html`
      <div class="scroller" ref=${(element) => (this.#place.scroller = element)} onScroll=${this.#onScroll} role="region" aria-label=${t("messages")}>
        <ol class="rows" ref=${(element) => (this.#place.rows = element)} onKeyDown=${this.#onKey} onPointerOver=${this.#onPoint} onPointerLeave=${this.#onLeave} onFocusIn=${this.#onPoint} onClick=${this.#onPoint}>
          ${start === 0 && html`<${FirstRow} key="first" conversation=${conversation} feed=${feed} />`}
          ${shown.map(
            (row) => html`<${Row} key=${row.key} row=${row} conversation=${conversation.id} group=${conversation.kind === "group"}
              names=${conversation.names} active=${row.key === active} focusable=${row.key === focusable}
              unread=${row.key === feed.unreadKey} target=${row.seq !== null && row.seq === target?.seq ? target.visit : 0} />`,
          )}
        </ol>
      </div>
      ${(left !== null || feed.hasNewer) && html`<${JumpButton} count=${left === null ? 0 : newSince(feed.items, left)} onJump=${this.#toLatest} />`}
    `;
  }

  get #window() {
    return windowOf(this.props.feed.items, this.state.last, this.state.size);
  }

  get #isNewTarget() {
    return this.props.target !== null && this.props.target.visit !== this.#visited;
  }

  /** What was stored is shown at once; only then it is known where the unread begins. Who has left the end is not moved. */
  #hasLateDivider(before) {
    const { conversation, feed, target } = this.props;
    return feed.unreadKey !== null && before.feed.unreadKey === null && target === null && this.#place.atBottom && leftUnread.value !== conversation.id;
  }

  /** The first look at a conversation, or at a message in it. */
  #arrive() {
    const { feed, target } = this.props;
    if (feed.items.length === 0) return;
    if (this.#isNewTarget) this.#showTarget(target);
    if (this.#placed) return;
    if (this.#isNewTarget) return this.#place.toBottom(); // Until the message has been fetched.
    if (this.state.last === null && this.#isAbove(feed.unreadKey)) return this.#showAround(findKey(feed.items, feed.unreadKey));
    this.#placed = true;
    if (!this.#place.toDivider()) this.#place.toBottom();
    this.#look();
  }

  /** Whether this row is older than those in the DOM. */
  #isAbove(key) {
    return key !== null && findKey(this.props.feed.items, key) < this.#window.start;
  }

  #showAround(index) {
    const { items } = this.props.feed;
    this.setState({ size: FIRST, last: around(items, index, FIRST), left: items.at(-1).key });
  }

  #showTarget({ seq, visit }) {
    const { items } = this.props.feed;
    const index = items.findIndex((row) => row.seq === seq);
    if (index < 0) return;
    if (!this.#place.toRow(items[index].key)) return this.#showAround(index);
    this.#visited = visit;
    this.#placed = true;
    this.#place.atBottom = false;
    this.#look();
  }

  #toLatest = () => {
    this.#place.atBottom = true;
    if (this.props.feed.hasNewer) store.showLatest(this.props.conversation.id);
    this.setState({ size: FIRST, last: null, left: null }, () => this.#place.toBottom());
  };

  /** After something grew or shrank without a message: a folded text, the composer, the phone's keyboard. */
  #settle() {
    if (this.#placed) this.#place.noteLeaving();
    if (this.#placed && this.#place.atBottom && this.state.last === null) this.#place.toBottom();
  }

  #look() {
    if (!this.#place.scroller || !this.#placed) return;
    const { feed } = this.props;
    const shown = this.#window;
    this.#place.note({ isLatest: shown.end === feed.items.length && !feed.hasNewer });
    this.#leaveOrReturn(feed.items);
    this.#fetchOrSlide(wantedAt(this.#place.distances, shown, feed), shown);
    this.#markRead();
  }

  #leaveOrReturn(items) {
    const newest = items.at(-1)?.key ?? null;
    if (this.#place.atBottom && this.state.left !== null) this.setState({ last: null, left: null });
    if (!this.#place.atBottom && this.state.left === null) this.setState({ last: newest, left: newest });
  }

  #fetchOrSlide(wanted, shown) {
    const { conversation, feed } = this.props;
    const { size } = this.state;
    const newest = feed.items.at(-1)?.key ?? null;
    if (wanted === "up" && size < SIZE) this.setState({ size: grown(size) });
    else if (wanted === "up") this.setState({ last: slideUp(feed.items, shown), left: this.state.left ?? newest });
    else if (wanted === "down") this.setState({ size: grown(size), last: slideDown(feed.items, shown) ?? newest });
    else if (wanted === "older") store.loadOlder(conversation.id);
    else if (wanted === "newer") store.loadNewer(conversation.id);
  }

  #markRead() {
    const { attentive, conversation, feed } = this.props;
    if (!attentive || leftUnread.value === conversation.id) return;
    const seq = seenSeq(this.#place.scroller, this.#place.rows, feed.items);
    if (seq !== null) store.markRead(conversation.id, seq);
  }

  #onScroll = () => {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => ((this.#frame = 0), this.#look()));
  };

  #onPoint = (event) => {
    const key = keyOf(event.target.closest("li[data-key]"));
    if (key) this.setState(({ active }) => (active === key ? null : { active: key }));
  };

  #onLeave = ({ pointerType }) => {
    if (pointerType === "touch") return; // A finger that is lifted after a tap has not left.
    const isUsed = dialog.value !== null || this.#place.rows.contains(document.activeElement);
    if (!isUsed) this.setState({ active: null });
  };

  #onKey = (event) => moveFocus(event, this.#place.rows);
}
