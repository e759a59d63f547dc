// Moving from message to message by the keyboard: only one row is in the Tab order, the arrows move it.

const STEPS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };

export function moveFocus(event, rows) {
  if (event.altKey || event.ctrlKey || event.metaKey || !event.target.matches("li[data-key]")) return;
  const next = nextRow(event, rows);
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function nextRow({ key, target }, rows) {
  if (key === "Home") return rows.querySelector("li[data-key]");
  if (key === "End") return rows.lastElementChild;
  const step = STEPS[key];
  const next = step && target[step];
  return next?.matches("li[data-key]") ? next : null;
}
