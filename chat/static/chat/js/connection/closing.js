// What the end of a connection means: come back by growing pauses, at once, after a while, or not at all.

const REASONS = { restart: 1012, too_slow: 4408, flooding: 4429, broken_protocol: 4400, not_logged_in: 4401, revoked: 4403 };
const FLOODING_MS = 60_000;

/** Close code → the `state` of a connection that does not come back by itself. */
const FINAL = {
  4400: { state: "refused", cause: "broken_protocol" },
  4401: { state: "logged_out", cause: "not_logged_in" },
  4403: { state: "revoked", cause: "revoked" },
};
const SOON = { 1012: "restart", 4408: "too_slow" };

/**
 * @param {number} closeCode of the WebSocket
 * @param {{reason: string, reconnect_after_ms?: number} | null} bye the last event, where one came
 * @returns {{state?: string, cause: string, pause?: "soon" | "growing" | number}} with `state`: stay away;
 *   else `pause`, as a kind or in milliseconds
 */
export function meaningOf(closeCode, bye) {
  const code = closeCode >= 4000 || closeCode === 1012 ? closeCode : (REASONS[bye?.reason] ?? closeCode);
  if (FINAL[code]) return FINAL[code];
  if (SOON[code]) return { cause: SOON[code], pause: bye?.reconnect_after_ms ?? "soon" };
  if (code === 4429) return { cause: "flooding", pause: bye?.reconnect_after_ms ?? FLOODING_MS };
  return { cause: "lost", pause: bye?.reconnect_after_ms ?? "growing" };
}
