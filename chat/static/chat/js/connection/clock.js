// Time and timers of the browser, behind four small functions that a test can replace.

const HIDDEN_FRAME_MS = 100; // a hidden page gets no animation frames

/**
 * @param {typeof globalThis} host
 * @returns {{now(): number, wait(task: () => void, ms: number): unknown, cancel(timer: unknown): void, frame(task: () => void): void}}
 *   `now` in milliseconds since 1970; `frame` runs the task once, before the next picture or after 100 ms.
 */
export function systemClock(host) {
  return {
    now: () => host.Date.now(),
    wait: (task, ms) => host.setTimeout(task, ms),
    cancel: (timer) => host.clearTimeout(timer),
    frame: (task) => onceOf(host, task),
  };
}

function onceOf(host, task) {
  let done = false;
  const run = () => {
    if (done) return;
    done = true;
    host.clearTimeout(timer);
    task();
  };
  const timer = host.setTimeout(run, HIDDEN_FRAME_MS);
  host.requestAnimationFrame?.(run);
}
