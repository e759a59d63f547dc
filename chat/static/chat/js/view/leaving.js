// Before the page goes: ask, where what is not sent would go with it.
import { store } from "./page.js";

export function watchLeaving() {
  addEventListener("beforeunload", (event) => {
    if (wouldLose()) event.preventDefault();
  });
}

/** On a disk it is safe; in memory alone it is not. */
const wouldLose = () => store.storageState.value !== "ok" && store.outboxCount.value > 0;
