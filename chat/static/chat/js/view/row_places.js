// Where the rows stand in the scrolled area; by halving, since rows stand one below the other.

export const keyOf = (row) => row?.dataset.key ?? null;

export function rowAt(rows, key) {
  for (let row = rows.lastElementChild; row; row = row.previousElementSibling) if (row.dataset.key === key) return row;
  return null;
}

/** The first row of which something is to be seen. */
export function topmostVisible(scroller, rows) {
  const found = firstBelow(rows.children, scroller.scrollTop);
  return found < rows.children.length ? nextKeyed(rows.children[found]) : null;
}

/** The last row that is seen up to its end, or that fills the view. */
export function lastVisible(scroller, rows) {
  const bottom = scroller.scrollTop + scroller.clientHeight;
  const found = firstBelow(rows.children, bottom - 1);
  if (found >= rows.children.length) return rows.lastElementChild;
  const row = rows.children[found];
  return row.offsetTop <= scroller.scrollTop ? row : row.previousElementSibling;
}

/** The index of the first row that ends below `y`. */
function firstBelow(children, y) {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = children[middle];
    if (row.offsetTop + row.offsetHeight > y) high = middle;
    else low = middle + 1;
  }
  return low;
}

function nextKeyed(row) {
  while (row && row.dataset.key === undefined) row = row.nextElementSibling;
  return row;
}
