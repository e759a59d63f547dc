// Which messages travelled in the second that two pictures lie apart, and how many dots stand for them.

export const MOST_DOTS = 6; // for each way and second: more cannot be told apart

/** The ways: device → node (up), node → database (store), node → Redis (out), Redis → node (in), node → devices (down). */
const WAYS = { up: "messages", store: "changes", out: "published", in: "received", down: "deliveries" };

/** @returns {{life: string, way: string, messages: number, dots: number}[]} only what was moving */
export function flowsBetween(before, after) {
  const known = new Map((before?.nodes ?? []).map((node) => [node.life, node]));
  return after.nodes.flatMap((node) => {
    const earlier = known.get(node.life);
    if (!earlier) return [];
    return Object.entries(WAYS).flatMap(([way, counter]) => {
      const messages = node.counters[counter] - earlier.counters[counter];
      return messages > 0 ? [{ life: node.life, way, messages, dots: Math.min(messages, MOST_DOTS) }] : [];
    });
  });
}

/** How large a dot is that stands for so many messages. */
export const radiusOf = (messages) => Math.min(7, 3 + Math.log10(Math.max(1, messages)));

/** When a dot of this way starts, in milliseconds after the picture: what comes in first goes on first. */
export function startsOf({ way, dots }, random = Math.random) {
  const stage = { up: 0, store: 350, out: 350, in: 700, down: 700 }[way];
  return Array.from({ length: dots }, (_, index) => stage + (900 / dots) * (index + random() / 2));
}
