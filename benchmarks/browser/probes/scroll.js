// Scrolls through the whole history, `step` pixels a frame (negative: up): what was seen, the most rows, and the gaps between frames (ms).
async (step) => {
  const scroller = document.querySelector(".scroller");
  const seen = {};
  const gaps = [];
  let [most, last, waited] = [0, null, 0];
  while (waited < 240) {
    const now = await new Promise(requestAnimationFrame);
    if (last !== null) gaps.push(now - last);
    last = now;
    const rows = scroller.querySelectorAll("li[data-key]");
    most = Math.max(most, rows.length);
    for (const row of [rows[0], rows[rows.length - 1], ...rows]) {
      if (!(row.dataset.key in seen)) seen[row.dataset.key] = row.querySelector(".body")?.textContent.trim() ?? null;
    }
    const before = scroller.scrollTop;
    scroller.scrollTop += step;
    const isAtEnd = Math.abs(scroller.scrollTop - before) < 1;
    if (isAtEnd && step < 0 && scroller.querySelector(".beginning")) break;
    if (isAtEnd && step > 0 && !document.querySelector(".jump")) break;
    waited = isAtEnd ? waited + 1 : 0; // the next page is on its way
  }
  return { seen, most, gaps };
};
