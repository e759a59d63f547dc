// Scrolls up to the beginning, as a finger does: what was seen, the most rows at once, and the length of the frames.
async () => {
  const scroller = document.querySelector(".scroller");
  const seen = new Map();
  const frames = [];
  let [most, last, waited] = [0, performance.now(), 0];
  while (waited < 2000) {
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
    const rows = scroller.querySelectorAll("li[data-key]");
    most = Math.max(most, rows.length);
    for (const row of rows) {
      const body = row.querySelector(".body");
      if (body) seen.set(row.dataset.key, body.textContent.trim());
    }
    const isAtTop = scroller.scrollTop <= 0;
    if (isAtTop && scroller.querySelector(".beginning")) break;
    waited = isAtTop ? waited + 1 : 0; // the next page is on its way
    scroller.scrollTop -= 240;
  }
  return { texts: [...seen.values()], most, frames: frames.sort((one, other) => one - other) };
}
