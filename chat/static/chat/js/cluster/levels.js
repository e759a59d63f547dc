// From when on a figure is worth a look, and from when on it is trouble; the same numbers as in docs/operations.md.

const LEVELS = {
  loop_lag_seconds: [0.1, 0.5],
  publish_lag_seconds: [0.25, 2],
  redis_seconds: [0.05, 0.5],
  post_seconds: [0.1, 1],
  latency_seconds: [0.1, 1],
  session_lag_seconds: [10, 60],
  database_waiting: [200, 1000],
};

/** @returns {"good" | "warn" | "bad"} what is not known is good */
export function levelOf(name, value) {
  const [warn, bad] = LEVELS[name] ?? [Infinity, Infinity];
  if (typeof value !== "number" || value < warn) return "good";
  return value < bad ? "warn" : "bad";
}
