// Desktop notifications: asked for by a click, silent while one looks, and rung by one tab of one device.
// The rule, and why: docs/decisions/ringing.md.
import { signal } from "@preact/signals";
import { go } from "./address.js";
import { store } from "./page.js";
import { plainOf } from "./plain.js";
import { attentive } from "./screen.js";
import { titleOf } from "./conversation_title.js";

const KEY = "distchat.notifications";
const PAUSE_MS = 1_500; // Where it is being read, it is read by then.
const LATER_MS = 30_000; // For a device that is not the one used last.
const HUSH_MS = 60_000;

/** "missing" (the browser has none here), "denied", "off" or "on". */
export const notifying = signal("off");
let usedAt = Date.now();

export function startNotifying() {
  notifying.value = readState();
  for (const name of ["keydown", "pointerdown"]) addEventListener(name, noteUse, { capture: true, passive: true });
  attentive.subscribe((isLookedAt) => isLookedAt && noteUse());
  const seen = new Map();
  return store.conversations.subscribe((conversations) => {
    for (const each of conversations) {
      const seq = each.lastMessage?.seq ?? 0;
      const before = seen.get(each.id);
      seen.set(each.id, seq);
      if (before !== undefined && seq > before) consider(each);
    }
  });
}

export async function askToNotify() {
  const answer = await Notification.requestPermission();
  keep(answer === "granted" ? "on" : "off");
  notifying.value = readState();
}

export function stopNotifying() {
  keep("off");
  notifying.value = readState();
}

const noteUse = () => (usedAt = Date.now());
const tagOf = (id, { seq }) => `${id}-${seq}`;

function consider({ id, unread, muted, lastMessage }) {
  if (notifying.value !== "on" || muted || unread === 0 || lastMessage.mine || lastMessage.kind === "system") return;
  if (attentive.value) {
    alone(tagOf(id, lastMessage), () => {}); // the other tabs of this browser need not ring either
    return;
  }
  const arrivedAt = Date.now();
  const isLastUsed = usedAt >= store.actedElsewhereAt();
  setTimeout(() => ring(id, lastMessage, arrivedAt), isLastUsed ? PAUSE_MS : LATER_MS);
}

function ring(id, message, arrivedAt) {
  const conversation = store.conversations.value.find((each) => each.id === id);
  if (!conversation || attentive.value || conversation.readSeq >= message.seq || conversation.lastMessage?.seq !== message.seq) return;
  if (store.actedElsewhereAt() >= arrivedAt) return; // one is there, and has seen that it came
  alone(tagOf(id, message), () => show(conversation, message));
}

/** Run `task` unless another tab of this browser has done the same; the locks are there wherever notifications are. */
function alone(tag, task) {
  if (!navigator.locks) return task();
  const hold = (lock) => {
    if (!lock) return undefined;
    task();
    return new Promise((release) => setTimeout(release, HUSH_MS));
  };
  return navigator.locks.request(`distchat.ring.${tag}`, { ifAvailable: true }, hold).catch(task);
}

function show(conversation, message) {
  const isGroup = conversation.kind === "group";
  const text = plainOf(message.text);
  const body = isGroup ? `${message.senderName}: ${text}` : text;
  try {
    const notification = new Notification(titleOf(conversation), { body: body.slice(0, 200), tag: tagOf(conversation.id, message) });
    notification.onclick = () => (window.focus(), notification.close(), go(conversation.id));
  } catch {
    notifying.value = "missing"; // Chrome on Android has the constructor and refuses it outside service workers.
  }
}

function readState() {
  if (typeof Notification === "undefined" || !isSecureContext) return "missing";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && kept() === "on" ? "on" : "off";
}

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // Storage is forbidden.
  }
}

function keep(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // Storage is forbidden: it holds until the page is closed.
  }
}
