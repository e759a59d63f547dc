// Measures from now on: tasks of more than 50 ms, and how long inputs waited for the page (milliseconds).
() => {
  window.longTasks = [];
  window.inputWaits = [];
  const tasks = (list) => longTasks.push(...list.getEntries().map((each) => each.duration));
  const inputs = (list) => inputWaits.push(...list.getEntries().map((each) => each.processingStart - each.startTime));
  new PerformanceObserver(tasks).observe({ type: "longtask" });
  new PerformanceObserver(inputs).observe({ type: "event", durationThreshold: 16 });
}
