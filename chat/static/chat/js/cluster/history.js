// The last minute of a few figures, for the lines beside them.

const SAMPLES = 60;

export class History {
  #rings = new Map(); // key → numbers, the latest last
  #seen = new Set();

  /** Take the next second; figures that are null leave a gap. */
  add(figures) {
    for (const [key, value] of Object.entries(figures)) this.#push(key, value);
  }

  of(key) {
    return this.#rings.get(key) ?? [];
  }

  /** By how much a counter has grown in the last minute. */
  grownOf(key) {
    const values = this.of(key);
    return values.length ? values.at(-1) - values[0] : 0;
  }

  /** Forget what was not added since this was called before: nodes that are no more. */
  forgetUnseen() {
    for (const key of this.#rings.keys()) if (!this.#seen.has(key)) this.#rings.delete(key);
    this.#seen.clear();
  }

  #push(key, value) {
    this.#seen.add(key);
    this.#rings.set(key, [...this.of(key), value].slice(-SAMPLES));
  }
}

/** The `d` of a path through these values, in a box; "" for fewer than two. The highest value reaches the top, and zero lies at the bottom. */
export function lineThrough(values, { width, height, most = SAMPLES }) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const top = Math.max(...known, 1e-9);
  const step = width / (most - 1);
  const start = width - (values.length - 1) * step;
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isDrawing = false;
        return "";
      }
      const verb = isDrawing ? "L" : "M";
      isDrawing = true;
      return `${verb}${round(start + index * step)} ${round(height - 1 - (value / top) * (height - 2))}`;
    })
    .join("");
}

const round = (value) => Math.round(value * 10) / 10;
