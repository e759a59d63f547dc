// Where everything stands in the drawing, and the ways between; pure geometry in pixels.

const NODE = { width: 168, least: 104, height: 62 };
const STORE = { width: 190, least: 120, height: 54 };
const GAP = 24;
const SMALL_GAP = 10;
const ROWS = { stores: 14, nodes: 156, devices: 296 };
const HEIGHT = 366;
const DOTS_A_ROW = 12;
const DOT_ROWS = 3;
export const MOST_DEVICES = DOTS_A_ROW * DOT_ROWS;
const LANE = 12;

/**
 * @param {{width: number, nodes: {life: string, connections: number}[], stores: string[]}} wanted `stores`: the database, then each Redis
 * @returns {{width, height, nodes, stores, ways}} `ways`: `life/way` → the four points of a Bézier curve
 */
export function layoutOf({ width, nodes, stores }) {
  const gap = width < 500 ? SMALL_GAP : GAP;
  const least = Math.max(nodes.length * (NODE.least + gap), stores.length * (STORE.least + gap)) + gap;
  const full = Math.max(width, least);
  const placedNodes = row(nodes, full, ROWS.nodes, NODE, gap).map((place, index) => ({
    ...place,
    life: nodes[index].life,
    devices: devicesBelow(place, nodes[index].connections),
  }));
  const seen = Math.max(Math.min(width, full), stores.length * (STORE.least + gap)); // where the drawing is wider than the screen, stores stay on it
  const placedStores = row(stores, seen, ROWS.stores, STORE, gap).map((place, index) => ({ ...place, key: stores[index] }));
  return { width: full, height: HEIGHT, nodes: placedNodes, stores: placedStores, ways: waysOf(placedNodes, placedStores) };
}

/** In one row, evenly; each in the middle of its part. */
function row(items, full, y, { width, height }, gap) {
  const part = full / Math.max(1, items.length);
  const size = Math.min(width, part - gap);
  return items.map((_, index) => ({ x: part * (index + 0.5) - size / 2, y, width: size, height, middle: part * (index + 0.5) }));
}

/** One dot for each connection, up to MOST_DEVICES, or as many as there is room for. */
function devicesBelow({ middle, width }, connections) {
  const aRow = Math.min(DOTS_A_ROW, Math.floor(width / 9));
  const dots = Math.min(connections, aRow * DOT_ROWS);
  const step = Math.min(13, width / aRow);
  return Array.from({ length: dots }, (_, index) => {
    const inRow = Math.min(aRow, dots - Math.floor(index / aRow) * aRow);
    return { x: middle + ((index % aRow) - (inRow - 1) / 2) * step, y: ROWS.devices + Math.floor(index / aRow) * 13 };
  });
}

function waysOf(nodes, [database, ...redis]) {
  const ways = new Map();
  for (const node of nodes) {
    const top = node.y;
    const bottom = node.y + node.height;
    const floor = ROWS.devices - 10;
    ways.set(`${node.life}/up`, curve(node.middle - LANE, floor, node.middle - LANE, bottom));
    ways.set(`${node.life}/down`, curve(node.middle + LANE, bottom, node.middle + LANE, floor));
    if (database) ways.set(`${node.life}/store`, curve(node.middle - node.width / 4, top, database.middle, database.y + database.height));
    redis.forEach((each, index) => {
      const foot = each.y + each.height;
      ways.set(`${node.life}/out/${index}`, curve(node.middle + node.width / 4 - LANE, top, each.middle - LANE, foot));
      ways.set(`${node.life}/in/${index}`, curve(each.middle + LANE, foot, node.middle + node.width / 4 + LANE, top));
    });
  }
  return ways;
}

/** Leaves and arrives upright; straight where it leads straight up or down. */
const curve = (x1, y1, x2, y2) => [x1, y1, x1, (y1 + y2) / 2, x2, (y1 + y2) / 2, x2, y2];

/** The point at `part` (0 to 1) of a cubic Bézier curve. */
export function along([x0, y0, x1, y1, x2, y2, x3, y3], part) {
  const rest = 1 - part;
  const [a, b, c, d] = [rest ** 3, 3 * rest ** 2 * part, 3 * rest * part ** 2, part ** 3];
  return { x: a * x0 + b * x1 + c * x2 + d * x3, y: a * y0 + b * y1 + c * y2 + d * y3 };
}

export const pathOf = ([x0, y0, ...rest]) => `M${x0} ${y0}C${rest.join(" ")}`;
