// Pictures as the server sends them.

const COUNTERS = ["messages", "changes", "deliveries", "published", "received", "gap_reads", "sweep_finds"];

export const node = (name, { rates = {}, counters = {}, ...fields } = {}) => ({
  name,
  life: name.padEnd(32, "0"),
  version: "1.0",
  state: "open",
  age: 0.5,
  uptime: 60,
  degraded: [],
  connections: 0,
  publish_lag_seconds: 0,
  loop_lag_seconds: 0,
  memory_bytes: 1024,
  redis_seconds: 0.001,
  rates: rates && { messages: 0, deliveries: 0, cpu: 0, ...rates },
  counters: { ...Object.fromEntries(COUNTERS.map((each) => [each, 0])), ...counters },
  ...fields,
});

export const picture = (...nodes) => ({
  type: "picture",
  node: "server_1",
  board: "up",
  announcement: null,
  nodes,
  unreadable: 0,
  redis: [{ address: "10.0.0.9:6379", up: true, warnings: [] }],
  database: { up: true, kind: "PostgreSQL", warnings: [] },
});
