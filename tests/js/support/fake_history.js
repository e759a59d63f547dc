// A browser's session history: what is pushed is there at once, walking takes until the next turn of the event loop.

export class FakeHistory {
  constructor() {
    this.entries = [{ state: null, path: "/" }];
    this.at = 0;
    this.pending = 0;
    this.listeners = [];
  }

  get state() {
    return this.entries[this.at].state;
  }

  get path() {
    return this.entries[this.at].path;
  }

  pushState(state, _title, path = this.path) {
    this.entries.splice(++this.at, Infinity, { state, path });
  }

  replaceState(state, _title, path = this.path) {
    this.entries[this.at] = { state, path };
  }

  back() {
    this.go(-1);
  }

  go(steps) {
    this.pending++;
    setTimeout(() => this.#arrive(steps));
  }

  #arrive(steps) {
    this.pending--;
    const wanted = this.at + steps;
    if (wanted < 0 || wanted >= this.entries.length) return;
    this.at = wanted;
    for (const listener of this.listeners) listener();
  }

  async isStill() {
    do await new Promise((done) => setTimeout(done));
    while (this.pending > 0);
  }
}
