// Time that passes only when a test says so.

const TURNS = 12; // of the microtask queue, between two timers

export class FakeClock {
  #now;
  #timers = new Map();
  #lastId = 0;
  frames = [];
  framesShown = 0;

  constructor(now = Date.parse("2026-01-31T09:00:00Z")) {
    this.#now = now;
  }

  now = () => this.#now;
  wait = (task, ms) => {
    this.#lastId += 1;
    this.#timers.set(this.#lastId, { at: this.#now + ms, task });
    return this.#lastId;
  };
  cancel = (id) => this.#timers.delete(id);
  frame = (task) => this.frames.push(task);

  /** Let what is under way finish, and show the frame. */
  async settle() {
    await turns();
    while (this.frames.length) {
      const due = this.frames;
      this.frames = [];
      this.framesShown += 1;
      for (const task of due) task();
      await turns();
    }
  }

  async pass(ms) {
    const until = this.#now + ms;
    await this.settle();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      const [id, { at, task }] = next;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      task();
      await this.settle();
    }
    this.#now = until;
  }

  /** The machine sleeps, or somebody sets the clock: no timer runs meanwhile. */
  jump(ms) {
    this.#now += ms;
  }

  get timers() {
    return this.#timers.size;
  }

  #next(until) {
    const due = [...this.#timers].filter(([, { at }]) => at <= until);
    due.sort(([id, one], [otherId, other]) => one.at - other.at || id - otherId);
    return due[0];
  }
}

export async function turns() {
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
}
