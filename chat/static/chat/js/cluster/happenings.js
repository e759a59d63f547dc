// What has happened between two pictures, in order: for the log below them, and for those who hear the page.

import { isThere, twins } from "./totals.js";

/** @returns {{kind: string, node?: string, why?: string}[]} nothing for the first picture */
export function happeningsBetween(before, after) {
  if (!before) return [];
  return [...ofNodes(before.nodes, after.nodes), ...ofStores(before, after)];
}

function ofNodes(before, after) {
  const known = new Map(before.map((node) => [node.life, node]));
  const names = new Set(before.map((node) => node.name));
  const changed = after.flatMap((node) => {
    const kind = kindOf(known.get(node.life), node, names);
    return kind ? [{ kind, node: node.name }] : [];
  });
  const newTwins = twins(after).filter((name) => !twins(before).includes(name));
  return [...changed, ...newTwins.map((node) => ({ kind: "twins", node }))];
}

function kindOf(before, { state, name, degraded }, names) {
  if (!before) return isThere({ state }) ? (names.has(name) ? "restarted" : "appeared") : null;
  if (before.state === state) return degradedKind(before.degraded, degraded);
  if (before.state === "gone") return isThere({ state }) ? "back" : null;
  if (before.state === "drained" && state === "open") return "undrained";
  return { gone: "gone", left: "left", drained: "drained", leaving: "leaving" }[state] ?? null;
}

function degradedKind(before, after) {
  if (after.length > 0 && before.length === 0) return "degraded";
  return before.length > 0 && after.length === 0 ? "well" : null;
}

function ofStores(before, after) {
  const found = [];
  const was = new Map((before.redis ?? []).map((redis) => [redis.address, redis.up]));
  for (const { address, up } of after.redis ?? []) {
    if (was.has(address) && was.get(address) !== up) found.push({ kind: up ? "store_up" : "store_down", node: `Redis ${address}` });
  }
  if (before.database && after.database && before.database.up !== after.database.up) {
    found.push({ kind: after.database.up ? "store_up" : "store_down", node: after.database.kind ?? before.database.kind ?? "SQL" });
  }
  const { id } = after.announcement ?? {};
  if (id && before.announcement?.id !== id) found.push({ kind: "announced" });
  if (!id && before.announcement) found.push({ kind: "announcement_over" });
  return found;
}
