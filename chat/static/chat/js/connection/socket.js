// One lasting connection to the cluster: it opens, says hello, keeps watch, and comes back by itself where it may.

import { createBackoff } from "./backoff.js";
import { meaningOf } from "./closing.js";
import { steadyNetwork } from "./network.js";
import { Pulse } from "./pulse.js";
import { CommandError, Requests } from "./requests.js";
import { PROTOCOL, packFrames, parseFrame } from "./wire.js";

const WELCOME_MS = 10_000;
const ANSWER_MS = 10_000;
const NOT_READY_MS = 200;
const OPEN = 1; // WebSocket.OPEN
const STEADY_MS = 10_000; // a connection that lived this long was a good one
const ENDED = ["refused", "revoked", "logged_out"];

/**
 * @param {object} parts
 * @param {string} parts.url
 * @param {(url: string, protocols: string[]) => WebSocket} parts.open
 * @param {object} parts.clock see clock.js
 * @param {() => number} parts.random
 * @param {object} [parts.network] see network.js
 */
export function createSocket(parts) {
  return new Socket(parts);
}

class Socket {
  #url;
  #open;
  #clock;
  #network;
  #backoff;
  #requests;
  #pulse;
  #listener = { hello: () => ({}), isMe: () => true, opened() {}, events() {}, changed() {} };
  #status = { state: "connecting", cause: null, doubt: null, retryAt: null, latencyMs: null };
  #webSocket = null;
  #bye = null;
  #outgoing = [];
  #timer = null; // of the next try, or of the welcome
  #onlineSince = 0;
  #unlisten = null;

