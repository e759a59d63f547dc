// The whole cluster in a few figures.

export const isThere = (node) => node.state !== "gone" && node.state !== "left";

/** @returns sums over the nodes that are there, the worst of their lags, and null where no node says anything */
export function totalsOf(nodes) {
  const there = nodes.filter(isThere);
  const rates = there.map((node) => node.rates).filter(Boolean);
  return {
    there: there.length,
    open: there.filter((node) => node.state === "open").length,
    gone: nodes.filter((node) => node.state === "gone").length,
    connections: sum(there, (node) => node.connections),
    messages: rates.length ? sum(rates, (rate) => rate.messages) : null,
    deliveries: rates.length ? sum(rates, (rate) => rate.deliveries) : null,
    publishLag: worst(there, (node) => node.publish_lag_seconds),
    loopLag: worst(there, (node) => node.loop_lag_seconds),
    memory: sum(there, (node) => node.memory_bytes ?? 0),
  };
}

const sum = (items, value) => items.reduce((total, item) => total + value(item), 0);
const worst = (items, value) => (items.length ? Math.max(...items.map(value)) : null);

/** The names under which more than one node is there: a mistake in the settings. */
export function twins(nodes) {
  const names = nodes.filter(isThere).map((node) => node.name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** Whether this is the only node that takes devices: then nothing can take its place. */
export const isLastOpen = (node, nodes) => nodes.every((each) => each.life === node.life || each.state !== "open");
