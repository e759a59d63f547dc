// Commands that wait for their answer: each `ref` is answered once, or fails with the connection or in time.

/** Why a command was not done: a code of docs/protocol.md, or `disconnected` or `timeout`. */
export class CommandError extends Error {
  constructor(code, { retryable = false, retryAfterMs = null, detail = "" } = {}) {
    super(detail || code);
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

export class Requests {
  #clock;
  #waiting = new Map(); // ref → {resolve, reject, timer}; removed by its answer, its time-out or `fail`
  #lastRef = 0;

  constructor(clock) {
    this.#clock = clock;
  }

  /** Gives `command` a ref and hands it to `send`. @returns {Promise<object>} the answer; rejects with CommandError */
  ask(command, send, timeoutMs) {
    this.#lastRef += 1;
    const ref = this.#lastRef;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.wait(() => this.#end(ref)?.reject(new CommandError("timeout", { retryable: true })), timeoutMs);
      this.#waiting.set(ref, { resolve, reject, timer });
      send({ ...command, ref });
    });
  }

  /** @param {object} event settles the request that it answers, if it answers one */
  settle(event) {
    const request = Number.isInteger(event.ref) ? this.#end(event.ref) : undefined;
    if (!request) return;
    if (event.type !== "error") {
      request.resolve(event);
      return;
    }
    const { code, retryable, retry_after_ms: retryAfterMs, detail } = event;
    request.reject(new CommandError(code, { retryable, retryAfterMs, detail }));
  }

  /** The connection has ended: nobody will be answered. */
  fail() {
    for (const ref of [...this.#waiting.keys()]) this.#end(ref).reject(new CommandError("disconnected", { retryable: true }));
  }

  #end(ref) {
    const request = this.#waiting.get(ref);
    if (!request) return undefined;
    this.#waiting.delete(ref);
    this.#clock.cancel(request.timer);
    return request;
  }
}
