// What a screen reader hears: new messages of others in the open conversation, and nothing of the history.
import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { store } from "./page.js";
import { heardOf } from "./hearing.js";

const PAUSE_MS = 700;

export function Announcer() {
  const [text, setText] = useState("");
  const id = store.current.value;
  useEffect(() => (id === null ? undefined : listen(id, setText)), [id]);
  return html`<div class="spoken" role="log" aria-live="polite" aria-relevant="additions text" aria-atomic="true">${text}</div>`;
}

/** Gathers what comes within a moment, so that a burst is said as a number. */
function listen(id, say) {
  let heard = null;
  let waiting = [];
  let timer = 0;
  const tell = () => {
    timer = 0;
    say(heardOf(waiting));
    waiting = [];
  };
  const stop = store.messages(id).subscribe(({ items, ready, mode }) => {
    if (!ready || mode !== "live") return;
    const latest = items.findLast((row) => row.seq !== null)?.seq ?? 0;
    if (heard !== null && latest > heard) {
      waiting.push(...items.slice(-200).filter((row) => row.seq > heard && !row.mine));
      if (timer === 0 && waiting.length > 0) timer = setTimeout(tell, PAUSE_MS);
    }
    if (heard === null || latest > heard) heard = latest;
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
