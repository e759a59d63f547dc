// Short messages to the user, which go away by themselves.

import { signal } from "@preact/signals-core";

const LIFE_MS = 8_000;
const MOST = 5;

export class Notices {
  shown = signal([]);
  #clock;
  #words;
  #lastKey = 0;

  /** @param {object} clock @param {((key: string, data: object) => string) | undefined} words */
  constructor(clock, words) {
    this.#clock = clock;
    this.#words = words;
  }

  say(code, { kind = "error", data = {} } = {}) {
    this.#lastKey += 1;
    const key = this.#lastKey;
    const text = typeof this.#words === "function" ? this.#words(`notice.${code}`, data) : code;
    this.shown.value = [...this.shown.value, { key, code, kind, text, data }].slice(-MOST);
    this.#clock.wait(() => this.dismiss(key), LIFE_MS);
  }

  dismiss(key) {
    if (this.shown.value.some((notice) => notice.key === key)) {
      this.shown.value = this.shown.value.filter((notice) => notice.key !== key);
    }
  }
}
