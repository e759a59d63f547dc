// The first row that is seen, by its key, and its height on the screen.
() => {
  const top = document.querySelector(".scroller").getBoundingClientRect().top;
  const rows = [...document.querySelectorAll(".rows > li[data-key]")];
  const row = rows.find((each) => each.getBoundingClientRect().bottom > top);
  return [row.dataset.key, Math.round(row.getBoundingClientRect().top)];
}
