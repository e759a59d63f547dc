// The address bar: /, /c/<conversation>/ and /c/<conversation>/<seq>/, with the browser's own back and forward.
import { batch } from "@preact/signals";
import { arrived, closeCovers, enter, followCovers, whenArrived } from "./covers.js";
import { store } from "./page.js";
import { dialog, leftUnread, narrow, panel, subject, target } from "./screen.js";

export function readAddress(path) {
  const found = /^\/c\/(\d{1,15})\/(?:(\d{1,15})\/)?$/.exec(path);
  return found ? { id: Number(found[1]), seq: found[2] ? Number(found[2]) : null } : { id: null, seq: null };
}

export function addressOf(id, seq = null) {
  if (id === null) return "/";
  return seq === null ? `/c/${id}/` : `/c/${id}/${seq}/`;
}

/** Opens a conversation (null: the list), at a message when `seq` is given. */
export function go(id, seq = null) {
  whenArrived(() => {
    const path = addressOf(id, seq);
    if (path !== location.pathname) enter(path);
    follow();
  });
}

/** Back to the list: by the browser's own way when we came from there, so that "back" stays honest. */
export function goBack() {
  if (history.state?.inside) history.go(-1 - (history.state.over ?? 0));
  else go(null);
}

export function followAddress() {
  addEventListener("popstate", () => {
    if (location.pathname === shown) closeCovers();
    else follow();
    arrived();
  });
  follow();
  followCovers();
}

let visits = 0;
let shown = null;

function follow() {
  const { id, seq } = readAddress(location.pathname);
  shown = location.pathname;
  batch(() => {
    dialog.value = null;
    if (narrow.value) panel.value = null;
    if (subject.value?.conversation !== id) subject.value = null;
    if (panel.value === "members" && id === null) panel.value = null;
    if (store.current.value !== id) leftUnread.value = null;
    target.value = seq === null ? null : { conversation: id, seq, visit: ++visits };
    store.openConversation(id);
  });
}