  constructor({ url, open, clock, random, network = steadyNetwork }) {
    this.#url = url;
    this.#open = open;
    this.#clock = clock;
    this.#network = network;
    this.#backoff = createBackoff(random);
    this.#requests = new Requests(clock);
    this.#pulse = new Pulse({
      clock,
      ping: () => this.measure(),
      giveUp: (cause) => this.#drop(cause, "growing"),
      doubted: (doubt) => this.#say({ doubt }),
      isWary: () => !network.isOnline(),
    });
  }

  /**
   * @param {{hello: () => object, isMe?: (user: object) => boolean, opened: (welcome: object) => void, events: (events: object[]) => void,
   *   changed: (status: object) => void}} listener
   */
  listen(listener) {
    this.#listener = { ...this.#listener, ...listener };
  }

  get status() {
    return this.#status;
  }

  get isOnline() {
    return this.#status.state === "online";
  }

  start() {
    this.#unlisten ??= this.#network.listen((news) => this.#networkSays(news));
    this.#connect();
  }

  stop() {
    this.#unlisten?.();
    this.#unlisten = null;
    this.#letGo();
  }

  /** Connect now instead of waiting for a pause, a silent node or a slow beginning; also after `refused` and `logged_out`, never after `revoked`. */
  retryNow() {
    const { state, cause, doubt } = this.#status;
    if (state === "revoked" || (state === "online" && doubt === null)) return;
    this.#say({ cause: doubt ?? cause });
    this.#connect();
  }

  /** Something is missing on this connection: begin another one, which brings it by cursor. */
  resync(cause = "gap") {
    if (this.isOnline) this.#drop(cause, "soon");
  }

  /** Make sure soon that the connection still lives. */
  doubt() {
    this.#pulse.doubt();
  }

  /** Ping now; the status tells the latency. */
  measure() {
    if (!this.isOnline) return;
    const since = this.#clock.now();
    const measured = () => this.#say({ latencyMs: Math.max(0, this.#clock.now() - since) });
    this.request({ type: "ping" }).then(measured, () => {});
  }

  /** Without waiting for an answer. @returns {boolean} whether it is on its way */
  send(command) {
    if (!this.isOnline) return false;
    this.#put(command);
    return true;
  }

  /** @returns {Promise<object>} the answer; rejects with CommandError */
  async request(command, timeoutMs = ANSWER_MS) {
    const until = this.#clock.now() + timeoutMs;
    for (;;) {
      try {
        return await this.#ask(command, timeoutMs);
      } catch (error) {
        if (error.code === "timeout") this.doubt();
        if (error.code !== "not_ready" || this.#clock.now() > until) throw error;
        await new Promise((resolve) => this.#clock.wait(resolve, NOT_READY_MS)); // the node is still bringing us up to date
      }
    }
  }

  #ask(command, timeoutMs) {
    if (!this.isOnline) return Promise.reject(new CommandError("disconnected", { retryable: true }));
    this.#pulse.expect();
    return this.#requests.ask(command, (numbered) => this.#put(numbered), timeoutMs);
  }

  #connect() {
    this.#letGo();
    this.#say({ state: "connecting", retryAt: null });
    this.#bye = null;
    let webSocket;
    try {
      webSocket = this.#open(this.#url, [PROTOCOL]);
    } catch {
      this.#retryAfter("unreachable", "growing"); // a browser throws for an address that it refuses
      return;
    }
    this.#webSocket = webSocket;
    this.#timer = this.#clock.wait(() => this.#drop("unreachable", "growing"), WELCOME_MS);
    const ifCurrent = (handle) => (event) => {
      if (webSocket === this.#webSocket) handle(event);
    };
    webSocket.onopen = ifCurrent(() => this.#sayHello());
    webSocket.onmessage = ifCurrent((event) => this.#take(parseFrame(event.data)));
    webSocket.onclose = ifCurrent((event) => this.#closed(event.code));
  }

  #sayHello() {
    const hello = { type: "hello", ...this.#listener.hello() };
    const put = (numbered) => this.#webSocket.send(packFrames([numbered])[0]);
    this.#requests.ask(hello, put, WELCOME_MS).catch((error) => this.#helloFailed(error));
  }

  #helloFailed(error) {
    if (error.code === "disconnected" || error.code === "timeout") return; // the end of the connection tells
    if (error.retryable) this.#drop("lost", error.retryAfterMs ?? "growing");
    else this.#end({ state: "refused", cause: "broken_protocol" });
  }

  #take(events) {
    this.#pulse.heard();
    for (const event of events) {
      this.#requests.settle(event);
      if (event.type === "bye") this.#bye = event;
      if (event.type === "welcome") this.#welcomed(event);
    }
    const news = events.filter((event) => event.type !== "welcome");
    if (news.length && this.#webSocket !== null) this.#listener.events(news);
  }

  #welcomed(welcome) {
    if (!this.#listener.isMe(welcome.user)) {
      this.#end({ state: "logged_out", cause: "other_user" }); // another tab has signed somebody else in: nothing of mine may go out as theirs
      return;
    }
    this.#clock.cancel(this.#timer);
    this.#onlineSince = this.#clock.now();
    this.#pulse.start(welcome.heartbeat_seconds ?? 15);
    const before = this.#status.cause;
    this.#say({ state: "online", cause: null, retryAt: null });
    this.#listener.opened(welcome, before);
  }

  #closed(code) {
    const wasOpen = this.isOnline;
    const meaning = meaningOf(code, this.#bye);
    if (meaning.state) this.#end(meaning);
    else this.#drop(!wasOpen && meaning.cause === "lost" ? "unreachable" : meaning.cause, meaning.pause);
  }

  #end({ state, cause }) {
    this.#letGo();
    this.#say({ state, cause, retryAt: null });
  }

  #drop(cause, pause) {
    if (this.isOnline && this.#clock.now() - this.#onlineSince >= STEADY_MS) this.#backoff.reset();
    this.#letGo();
    this.#retryAfter(cause, pause);
  }

  #retryAfter(cause, pause) {
    const ms = pause === "soon" ? this.#backoff.soon() : pause === "growing" ? this.#backoff.next() : pause;
    const state = this.#network.isOnline() ? "waiting" : "offline";
    this.#say({ state, cause: state === "offline" ? "offline" : cause, retryAt: this.#clock.now() + ms });
    this.#timer = this.#clock.wait(() => this.#connect(), ms);
  }

  #letGo() {
    const webSocket = this.#webSocket;
    this.#webSocket = null;
    this.#outgoing = [];
    this.#clock.cancel(this.#timer);
    this.#pulse.stop();
    if (this.isOnline) this.#say({ state: "connecting", latencyMs: null });
    this.#requests.fail();
    webSocket?.close(1000);
  }

  #put(command) {
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush());
    this.#outgoing.push(command);
  }

  #flush() {
    const commands = this.#outgoing;
    this.#outgoing = [];
    if (this.#webSocket === null || this.#webSocket.readyState > OPEN) return; // its end is about to be told, and fails them
    for (const frame of packFrames(commands)) this.#webSocket.send(frame);
  }

  #networkSays(news) {
    const { state } = this.#status;
    if (this.isOnline) this.#pulse.doubt(news === "offline" ? "offline" : "silent");
    else if (news === "offline" && state === "waiting") this.#say({ state: "offline", cause: "offline" });
    else if (news === "online" && state === "connecting") this.#connect(); // what was begun without a network may hang
    else if (news === "woke" && state === "logged_out") this.#connect(); // perhaps signed in again, in another tab
    else if (news !== "offline" && this.#webSocket === null && !ENDED.includes(state)) this.#connect();
  }

  #say(news) {
    this.#status = { ...this.#status, ...news };
    this.#listener.changed(this.#status);
  }
}
