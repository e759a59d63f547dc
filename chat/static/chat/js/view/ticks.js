// How far one's own message has got: clock, one tick, two ticks, two coloured ticks; each also in words.
import { html } from "./html.js";
import { t } from "../words/index.js";

const SHAPES = {
  queued: "M8 4.5V8l2.4 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
  sending: "M8 4.5V8l2.4 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
  stored: "M3.5 8.5 7 12l6-7.5",
  delivered: "M.8 8.5 4.3 12l6-7.5M7.6 11.4l.6.6 6-7.5",
  read: "M.8 8.5 4.3 12l6-7.5M7.6 11.4l.6.6 6-7.5",
  failed: "M8 4.5v4.2M8 11.2v.3M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
};

export function Ticks({ status }) {
  const said = t(`status_${status}`);
  return html`
    <span class=${`ticks ${status}`} role="img" aria-label=${said} title=${said}>
      <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true"><path d=${SHAPES[status] ?? SHAPES.queued} /></svg>
    </span>
  `;
}
