// Puts the page together: what the server wrote into it, storage, socket, store, and the view on top.
import { render } from "preact";
import { systemClock } from "./connection/clock.js";
import { browserNetwork } from "./connection/network.js";
import { createPreferences } from "./connection/preferences.js";
import { putAwayIn } from "./connection/put_away.js";
import { createSocket } from "./connection/socket.js";
import { openStorage } from "./connection/storage.js";
import { openTab } from "./connection/tab.js";
import { createUuids } from "./connection/uuid.js";
import { createStore } from "./state/store.js";
import { App } from "./view/app.js";
import { followAddress } from "./view/address.js";
import { deviceName } from "./view/device_name.js";
import { renderByFrame } from "./view/frames.js";
import { fetchSecondWave } from "./view/later.js";
import { watchLeaving } from "./view/leaving.js";
import { html } from "./view/html.js";
import { startNotifying } from "./view/notifications.js";
import { provide } from "./view/page.js";
import { followPreferences, theme } from "./view/preferences.js";
import { watchAttention, watchWidth } from "./view/screen.js";
import { listenToKeys } from "./view/shortcuts.js";
import { followTime } from "./view/time.js";
import { followNotices } from "./view/toasts.js";
import { showUnreadSigns } from "./view/unread_signs.js";
import { speak, t } from "./words/index.js";

const page = JSON.parse(document.getElementById("page-data").textContent);

const SECOND_WAVE_MS = 2000; // By then the first look is over; what is wanted sooner is fetched at once.

async function begin() {
  const [, parts] = await Promise.all([speak(page.language), openParts()]);
  const store = createStore(parts);
  provide({ store, page });
  theme.value = page.theme;
  followTime(() => store.now());
  watchAttention();
  watchWidth();
  watchLeaving();
  renderByFrame();
  store.start();
  followAddress();
  followNotices();
  followPreferences();
  startNotifying();
  showUnreadSigns();
  listenToKeys();
  const place = document.getElementById("app");
  place.replaceChildren();
  render(html`<${App} />`, place);
  setTimeout(fetchSecondWave, SECOND_WAVE_MS);
}

/** Everything that the store needs of the browser. */
async function openParts() {
  const clock = systemClock(globalThis);
  const randomId = createUuids((bytes) => crypto.getRandomValues(bytes));
  const network = browserNetwork(globalThis);
  const [storage, tab] = await Promise.all([
    openStorage({ indexedDB: indexedDatabase(), webStorage: localStore(), userId: page.user.id, clock, randomId }),
    openTab({ locks: navigator.locks, session: sessionStore(), randomId }),
  ]);
  const open = (url, protocols) => new WebSocket(url, protocols);
  const socket = createSocket({ url: socketUrl(), open, clock, random: Math.random, network });
  const preferences = createPreferences({ fetch: (...all) => fetch(...all), csrf: page.csrf });
  return { me: page.user, storage, socket, clock, randomId, tab, preferences, putAway: putAwayIn(localStore()), deviceName: deviceName(navigator), platform: "web", words: t, serverNow: page.now };
}

const socketUrl = () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/`;

/** Where storage is forbidden, already naming it throws. */
function indexedDatabase() {
  try {
    return globalThis.indexedDB;
  } catch {
    return undefined;
  }
}

function localStore() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

function sessionStore() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

begin();
