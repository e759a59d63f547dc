// From messages and unsent ones to the rows that are shown; a row that did not change stays the same object.

const GROUP_MS = 5 * 60_000;
const EXCERPT_CHARS = 120;
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MS = 86_400_000;

/** Remembers the rows of one conversation between two pictures: only what changed is made again, since there may be thousands. */
export class Rows {
  #held = new Map(); // key → {source, day, startsDay, startsGroup, target, status, overlay, row}
  #days = new Map(); // quarter of an hour → local day, since asking for a time zone is slow
  #sources = new WeakMap(); // echo → the same as a message

  /**
   * @param {object[]} messages by seq @param {object[]} echoes see outbox.js, with `seq` once a server has stored them
   * @param {{me: object, find: (seq: number) => object | undefined, nameOf: (id: number) => string, statusOf: (seq: number) => string,
   *   overlayOf: (seq: number) => Map<string, boolean> | undefined, mayAskAgain: (question?: object) => boolean}} context
   */
  build(messages, echoes, context) {
    const next = new Map();
    const rows = [];
    let before = null;
    for (const source of messages) before = this.#add(rows, next, source, before, context);
    for (const echo of echoes) before = this.#add(rows, next, this.#sourceOf(echo, context.me), before, context);
    this.#held = next;
    return rows;
  }

  #add(rows, next, source, before, context) {
    const held = this.#held.get(source.key);
    const day = held?.source === source ? held.day : this.#dayOf(source.at);
    const startsDay = before === null || before.day !== day;
    const startsGroup = startsDay || isOtherGroup(before.source, source);
    const target = source.replyTo === null ? null : context.find(source.replyTo);
    const status = statusOf(source, context);
    const overlay = context.overlayOf(source.seq);
    const isSame =
      held?.source === source &&
      held.startsDay === startsDay &&
      held.startsGroup === startsGroup &&
      held.target === target &&
      held.status === status &&
      held.overlay === overlay;
    const entry = isSame ? held : { source, day, startsDay, startsGroup, target, status, overlay, row: null };
    entry.row ??= rowOf(entry, context);
    next.set(source.key, entry);
    rows.push(entry.row);
    return entry;
  }

  #sourceOf(echo, me) {
    if (!this.#sources.has(echo)) this.#sources.set(echo, asMessage(echo, me));
    return this.#sources.get(echo);
  }

  #dayOf(at) {
    const quarter = Math.floor(at / QUARTER_MS); // no time zone is finer than that
    let day = this.#days.get(quarter);
    if (day === undefined) {
      day = Math.floor((at - new Date(at).getTimezoneOffset() * MINUTE_MS) / DAY_MS);
      this.#days.set(quarter, day);
    }
    return day;
  }
}

function asMessage(echo, me) {
  return {
    echo,
    key: echo.clientId,
    seq: echo.seq ?? null,
    changedSeq: echo.seq ?? null,
    clientId: echo.clientId,
    kind: "text",
    sender: { id: me.id, name: me.name },
    at: echo.at,
    text: echo.text,
    html: "",
    editedAt: null,
    deleted: false,
    replyTo: echo.replyTo,
    reactions: {},
    data: null,
  };
}

function isOtherGroup(before, source) {
  return before.sender.id !== source.sender.id || before.kind !== source.kind || source.at - before.at >= GROUP_MS;
}

function statusOf(source, { me, statusOf: receipt }) {
  if (source.sender.id !== me.id || source.kind !== "text") return null;
  return source.seq === null ? source.echo.status : receipt(source.seq);
}

function rowOf({ source, startsDay, startsGroup, target, status, overlay }, context) {
  const { echo, key, seq, changedSeq, clientId, kind, sender, at, text, html, editedAt, deleted, data } = source;
  return {
    key,
    seq,
    changedSeq,
    clientId,
    mine: sender.id === context.me.id,
    sender,
    kind,
    text,
    html,
    at,
    editedAt,
    deleted,
    replyTo: quoteOf(source.replyTo, target),
    reactions: reactionsOf(source.reactions, overlay, context),
    status,
    error: echo?.error ?? null,
    data,
    askAgain: data?.stopped === true && !deleted && context.mayAskAgain(target),
    startsDay,
    startsGroup,
  };
}

function quoteOf(seq, target) {
  if (seq === null) return null;
  if (!target) return { seq, name: "", excerpt: "", deleted: false };
  return { seq, name: target.sender.name, excerpt: excerptOf(target.text), deleted: target.deleted };
}

/** The first characters of a text, its lines kept apart for who reads Markdown; code points stay whole. */
export function excerptOf(text) {
  const characters = Array.from(text.slice(0, 4 * EXCERPT_CHARS).replace(/\s*\n\s*/gu, "\n").replace(/[^\S\n]+/gu, " ").trim());
  const cut = characters.slice(0, EXCERPT_CHARS).join("");
  return characters.length > EXCERPT_CHARS ? `${cut}…` : cut;
}

function reactionsOf(said, overlay, { me, nameOf }) {
  const users = new Map(Object.entries(said).map(([emoji, ids]) => [emoji, new Set(ids)]));
  for (const [emoji, on] of overlay ?? []) {
    if (!users.has(emoji)) users.set(emoji, new Set());
    if (on) users.get(emoji).add(me.id);
    else users.get(emoji).delete(me.id);
  }
  return [...users]
    .filter(([, ids]) => ids.size > 0)
    .map(([emoji, ids]) => ({ emoji, count: ids.size, mine: ids.has(me.id), who: [...ids].map(nameOf), users: [...ids] }))
    .sort((one, other) => other.count - one.count || (one.emoji < other.emoji ? -1 : 1));
}
