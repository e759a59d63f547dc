// A whole client without a browser: socket, storage and store on a fake clock.

import { createSocket } from "../../../chat/static/chat/js/connection/socket.js";
import { storageIn } from "../../../chat/static/chat/js/connection/storage.js";
import { MemoryCabinet } from "../../../chat/static/chat/js/connection/cabinet_memory.js";
import { loneTab } from "../../../chat/static/chat/js/connection/tab.js";
import { createStore } from "../../../chat/static/chat/js/state/store.js";
import { FakeClock } from "./fake_clock.js";
import { ANN, FakeServer } from "./fake_server.js";
import { seededIds } from "./seeded.js";

let devices = 0;

/** @returns {Promise<{clock, server, store, socket, storage, cabinet, network, rows: (id) => object[], conversation: (id) => object}>} */
export async function device({
  server = new FakeServer(),
  clock = new FakeClock(),
  me = ANN,
  cabinet = new MemoryCabinet(),
  tab = loneTab("tab"),
  random = () => 0,
  preferences,
  start = true,
} = {}) {
  devices += 1;
  const randomId = seededIds(devices);
  const storage = await storageIn(cabinet, { clock, randomId });
  const network = new FakeNetwork();
  const socket = createSocket({ url: "ws://node/ws/", open: server.open(me), clock, random, network });
  const store = createStore({ me, storage, socket, clock, randomId, tab, preferences, deviceName: "Test" });
  const made = {
    me,
    clock,
    server,
    store,
    socket,
    storage,
    cabinet,
    network,
    rows: (id) => store.messages(id).value.items,
    texts: (id) => store.messages(id).value.items.map((row) => row.text),
    conversation: (id) => store.conversations.value.find((each) => each.id === id),
    connection: () => [...server.connections].find((each) => each.device === storage.deviceId),
    said: (type) => server.said.filter((command) => command.type === type),
  };
  if (start) {
    await store.start();
    await clock.settle();
  }
  return made;
}

class FakeNetwork {
  online = true;
  #tell = () => {};

  isOnline = () => this.online;
  listen = (tell) => {
    this.#tell = tell;
    return () => (this.#tell = () => {});
  };

  say(news) {
    if (news === "online" || news === "offline") this.online = news === "online";
    this.#tell(news);
  }
}
