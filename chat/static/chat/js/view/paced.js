// Something that costs, and needs to be done only so often. No DOM.

/** Runs `task` at once, but never twice within `ms`: a call that comes sooner runs it when the time is over, once. */
export function paced(task, ms) {
  let isResting = false;
  let isWanted = false;
  const run = () => {
    isResting = true;
    isWanted = false;
    setTimeout(rested, ms);
    task();
  };
  const rested = () => {
    isResting = false;
    if (isWanted) run();
  };
  return () => (isResting ? (isWanted = true) : run());
}
