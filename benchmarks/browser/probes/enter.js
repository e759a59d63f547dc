// Chooses the conversation with this title in the list: milliseconds until its end is seen, and until all rows are there.
async (title) => {
  const row = [...document.querySelectorAll(".conversation-row")].find((each) => each.querySelector(".row-name").textContent === title);
  const old = document.querySelector(".rows");
  const began = performance.now();
  const picture = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  row.click();
  const isThere = () => document.querySelector(".rows") !== old && document.querySelector(".rows li[data-key]");
  while (!isThere()) await picture();
  await picture();
  const shown = performance.now() - began;
  for (let count = -1; count !== (count = document.querySelectorAll(".rows li[data-key]").length); ) for (let frame = 0; frame < 6; frame++) await picture();
  const { scrollTop, clientHeight, scrollHeight } = document.querySelector(".scroller");
  return { shown, rows: document.querySelectorAll(".rows li[data-key]").length, below: scrollHeight - clientHeight - scrollTop };
};
