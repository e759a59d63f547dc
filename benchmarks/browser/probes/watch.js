// Measures from now on: tasks of more than 50 ms, and for each key how long it waited for the page and for the next picture (ms).
() => {
  if (window.measured) return Object.assign(window.measured, { tasks: [], waits: [], pictures: [] });
  const measured = (window.measured = { tasks: [], waits: [], pictures: [] });
  new PerformanceObserver((list) => measured.tasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: "longtask" });
  const afterPicture = (act) => requestAnimationFrame(() => setTimeout(act));
  window.addEventListener(
    "keydown",
    ({ timeStamp }) => {
      measured.waits.push(performance.now() - timeStamp);
      afterPicture(() => measured.pictures.push(performance.now() - timeStamp));
    },
    { capture: true },
  );
};
