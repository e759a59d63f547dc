// The messages of one conversation that this device holds: the live end, and perhaps one older part around a permalink.

/**
 * Rules: of one `seq` the highest `changedSeq` wins. `live` holds every message from `floor` on; `around`, where there is one, every message
 * between its ends. What lies outside is not kept (history brings it in its latest state), except while a page is on its way: then a change
 * to an unknown message waits in `strays`, since the page may have been read before it.
 */
export class Timeline {
  #bySeq = new Map();
  #strays = new Map();
  #pagesAwaited = 0;
  live = []; // by ascending seq
  floor = 0; // of live: everything from here on is held
  hasOlder = false;
  life = 0; // grows when everything was forgotten for a snapshot
  around = null; // {list, hasOlder, anchor}: ends below `floor`

  get(seq) {
    return this.#bySeq.get(seq);
  }

  get latest() {
    return this.live.at(-1);
  }

  /** What is shown: the older part, where there is one, or the live end. */
  get shown() {
    return this.around?.list ?? this.live;
  }

  /** @returns {"new" | "changed" | "old" | "outside"} */
  apply(message) {
    const held = this.#bySeq.get(message.seq);
    if (held) return this.#change(held, message);
    if (message.seq < this.floor && this.hasOlder) return this.#outside(message);
    this.#bySeq.set(message.seq, message);
    insert(this.live, message);
    return "new";
  }

  /** A snapshot: forget everything, and take these. */
  replace(messages, hasOlder) {
    this.life += 1;
    this.#bySeq.clear();
    this.#strays.clear();
    this.live = [];
    this.around = null;
    this.floor = messages.length ? messages[0].seq : 0;
    this.hasOlder = hasOlder;
    for (const message of messages) this.apply(message);
  }

  awaitPage() {
    this.#pagesAwaited += 1;
  }

  /** A page came, or will not come. */
  pageEnded() {
    this.#pagesAwaited -= 1;
    if (this.#pagesAwaited === 0) this.#strays.clear();
  }

  /** Messages before the oldest one shown. */
  addOlder(messages, hasOlder) {
    const added = this.#adopt(messages);
    if (this.around) {
      this.around = { ...this.around, list: merged(added, this.around.list), hasOlder };
      return;
    }
    this.live = merged(added, this.live);
    this.floor = this.live.length ? this.live[0].seq : 0;
    this.hasOlder = hasOlder;
  }

  /** Show the part around `anchor`; joins the live end where they touch. */
  showAround(messages, { hasOlder, hasNewer, anchor }) {
    this.#forgetAround();
    this.around = { list: this.#adopt(messages), hasOlder, anchor };
    this.#joinIfTouching(hasNewer);
  }

  /** Messages on both sides of the newest one shown, in the older part. */
  addNewer(messages, hasNewer) {
    if (!this.around) return;
    const { list } = this.around;
    const newer = this.#adopt(messages).filter((message) => message.seq > list.at(-1).seq);
    this.around = { ...this.around, list: [...list, ...newer] };
    this.#joinIfTouching(hasNewer);
  }

  showLatest() {
    this.#forgetAround();
  }

  #change(held, message) {
    if (message.changedSeq <= held.changedSeq) return "old";
    this.#bySeq.set(message.seq, message);
    if (message.seq >= this.floor || !this.hasOlder) this.live = replaced(this.live, message);
    if (this.around) this.around = { ...this.around, list: replaced(this.around.list, message) };
    return "changed";
  }

  #outside(message) {
    if (this.#pagesAwaited > 0) keepLatest(this.#strays, message);
    return "outside";
  }

  /** Of a page's messages, each in the latest state that is known. */
  #adopt(messages) {
    return messages.map((message) => {
      const known = [this.#bySeq.get(message.seq), this.#strays.get(message.seq)].filter(Boolean);
      const latest = known.reduce((one, other) => (other.changedSeq > one.changedSeq ? other : one), message);
      this.#bySeq.set(latest.seq, latest);
      if (latest.seq >= this.floor && this.live.length) this.live = replaced(this.live, latest);
      return latest;
    });
  }

  #joinIfTouching(hasNewer) {
    const { list, hasOlder } = this.around;
    const touches = !hasNewer || (this.live.length > 0 && list.length > 0 && list.at(-1).seq >= this.floor);
    if (!touches) return;
    this.live = merged(list, this.live);
    this.floor = this.live.length ? this.live[0].seq : 0;
    this.hasOlder = hasOlder;
    this.around = null;
  }

  #forgetAround() {
    if (!this.around) return;
    for (const { seq } of this.around.list) if (seq < this.floor) this.#bySeq.delete(seq);
    this.around = null;
  }
}

/** Index of the first message whose seq is not lower. */
function indexOf(list, seq) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(list, message) {
  if (list.length === 0 || list.at(-1).seq < message.seq) list.push(message);
  else list.splice(indexOf(list, message.seq), 0, message);
}

function replaced(list, message) {
  const index = indexOf(list, message.seq);
  if (list[index]?.seq === message.seq) list[index] = message;
  return list;
}

/** Both in one list by seq; of equal ones that of `list`. */
function merged(added, list) {
  const all = new Map([...added, ...list].map((message) => [message.seq, message]));
  return [...all.values()].sort((one, other) => one.seq - other.seq);
}

function keepLatest(map, message) {
  const held = map.get(message.seq);
  if (!held || held.changedSeq < message.changedSeq) map.set(message.seq, message);
}
