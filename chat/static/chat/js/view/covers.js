// On a phone what lies over the page, a panel or a window, has a history entry of its own: "back" closes it first.
// The entry's `over` says how many lie there. Walking back takes the browser a moment; meanwhile nothing else moves.
import { batch, effect } from "@preact/signals";
import { dialog, narrow, panel } from "./screen.js";

const LONGEST_MS = 1000; // If the browser did not walk, nothing may wait for it for ever.
let walking = null;
let waiting = null;

const covers = () => (narrow.value ? Number(panel.value !== null) + Number(dialog.value !== null) : 0);
const entries = () => history.state?.over ?? 0;

/** Call once: from then on the history follows what is open. */
export function followCovers() {
  return effect(() => {
    covers();
    queueMicrotask(settle); // So that a window that opens from another one is no closing.
  });
}

/** Makes `path` the page's address; it takes the place of what lay over the page. */
export function enter(path) {
  if (entries() > 0) history.replaceState({ inside: true }, "", path);
  else history.pushState({ inside: true }, "", path);
}

/** Runs `task` now, or when the browser has arrived. */
export function whenArrived(task) {
  if (walking === null) task();
  else waiting = task;
}

/** Call when the browser has moved within the same page: closes what this entry does not know of. */
export function closeCovers() {
  if (walking !== null) return; // It was closed before, and that is why the browser moved.
  batch(() => {
    if (covers() > entries()) dialog.value = null;
    if (covers() > entries()) panel.value = null;
  });
}

/** Call after each move of the browser. */
export function arrived() {
  clearTimeout(walking);
  walking = null;
  settle();
  if (walking !== null || waiting === null) return;
  const task = waiting;
  waiting = null;
  task();
}

function settle() {
  if (walking !== null) return;
  for (let over = entries() + 1; over <= covers(); over++) history.pushState({ ...history.state, over }, "");
  if (entries() > covers()) walkBack(entries() - covers());
}

function walkBack(steps) {
  walking = setTimeout(arrived, LONGEST_MS);
  history.go(-steps);
}
