// Desktop notifications: asked for by a click, silent while one looks, and rung by one tab only.
import { signal } from "@preact/signals";
import { go } from "./address.js";
import { store } from "./page.js";
import { attentive } from "./screen.js";
import { titleOf } from "./conversation_title.js";

const KEY = "distchat.notifications";
const PAUSE_MS = 1500; // Another device on which it is being read silences this one.

/** "missing" (the browser has none here), "denied", "off" or "on". */
export const notifying = signal("off");

export function startNotifying() {
  notifying.value = readState();
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

function consider({ id, unread, muted, lastMessage }) {
  if (notifying.value !== "on" || attentive.value || muted || unread === 0 || lastMessage.mine || lastMessage.kind === "system") return;
  setTimeout(() => ring(id, lastMessage), PAUSE_MS);
}

function ring(id, message) {
  const conversation = store.conversations.value.find((each) => each.id === id);
  if (!conversation || attentive.value || conversation.readSeq >= message.seq || conversation.lastMessage?.seq !== message.seq) return;
  const isGroup = conversation.kind === "group";
  const body = isGroup ? `${message.senderName}: ${message.text}` : message.text;
  try {
    // The same tag in another tab of this browser replaces this one instead of ringing again.
    const notification = new Notification(titleOf(conversation), { body: body.slice(0, 200), tag: `${id}-${message.seq}` });
    notification.onclick = () => (window.focus(), notification.close(), go(id));
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
