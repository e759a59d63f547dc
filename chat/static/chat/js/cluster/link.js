// The socket of the page: pictures come by themselves; when it breaks it comes back by itself, unless one may not look any more.

import { createBackoff } from "../connection/backoff.js";

const REFUSED_CODE = 4403;
const SILENT_MS = 6_000; // pictures come every second

/**
 * @param {{url: string, open: (url: string) => WebSocket, clock: object, random?: () => number,
 *   shown: (picture: object) => void, changed: (state: "connecting" | "live" | "lost" | "refused") => void}} parts
 */
export class Link {
  #parts;
  #backoff;
  #socket = null;
  #timer = null;
  #watch = null;

  constructor(parts) {
    this.#parts = parts;
    this.#backoff = createBackoff(parts.random ?? Math.random);
  }

  start() {
    this.#connect();
  }

  stop() {
    this.#parts.clock.cancel(this.#timer);
    this.#parts.clock.cancel(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Try at once: the page has come into view, or the network is back. */
  hurry() {
    if (this.#timer === null) return;
    this.#parts.clock.cancel(this.#timer);
    this.#connect();
  }

  #connect() {
    this.#timer = null;
    const socket = this.#parts.open(this.#parts.url);
    this.#socket = socket;
    this.#watchSilence(socket);
    socket.onmessage = ({ data }) => this.#heard(socket, data);
    socket.onclose = ({ code }) => this.#closed(socket, code);
  }

  #heard(socket, data) {
    if (socket !== this.#socket) return;
    const picture = parse(data);
    if (picture === null) return;
    this.#backoff.reset();
    this.#watchSilence(socket);
    this.#parts.changed("live");
    this.#parts.shown(picture);
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#parts.clock.cancel(this.#watch);
    if (code === REFUSED_CODE) {
      this.#parts.changed("refused");
      return;
    }
    this.#parts.changed("lost");
    this.#timer = this.#parts.clock.wait(() => this.#connect(), this.#backoff.next());
  }

  #watchSilence(socket) {
    const { clock } = this.#parts;
    clock.cancel(this.#watch);
    this.#watch = clock.wait(() => {
      if (socket !== this.#socket) return;
      this.#closed(socket, 1006);
      socket.close();
    }, SILENT_MS);
  }
}

/** A picture, or null for anything else. */
function parse(data) {
  try {
    const said = JSON.parse(data);
    return said?.type === "picture" && Array.isArray(said.nodes) ? said : null;
  } catch {
    return null;
  }
}
