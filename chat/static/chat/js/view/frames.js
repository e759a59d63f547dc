// Rendering by animation frame: whatever comes within one frame is drawn once.
import { options } from "preact";

export function renderByFrame() {
  // A hidden page has no frames; without a timer its changes would wait, and then come all at once.
  options.debounceRendering = (render) => (document.hidden ? setTimeout(render, 250) : requestAnimationFrame(render));
}
