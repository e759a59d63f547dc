// Times as people say them, in the user's language and time zone. No DOM.
import { signal } from "@preact/signals-core";
import { locale, t } from "../words/index.js";

const LOOK_MS = 20_000;
const made = new Map();
const today = signal(""); // read by what says "today", so that it is said anew after midnight
let clock = Date.now;

/** Call once. @param {() => number} now milliseconds since 1970; this machine's own clock may be wrong */
export function followTime(now) {
  clock = now;
  const look = () => (today.value = new Date(clock()).toDateString());
  look();
  return setInterval(look, LOOK_MS);
}

function present() {
  today.value;
  return clock();
}

function format(options, name) {
  const key = `${locale()} ${name}`;
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale(), options));
  return made.get(key);
}

export const clockOf = (at) => format({ hour: "2-digit", minute: "2-digit" }, "clock").format(new Date(at));
export const preciseOf = (at) => format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, "precise").format(new Date(at));
export const momentOf = (at) => format({ dateStyle: "full", timeStyle: "medium" }, "moment").format(new Date(at));

/** "Today", "Yesterday", "Monday 3 March", with the year when it is another one. */
export function dayOf(at, now = present()) {
  const day = new Date(at);
  const days = daysBetween(day, new Date(now));
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const sameYear = day.getFullYear() === new Date(now).getFullYear();
  const options = { weekday: "long", day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) };
  return format(options, sameYear ? "day" : "day and year").format(day);
}

/** Short, for the list: the time today, "Yesterday", the weekday within a week, then the date. */
export function briefOf(at, now = present()) {
  const days = daysBetween(new Date(at), new Date(now));
  if (days <= 0) return clockOf(at);
  if (days === 1) return t("yesterday");
  if (days < 7) return format({ weekday: "short" }, "weekday").format(new Date(at));
  return format({ day: "numeric", month: "short" }, "date").format(new Date(at));
}

function daysBetween(earlier, later) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}
